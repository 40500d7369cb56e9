//! Bulk work: creating users and sending SMS with the bulk call of `kandy`, and with a handwritten loop over the
//! generated calls.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`].

use std::time::Instant;

use futures_util::{StreamExt, stream};
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
    let number = plan.of(20_000, 2_000);
    for concurrency in CONCURRENCY {
        progress(format!("bulk, {concurrency} in flight"));
        for (what, is_sms) in [("create_users", false), ("send_many_sms", true)] {
            let mut ways = [true, false];
            let mut rounds = alternate(1, plan.of(11, 3), &mut ways, |is_bulk| {
                let started = Instant::now();
                match (*is_bulk, is_sms) {
                    (true, false) => create(&runtime, &kandy, number, concurrency)?,
                    (true, true) => send(&runtime, &kandy, number, concurrency)?,
                    (false, _) => by_hand(&runtime, &sys, number, concurrency, is_sms)?,
                }
                Ok::<_, BoxError>(number as f64 / started.elapsed().as_secs_f64())
            })?
            .into_iter();
            let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
            let (bulk, by_hand) = (figure("kandy"), figure("by hand"));
            section.add(
                Row::new(format!("{what} / handwritten loop, {concurrency} in flight"))
                    .ratio(bulk, by_hand)
                    .target(Target::AtLeast(0.95)),
            );
        }
    }
    Ok(section)
}

fn create(runtime: &Runtime, kandy: &client::Kandy, number: usize, concurrency: usize) -> Result<(), BoxError> {
    let domain = kandy.domain.clone();
    let task = runtime.spawn(async move {
        let users =
            (0..number).map(|n| kandy::NewUser::new(format!("user{n}")).country_code("US").email("russ@example.com"));
        let mut outcomes = domain.create_users(users).concurrency(concurrency);
        let mut done = 0;
        while let Some(outcome) = outcomes.next().await {
            done += usize::from(std::hint::black_box(outcome).result.is_ok());
        }
        done
    });
    complete(runtime.block_on(task)?, number)
}

fn send(runtime: &Runtime, kandy: &client::Kandy, number: usize, concurrency: usize) -> Result<(), BoxError> {
    let device = kandy.device.clone();
    let task = runtime.spawn(async move {
        let messages = (0..number).map(|_| kandy::Sms::new("+12245556666", "Hello from Kandy!").from("+11234567890"));
        let mut outcomes = device.send_many_sms(messages).concurrency(concurrency);
        let mut done = 0;
        while let Some(outcome) = outcomes.next().await {
            done += usize::from(std::hint::black_box(outcome).result.is_ok());
        }
        done
    });
    complete(runtime.block_on(task)?, number)
}

/// The handwritten loop.
fn by_hand(
    runtime: &Runtime,
    sys: &client::Sys,
    number: usize,
    concurrency: usize,
    is_sms: bool,
) -> Result<(), BoxError> {
    let sys = sys.clone();
    let task = runtime.spawn(async move {
        let calls = stream::iter(0..number).map(|n| {
            let sys = sys.clone();
            async move {
                match is_sms {
                    true => sys.sms().await,
                    false => sys.create(&format!("user{n}")).await,
                }
            }
        });
        let outcomes = calls.buffer_unordered(concurrency);
        outcomes.fold(0, async |done, outcome| done + usize::from(outcome.is_ok())).await
    });
    complete(runtime.block_on(task)?, number)
}

fn complete(done: usize, number: usize) -> Result<(), BoxError> {
    if done == number { Ok(()) } else { Err(format!("only {done} of {number} were done").into()) }
}
