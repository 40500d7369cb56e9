//! Bulk work: creating users and sending SMS with the bulk call of `kandy`, and with a handwritten loop over the
//! generated calls.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`].

use std::time::Instant;

use tokio::runtime::Runtime;

use crate::{
    BoxError,
    canned::Canned,
    client::{self, ClientUnderTest},
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// The numbers of calls in flight.
const CONCURRENCY: [usize; 2] = [32, 256];

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Bulk");
    let server = Canned::start()?;
    let runtime = load::runtime()?;
    let kandy = client::Kandy::at(&server.base_url())?;
    let sys = client::Sys::at(&server.base_url())?;
    let number = plan.of(10_000, 1_000);
    for concurrency in CONCURRENCY {
        progress(format!("bulk, {concurrency} in flight"));
        for (what, is_sms) in [("create_users", false), ("send_many_sms", true)] {
            let mut ways = [true, false];
            let mut rounds = alternate(plan.warm_up(), plan.rounds(30), &mut ways, |is_bulk| {
                let started = Instant::now();
                match is_bulk {
                    true => run(&runtime, &kandy, number, concurrency, is_sms)?,
                    false => run(&runtime, &sys, number, concurrency, is_sms)?,
                }
                Ok::<_, BoxError>(number as f64 / started.elapsed().as_secs_f64())
            })?
            .into_iter();
            let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
            let (bulk, by_hand) = (figure("kandy"), figure("by hand"));
            section.add(
                Row::new(format!("{what} / handwritten loop, {concurrency} in flight"))
                    .ratio(bulk, by_hand)
                    .target(Target::AtLeast(0.97)),
            );
        }
    }
    Ok(section)
}

fn run<S: ClientUnderTest>(
    runtime: &Runtime,
    client: &S,
    number: usize,
    concurrency: usize,
    is_sms: bool,
) -> Result<(), BoxError> {
    let client = client.clone();
    // On a worker thread, as in most programs.
    let task = runtime.spawn(async move {
        match is_sms {
            true => client.sms_many(number, concurrency).await,
            false => client.create_many(number, concurrency).await,
        }
    });
    complete(runtime.block_on(task)?, number)
}

/// Fails unless all were done.
fn complete(done: usize, number: usize) -> Result<(), BoxError> {
    if done == number { Ok(()) } else { Err(format!("only {done} of {number} were done").into()) }
}
