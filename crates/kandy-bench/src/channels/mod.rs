//! Data channels: memory of ten thousand, and how soon a message arrives.
//!
//! ```text
//! client   the process of the client, which holds the channels
//! latency  from sending a message until the inbox yields it
//! rate     messages per second
//! ```
//!
//! Depends on `helper` and `report`. Begin with [`measure`].

mod client;
mod latency;
mod rate;
mod timed_message;

pub use client::run;
use serde::{Deserialize, Serialize};

use crate::{
    BoxError,
    helper::Helper,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit, count},
    stats::quantile,
};

/// The number of channels, each of another user.
const CHANNELS: usize = 10_000;
/// The open files that a process needs besides its channels: connections of calls, of which each side keeps some.
const OTHER_FILES: u64 = 600;
/// The most memory of a channel on one side, in bytes.
const MEMORY: f64 = 16e3;
/// The longest time from sending a message until a pushed inbox yields it, of 99 in 100, in seconds.
const LATENCY: f64 = 0.1;

/// Runs the measurements, with the emulator and the client in a process of its own each.
///
/// # Errors
///
/// When a call fails, or a channel is lost.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Data channels");
    // Half as many in a quick run: with fewer, what is allocated once would count.
    let channels = plan.of(CHANNELS, CHANNELS / 2).min(allowed_channels());
    let name = count(channels as u64);
    progress(format!("{name} data channels"));
    let mut emulator = Helper::itself(["emulator-server"])?;
    let base_url = format!("http://{}/v1.2", emulator.read_line()?);
    let mut client = Helper::itself(["channel-client", &base_url, &channels.to_string()])?;
    client.read_line()?;

    let memory = |client: &Helper, emulator: &Helper| [client.memory(), emulator.memory()];
    let before = memory(&client, &emulator);
    let opened: f64 = client.request("open")?.parse()?;
    let connected = memory(&client, &emulator);
    let delivery: Latencies = serde_json::from_str(&client.request("deliver")?)?;
    let delivered = memory(&client, &emulator);
    for (at, side) in ["client", "emulator"].into_iter().enumerate() {
        let row = Row::new(format!("{name} channels: memory of each, {side}")).target(Target::AtMost(MEMORY));
        let of_each = |name: &str, now: Option<f64>| {
            let more = now.zip(before[at]).map(|(now, before)| (now - before) / channels as f64);
            Figure::new(name, Unit::Bytes, more.into_iter().collect())
        };
        section.add(match before[at] {
            Some(_) => row
                .operands(of_each("connected", connected[at]), of_each("after a message", delivered[at]))
                .figure(of_each("", delivered[at])),
            None => row.unknown("the system does not report it"),
        });
    }
    let seconds = |name: &str, seconds| Figure::new(name, Unit::Seconds, vec![seconds]);
    section.add(Row::new(format!("{name} channels: until all are connected")).figure(seconds("", opened)));
    let row = Row::new(format!("{name} channels: a message to each, from sending to arrival"));
    let row = row.operands(seconds("p50", delivery.p50), seconds("p99", delivery.p99));
    section.add(row.figure(seconds("longest", delivery.longest)));
    section.add(Row::new(format!("{name} channels: until all have arrived")).figure(seconds("", delivery.all)));

    progress("latency of an inbox");
    let during = plan.of(1_200, 400);
    let rounds = alternate(0, plan.rounds(20), &mut ["push", "poll"], |way| {
        let line = client.request(&format!("{way} {during}"))?;
        Ok::<Latencies, BoxError>(serde_json::from_str(&line)?)
    })?;
    for (what, read) in [("p50", (|of| of.p50) as fn(&Latencies) -> f64), ("p99", |of| of.p99)] {
        let [push, poll] = [0, 1].map(|way| rounds[way].iter().map(read).collect::<Vec<_>>());
        let row = Row::new(format!("{} messages/s, sent → yielded by the inbox: {what}", latency::RATE));
        let figure = |name: &str, rounds| Figure::new(name, Unit::Seconds, rounds);
        let row = row.operands(figure("push", push.clone()), figure("poll", poll)).figure(figure("push", push));
        section.add(if what == "p99" { row.target(Target::AtMost(LATENCY)) } else { row });
    }
    rate::measure(plan, &mut section)?;
    Ok(section)
}

/// Returns how many channels the limit of open files allows, which each side has to itself.
fn allowed_channels() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX)
}

/// The times from sending to arrival, in seconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Latencies {
    p50: f64,
    p99: f64,
    longest: f64,
    /// From the first sending to the last arrival.
    all: f64,
}

impl Latencies {
    fn of(mut times: Vec<f64>, all: f64) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |share| quantile(&times, share).unwrap_or_default();
        Self { p50: at(0.5), p99: at(0.99), longest: at(1.0), all }
    }
}
