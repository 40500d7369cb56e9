//! Ten thousand calls in flight: memory and latency of each.
//!
//! Depends on `client`, `helper`, `canned` and `report`. Begin with [`measure`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{
    BoxError,
    canned::Canned,
    client::{ClientUnderTest, Kind, Visitor},
    helper::{self, Helper},
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit, count},
    stats::quantile,
};

/// The numbers of calls in flight.
const CALLS: usize = 10_000;
/// The clients to compare, without the lower bound: it has no tokens and decodes nothing.
const CLIENTS: [Kind; 3] = [Kind::Kandy, Kind::KandySys, Kind::Reqwest];

/// Runs the measurements, each client of each round in a process of its own.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let calls = plan.of(CALLS, CALLS / 10);
    let mut section = Section::new("10,000 calls in flight");
    let mut server = Canned::start()?;
    progress(format!("{} calls in flight", count(calls as u64)));
    let during = plan.of(Duration::from_millis(1_500), Duration::from_millis(100));
    let rounds = alternate(0, plan.rounds(20), &mut CLIENTS.map(Some), |kind| match kind {
        Some(kind) => round(*kind, &mut server, calls, during),
        None => Err("no client".into()),
    })?;

    let figures = |unit, read: fn(&Round) -> Option<f64>| {
        let mut clients = CLIENTS
            .iter()
            .zip(&rounds)
            .map(|(kind, rounds)| Figure::new(kind.name(), unit, rounds.iter().filter_map(read).collect()));
        let figures: [_; 3] = std::array::from_fn(|_| clients.next().flatten());
        figures
    };
    let most = Target::AtMost(1.1);
    let [kandy, sys, reqwest] = figures(Unit::Bytes, |round| round.memory);
    let row = Row::new("memory per call: kandy / reqwest").target(most);
    section.add(match kandy.is_some() {
        true => row.ratio(kandy, reqwest.clone()),
        false => row.unknown("the system does not report it"),
    });
    section.add(Row::new("memory per call: kandy-sys / reqwest").ratio(sys, reqwest));
    let [kandy, sys, reqwest] = figures(Unit::Seconds, |round| Some(round.latencies.p99));
    section.add(Row::new("p99: kandy / reqwest").ratio(kandy, reqwest.clone()).target(most));
    section.add(Row::new("p99: kandy-sys / reqwest").ratio(sys, reqwest));
    let [kandy, _, reqwest] = figures(Unit::Seconds, |round| Some(round.latencies.p50));
    section.add(Row::new("p50: kandy / reqwest").ratio(kandy, reqwest));
    Ok(section)
}

/// The result of one client in one round.
struct Round {
    /// Bytes per call; none where the system does not report memory.
    memory: Option<f64>,
    latencies: Latencies,
}

/// In seconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Latencies {
    p50: f64,
    p99: f64,
}

fn round(kind: Kind, server: &mut Canned, calls: usize, during: Duration) -> Result<Round, BoxError> {
    let mut client = Helper::itself(["client", kind.name(), &server.base_url(), &calls.to_string()])?;
    client.read_line()?;
    let before = client.memory();
    // The barrier keeps all calls in flight while the memory is read; opening it ends them before the latencies are
    // taken.
    server.hold(calls)?;
    client.send_line("call")?;
    server.wait_for_calls()?;
    let held = client.memory();
    server.go()?;
    client.read_line()?;
    let latencies = serde_json::from_str(&client.request(&during.as_millis().to_string())?)?;
    let memory = held.zip(before).map(|(held, before)| (held - before) / calls as f64);
    Ok(Round { memory, latencies })
}

/// Runs the process of a client: `call` makes all calls once, and a number repeats them for that many
/// milliseconds.
///
/// # Errors
///
/// When a call fails.
pub fn run(kind: Kind, base_url: &str, calls: usize) -> Result<(), BoxError> {
    struct Run<'a>(&'a str, usize);

    impl Visitor for Run<'_> {
        type Output = Result<(), BoxError>;

        fn visit<S: ClientUnderTest>(self) -> Self::Output {
            serve(S::at(self.0)?, self.1)
        }
    }

    drop(rlimit::increase_nofile_limit(u64::MAX));
    kind.visit(Run(base_url, calls))
}

fn serve<S: ClientUnderTest>(client: S, calls: usize) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    // The first call opens the connection and mints the token.
    runtime.block_on(client.get())?;
    helper::print_line("ready")?;
    helper::serve(|line| {
        let during = match line {
            "call" => Duration::ZERO,
            milliseconds => Duration::from_millis(milliseconds.parse()?),
        };
        let latencies = runtime.block_on(all(&client, calls, during))?;
        Ok(Some(serde_json::to_string(&latencies)?))
    })
}

/// Runs a worker for each call in flight. Each calls at least once, and until the time is over.
async fn all<S: ClientUnderTest>(client: &S, calls: usize, during: Duration) -> Result<Latencies, BoxError> {
    let started = Arc::new(Instant::now());
    let mut workers = JoinSet::new();
    for _ in 0..calls {
        let (client, started) = (client.clone(), started.clone());
        workers.spawn(async move {
            let mut times = Vec::new();
            loop {
                let sent = Instant::now();
                client.get().await?;
                times.push(sent.elapsed().as_secs_f64());
                if started.elapsed() >= during {
                    return Ok::<_, BoxError>(times);
                }
            }
        });
    }
    let mut times = Vec::new();
    while let Some(worker) = workers.join_next().await {
        // Skips the first call of each worker, which ran while the others were starting.
        times.extend(worker??.into_iter().skip(usize::from(!during.is_zero())));
    }
    times.sort_by(f64::total_cmp);
    let at = |share| quantile(&times, share).unwrap_or_default();
    Ok(Latencies { p50: at(0.5), p99: at(0.99) })
}
