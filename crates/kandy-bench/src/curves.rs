//! The cost of a call per item, from few to many items: it must not grow.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`].

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::{
    BoxError,
    canned::{Canned, Order, Users},
    client, load,
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
    let runtime = load::runtime()?;
    for (order, name) in [(Order::StatusFirst, "status first"), (Order::ResultFirst, "result first")] {
        section.add_curve(lists(plan, &server, &runtime, order, name)?);
    }
    section.add_curve(deletes(plan, &server, &runtime)?);
    Ok(section)
}

/// Returns the time per item of the fastest of some calls: other programs can only slow a call down.
fn each(rounds: usize, n: usize, mut call: impl FnMut() -> Result<(), BoxError>) -> Result<f64, BoxError> {
    let mut fastest = f64::INFINITY;
    for _ in 0..rounds {
        let started = Instant::now();
        call()?;
        fastest = fastest.min(started.elapsed().as_secs_f64() / n as f64);
    }
    Ok(fastest)
}

fn lists(plan: Plan, server: &Canned, runtime: &Runtime, order: Order, name: &str) -> Result<Curve, BoxError> {
    let mut curve = Curve::new(format!("users(), {name}, for each user"));
    for n in plan.of(&[100, 1_000, 10_000, 100_000, 1_000_000][..], &[100, 1_000, 10_000][..]) {
        progress(format!("a list of {} users", count(*n as u64)));
        let base_url = server.base_url_with(Users { order, number: *n });
        let domain = client::Kandy::with_limit(&base_url, Some(BODY_LIMIT))?.domain;
        runtime.block_on(domain.access_token())?;
        let rounds = (100_000 / n).clamp(5, 100);
        let cost = each(rounds, *n, || {
            let domain = domain.clone();
            let task = runtime.spawn(async move { domain.users().await.map(|users| users.len()) });
            let number = runtime.block_on(task)??;
            if number == *n { Ok(()) } else { Err(format!("{number} users instead of {n}").into()) }
        })?;
        curve.add(*n as u64, cost);
    }
    Ok(curve)
}

fn deletes(plan: Plan, server: &Canned, runtime: &Runtime) -> Result<Curve, BoxError> {
    let mut curve = Curve::new("delete_messages(), for each message");
    let device = client::Kandy::with_limit(&server.base_url(), None)?.device;
    for n in plan.of(&[10, 100, 1_000, 10_000, 100_000][..], &[10, 100, 1_000][..]) {
        progress(format!("{} deletes", count(*n as u64)));
        let ids: Vec<String> = (0..*n).map(|id| format!("{id:032x}")).collect();
        let rounds = (20_000 / n).clamp(5, 200);
        let cost = each(rounds, *n, || {
            let call = device.delete_messages(ids.iter().map(String::as_str));
            Ok(runtime.block_on(runtime.spawn(call.into_future()))??)
        })?;
        curve.add(*n as u64, cost);
    }
    Ok(curve)
}
