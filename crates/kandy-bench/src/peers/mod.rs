//! `kandy` beside other clients that a user could take: the same call to the same server, from a process of its own each.
//!
//! Depends on `canned`, `helper`, `dependants` and `report`. Begin with [`measure`].

mod peer;
mod rust_program;
mod script;
mod versions;

use std::time::Duration;

use self::{
    peer::{Kind, Outcome, Peer},
    rust_program::{BLOCKING, KANDY, Load, OCTOCRAB, OXIDE, REQWEST, UREQ},
};
use crate::{
    BoxError,
    canned::Canned,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit, count},
};

/// The clients. All others are compared with the first.
const KINDS: [Kind; 8] = [
    Kind::Rust(KANDY),
    Kind::Rust(REQWEST),
    Kind::Rust(OCTOCRAB),
    Kind::Rust(OXIDE),
    Kind::Rust(BLOCKING),
    Kind::Rust(UREQ),
    Kind::Python,
    Kind::Node,
];

/// The numbers of calls in flight of a throughput.
const IN_FLIGHT: [usize; 2] = [1, 32];
/// The number of calls in flight whose memory is measured.
const CALLS: usize = 10_000;
/// The number of threads, for a client that needs one for each call.
const THREADS: usize = 1_000;

/// Runs the measurements of this part.
///
/// # Errors
///
/// When `kandy` cannot be built or fails. Another client that cannot be measured has a row with the reason.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let mut section = Section::new("Beside other clients");
    let mut peers = Vec::new();
    for kind in KINDS {
        match Peer::prepare(kind, plan.quick) {
            Ok(peer) => peers.push(peer),
            Err(error) if peers.is_empty() => return Err(error),
            Err(error) => section.add(Row::new(kind.name()).unknown(first_line(&*error))),
        }
    }
    let server = Canned::start()?;
    for in_flight in IN_FLIGHT {
        throughput(plan, &server, &mut peers, in_flight, &mut section)?;
    }
    memory(plan, &mut peers, &mut section)?;
    progress("start-up of all clients");
    let rounds = rounds(plan.of((2, 20), (1, 3)), &mut peers, |peer| peer.start_up(&server))?;
    add(&mut section, &peers, Unit::Seconds, &rounds, |_| "process start to first response".to_owned());
    let sizes: Vec<_> = peers.iter().map(|peer| vec![Ok(peer.size)]).collect();
    add(&mut section, &peers, Unit::Bytes, &sizes, |peer| match peer.kind {
        Kind::Rust(_) => "size, stripped".to_owned(),
        Kind::Python | Kind::Node => "size (packages alone; the runtime is on top)".to_owned(),
    });
    Ok(section)
}

fn throughput(
    plan: Plan,
    server: &Canned,
    peers: &mut [Peer],
    in_flight: usize,
    section: &mut Section,
) -> Result<(), BoxError> {
    progress(format!("throughput of all clients, {in_flight} in flight"));
    let during = plan.of(Duration::from_millis(500), Duration::from_millis(150));
    let outcomes = rounds(plan.of((1, 15), (0, 3)), peers, |peer| peer.throughput(server, in_flight, during))?;
    let read = |read: fn(Outcome) -> f64| -> Vec<Rounds<f64>> {
        let of_peer = |rounds: &Rounds<Outcome>| rounds.iter().map(|round| round.clone().map(read)).collect();
        outcomes.iter().map(of_peer).collect()
    };
    let title = |what: &str| format!("{what}, {in_flight} in flight");
    add(section, peers, Unit::PerSecond, &read(Outcome::per_second), |_| title("throughput"));
    add(section, peers, Unit::Seconds, &read(Outcome::cpu_per_call), |_| title("CPU time of a call"));
    Ok(())
}

fn memory(plan: Plan, peers: &mut [Peer], section: &mut Section) -> Result<(), BoxError> {
    progress("memory of calls in flight of all clients");
    let calls = |load| match load {
        Load::Tasks => plan.of(CALLS, CALLS / 10),
        Load::Threads => plan.of(THREADS, THREADS / 10),
    };
    let measured = rounds(plan.of((0, 5), (0, 2)), peers, |peer| Ok(peer.memory(calls(peer.load))? * CALLS as f64))?;
    add(section, peers, Unit::Bytes, &measured, |peer| {
        let title = format!("memory of {} calls in flight", count(CALLS as u64));
        match (calls(peer.load), peer.load) {
            (CALLS, _) => title,
            (calls, Load::Tasks) => format!("{title} (from {})", count(calls as u64)),
            (calls, Load::Threads) => format!("{title} (from {} threads)", count(calls as u64)),
        }
    });
    Ok(())
}

/// The rounds of a client; a reason for a round that failed.
type Rounds<T> = Vec<Result<T, String>>;

/// Measures in turns. After its first failure a client is not started again.
fn rounds<T: Clone>(
    (warm_up, number): (usize, usize),
    peers: &mut [Peer],
    mut measure: impl FnMut(&Peer) -> Result<T, BoxError>,
) -> Result<Vec<Rounds<T>>, BoxError> {
    let mut clients: Vec<_> = peers.iter().map(|peer| (peer, None::<String>)).collect();
    alternate(warm_up, number, &mut clients, |(peer, failure)| {
        if let Some(failure) = failure {
            return Ok(Err(failure.clone()));
        }
        Ok(measure(peer).map_err(|error| failure.insert(first_line(&*error)).clone()))
    })
}

/// Adds a row for each client beside the first.
fn add(section: &mut Section, peers: &[Peer], unit: Unit, measured: &[Rounds<f64>], title: impl Fn(&Peer) -> String) {
    let figure = |at: usize| {
        let rounds: Result<Vec<f64>, String> = measured[at].iter().cloned().collect();
        rounds.map(|rounds| Figure::new(peers[at].kind.name(), unit, rounds))
    };
    for (at, peer) in peers.iter().enumerate().skip(1) {
        let row = Row::new(format!("{}: kandy / {}", title(peer), peer.kind.name()));
        section.add(match (figure(0), figure(at)) {
            // Nothing is installed, so there is no ratio.
            (Ok(kandy), Ok(Some(other))) if other.median() == 0.0 => row.operands(kandy, None).figure(Some(other)),
            (Ok(kandy), Ok(other)) => row.ratio(kandy, other),
            (Err(why), _) | (_, Err(why)) => row.unknown(why),
        });
    }
}

fn first_line(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    // A failed build has its reason in the first line that begins with "error".
    let line = text.lines().find(|line| line.contains("error")).or_else(|| text.lines().next());
    line.unwrap_or_default().trim().to_owned()
}
