//! The cost of a call per item, from few to many items: it must not grow.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`].

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::{
    BoxError,
    canned::{Canned, Order, Users},
    client,
    plan::{Plan, progress},
    report::{Curve, Section, count},
};

/// Above the size of every list here.
const BODY_LIMIT: usize = 4 * 1024 * 1024 * 1024;

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Cost per item, from few to many");
    let server = Canned::start()?;
    // One thread, because several can divide a call and its connection among them, and then each request wakes a thread: which
    // happens early, late or never in a call, and takes longer than all that could grow.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (order, name) in [(Order::StatusFirst, "status first"), (Order::ResultFirst, "result first")] {
        section.add_curve(lists(plan, &server, &runtime, order, name)?);
    }
    section.add_curve(deletes(plan, &server, &runtime)?);
    Ok(section)
}

/// The number of rounds at each size.
const ROUNDS: usize = 5;

/// Returns the time per item of the fastest round of calls with `n` items each: other programs can only slow a round down.
///
/// A round of any size handles as many items as one call of the `largest`. Of many short rounds, the fastest would be one in
/// which no thread slept, which a long call never is.
fn each(n: usize, largest: usize, mut call: impl FnMut() -> Result<(), BoxError>) -> Result<f64, BoxError> {
    let calls = largest.div_ceil(n);
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for _ in 0..calls {
            call()?;
        }
        fastest = fastest.min(started.elapsed().as_secs_f64() / (calls * n) as f64);
    }
    Ok(fastest)
}

fn lists(plan: Plan, server: &Canned, runtime: &Runtime, order: Order, name: &str) -> Result<Curve, BoxError> {
    let mut curve = Curve::new(format!("users(), {name}, for each user"));
    let sizes = plan.of(&[100, 1_000, 10_000, 100_000, 1_000_000][..], &[100, 1_000, 10_000][..]);
    let largest = sizes.iter().copied().max().unwrap_or_default();
    for n in sizes {
        progress(format!("a list of {} users", count(*n as u64)));
        let base_url = server.base_url_with(Users { order, number: *n });
        let domain = client::Kandy::with_limit(&base_url, Some(BODY_LIMIT))?.domain;
        runtime.block_on(domain.access_token())?;
        let cost = each(*n, largest, || {
            let number = runtime.block_on(domain.users().into_future())?.len();
            if number == *n { Ok(()) } else { Err(format!("{number} users instead of {n}").into()) }
        })?;
        curve.add(*n as u64, cost);
    }
    Ok(curve)
}

fn deletes(plan: Plan, server: &Canned, runtime: &Runtime) -> Result<Curve, BoxError> {
    let mut curve = Curve::new("delete_messages(), for each message");
    let device = client::Kandy::with_limit(&server.base_url(), None)?.device;
    let sizes = plan.of(&[10, 100, 1_000, 10_000, 100_000][..], &[10, 100, 1_000][..]);
    let largest = sizes.iter().copied().max().unwrap_or_default();
    for n in sizes {
        progress(format!("{} deletes", count(*n as u64)));
        let ids: Vec<String> = (0..*n).map(|id| format!("{id:032x}")).collect();
        let cost = each(*n, largest, || {
            let call = device.delete_messages(ids.iter().map(String::as_str));
            Ok(runtime.block_on(call.into_future())?)
        })?;
        curve.add(*n as u64, cost);
    }
    Ok(curve)
}
