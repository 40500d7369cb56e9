//! Blocking calls beside asynchronous ones: a GET with a small response on 1 and 32 threads, and the time added to a call.
//!
//! Depends on `client`, `load`, `canned` and `report`. Begin with [`measure`].

use std::{hint::black_box, thread, time::Instant};

use kandy::blocking;
use tokio::runtime::Runtime;

use crate::{
    BoxError,
    canned::Canned,
    client::{self, ClientUnderTest, Kind, USER_API_KEY},
    load::{self, Candidate},
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit},
    stats::median,
};

/// The numbers of threads, and of asynchronous calls in flight beside them.
const THREADS: [usize; 2] = [1, 32];

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Blocking calls");
    let server = Canned::start()?;
    throughput(plan, &server, &mut section)?;
    added_time(plan, &server, &mut section)?;
    Ok(section)
}

/// Creates the blocking client.
fn domain(server: &Canned) -> Result<blocking::Domain, BoxError> {
    let kandy = blocking::Kandy::builder().base_url(server.base_url()).build_blocking()?;
    Ok(kandy.domain("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6", "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958"))
}

/// A way to call.
enum Way {
    Blocking(blocking::Domain),
    Async(Box<dyn Candidate>, Runtime),
}

fn throughput(plan: Plan, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    let mut ways = [
        Way::Blocking(domain(server)?),
        Way::Async(load::candidate(Kind::Kandy, &server.base_url())?, load::runtime()?),
    ];
    for number in THREADS {
        progress(format!("throughput of blocking calls on {number} threads"));
        let mut rounds = alternate(plan.warm_up(), plan.rounds(20), &mut ways, |way| match way {
            Way::Blocking(domain) => on_threads(domain, number, plan),
            Way::Async(client, runtime) => client.throughput(runtime, number, plan.round()),
        })?
        .into_iter();
        let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
        let (blocking, asynchronous) = (figure("blocking"), figure("async"));
        let threads = if number == 1 { "1 thread".to_owned() } else { format!("{number} threads") };
        let what = format!("throughput of a GET: blocking on {threads} / async, {number} in flight");
        section.add(Row::new(what).ratio(blocking, asynchronous));
    }
    Ok(())
}

/// Calls on some threads at once, and returns the calls per second.
fn on_threads(domain: &blocking::Domain, number: usize, plan: Plan) -> Result<f64, BoxError> {
    let (started, during) = (Instant::now(), plan.round());
    let calls = thread::scope(|scope| {
        let threads: Vec<_> = (0..number)
            .map(|_| {
                let domain = domain.clone();
                scope.spawn(move || -> kandy::Result<u64> {
                    let mut calls = 0;
                    while started.elapsed() < during {
                        black_box(domain.user_details(USER_API_KEY).send()?);
                        calls += 1;
                    }
                    Ok(calls)
                })
            })
            .collect();
        let mut calls = 0;
        for thread in threads {
            calls += thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok::<_, BoxError>(calls)
    })?;
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}

/// Compares the median time of a call: a blocking one moves to the thread of its client and back.
fn added_time(plan: Plan, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    progress("added time of a blocking call");
    let (domain, runtime) = (domain(server)?, load::single_thread()?);
    let client = client::Kandy::at(&server.base_url())?;
    let calls = plan.of(1_000, 200);
    let mut rounds = alternate(plan.warm_up(), plan.rounds(30), &mut [true, false], |is_blocking| {
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls {
            let sent = Instant::now();
            match *is_blocking {
                true => drop(black_box(domain.user_details(USER_API_KEY).send()?)),
                false => runtime.block_on(client.get())?,
            }
            times.push(sent.elapsed().as_secs_f64());
        }
        Ok::<_, BoxError>(median(&times))
    })?
    .into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::Seconds, rounds.next().unwrap_or_default());
    let (blocking, asynchronous) = (figure("blocking"), figure("async"));
    section.add(Row::new("added time of a call, p50: blocking − async on one thread").added(blocking, asynchronous));
    Ok(())
}
