//! `kandy-bench`: measures, and compares the results with their targets.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};
use kandy_bench::{
    BoxError, blocking, bulk, canned, channels,
    client::Kind,
    counts, curves, dependants,
    docs::{self, Scope},
    emulator, forward, get, import, inflight, inspector, list, peers,
    plan::{Plan, progress},
    queue, rate,
    report::{Machine, Report, Row, Section},
    suite,
};

/// Measure kandy beside handwritten code, and the emulator beside a bare server
///
/// The clients of a comparison are measured in turns. Without a command all parts are measured, which takes about two hours;
/// with `--quick` five minutes.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// Run few and short rounds, to check that everything works; the figures are rough
    #[arg(long, global = true)]
    quick: bool,
    /// File for the figures, with every round (default: target/bench/report.json)
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the tables into docs/performance.md
    #[arg(long, global = true)]
    docs: bool,
}

#[derive(Clone, Subcommand)]
enum Command {
    /// A GET with a small response: throughput and added time
    Get,
    /// A list of 100,000 users, as a whole and as a stream
    List,
    /// 10,000 calls in flight: memory and latency
    Inflight,
    /// 10,000 data channels: memory and latency
    Channels,
    /// Bulk creation of users and bulk SMS
    Bulk,
    /// Blocking calls beside asynchronous ones: throughput and added time
    Blocking,
    /// Messages that `kandy message watch --forward-to` delivers to a web service
    Forward,
    /// The events of the emulator: how many a reader receives, and what reading costs
    Inspector,
    /// Rate limits: how exactly a rate is held, and what a service refuses that allows fewer
    Rate,
    /// SMS through an outbox on Redis and on a file, beside a plain loop of calls
    Queue,
    /// An import of users by the command, beside the SDK alone
    Import,
    /// Build time, crates and size of a program that depends on kandy
    Dependants,
    /// kandy beside other clients: reqwest, octocrab, oxide, ureq, Python requests, Node.js fetch
    Peers,
    /// How long the tests take, warm and from nothing, and `.ci/run`: about 50 minutes
    Suite,
    /// The emulator: speed, start, and a million users, domains and devices
    Emulator,
    /// The state of an emulator with a million users: written and loaded, and the latency meanwhile
    State,
    /// Cost of a call per item, from few to many
    Curves,
    /// Allocations and instructions of a call
    Counts {
        /// Measure the committed counts only, and fail when a call allocates more often
        #[arg(long, conflicts_with = "write")]
        check: bool,
        /// Measure the committed counts only, and write them to counts.json
        #[arg(long)]
        write: bool,
        /// Use the counting binary that is built beside this one, instead of building it for release
        #[arg(long, requires = "check")]
        built: bool,
    },
    /// Draw the plots in docs/performance again, from the figures of the last run or of --json FILE
    Plots,
    #[command(hide = true)]
    Canned,
    #[command(hide = true)]
    Client { kind: Kind, base_url: String, calls: usize },
    #[command(hide = true)]
    Bare { length: usize, headers: usize },
    #[command(hide = true)]
    EmulatorServer {
        #[arg(long)]
        state: Option<PathBuf>,
    },
    #[command(hide = true)]
    ChannelClient { base_url: String, channels: usize },
    #[command(hide = true)]
    EventReader { address: SocketAddr },
    #[command(hide = true)]
    HookReceiver,
    #[command(hide = true)]
    ImportSdk { base_url: String, list: PathBuf, concurrency: usize },
    #[command(hide = true)]
    Stream { base_url: String },
    #[command(hide = true)]
    QueueStore { kind: String, place: String, name: Option<String> },
    #[command(hide = true)]
    QueueWorker { base_url: String, token: String, device: String, concurrency: usize },
}

/// Measures one section.
type Measure = fn(Plan) -> Result<Section, BoxError>;

/// All sections by the name of the command, in the order of the report.
const SECTIONS: [(&str, Measure); 21] = [
    ("get", get::measure),
    ("counts", counts::measure),
    ("list", list::measure),
    ("inflight", inflight::measure),
    ("channels", channels::measure),
    ("bulk", bulk::measure),
    ("blocking", blocking::measure),
    ("rate", rate::measure),
    ("queue", queue::measure),
    ("forward", forward::measure),
    ("import", import::measure),
    ("curves", curves::measure),
    ("emulator", emulator::speed),
    ("emulator", emulator::users),
    ("emulator", emulator::domains),
    ("emulator", emulator::devices),
    ("state", emulator::state),
    ("inspector", inspector::measure),
    ("dependants", dependants::measure),
    ("peers", peers::measure),
    ("suite", suite::measure),
];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            print(io::stderr(), &format!("kandy-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs the command, and returns whether everything was measured. A missed target is no error: it is a
/// result.
fn run(options: &Options) -> Result<bool, BoxError> {
    let only = match &options.command {
        None => None,
        Some(Command::Get) => Some("get"),
        Some(Command::List) => Some("list"),
        Some(Command::Inflight) => Some("inflight"),
        Some(Command::Channels) => Some("channels"),
        Some(Command::Bulk) => Some("bulk"),
        Some(Command::Blocking) => Some("blocking"),
        Some(Command::Forward) => Some("forward"),
        Some(Command::Inspector) => Some("inspector"),
        Some(Command::Rate) => Some("rate"),
        Some(Command::Queue) => Some("queue"),
        Some(Command::Import) => Some("import"),
        Some(Command::Dependants) => Some("dependants"),
        Some(Command::Peers) => Some("peers"),
        Some(Command::Suite) => Some("suite"),
        Some(Command::Emulator) => Some("emulator"),
        Some(Command::State) => Some("state"),
        Some(Command::Curves) => Some("curves"),
        Some(Command::Counts { check: true, built, .. }) => return counts::check(*built),
        Some(Command::Counts { write: true, .. }) => return counts::write().map(|()| true),
        Some(Command::Counts { .. }) => Some("counts"),
        Some(Command::Plots) => return redraw(options).map(|()| true),
        Some(Command::Canned) => return canned::run().map(|()| true),
        Some(Command::Client { kind, base_url, calls }) => {
            return inflight::run(*kind, base_url, *calls).map(|()| true);
        }
        Some(Command::Bare { length, headers }) => return emulator::run_bare(*length, *headers).map(|()| true),
        Some(Command::EmulatorServer { state }) => return emulator::run(state.as_deref()).map(|()| true),
        Some(Command::ChannelClient { base_url, channels }) => {
            return channels::run(base_url, *channels).map(|()| true);
        }
        Some(Command::QueueStore { kind, place, name }) => {
            return queue::run_store(kind, place, name.as_deref()).map(|()| true);
        }
        Some(Command::QueueWorker { base_url, token, device, concurrency }) => {
            return queue::run_worker(base_url, token, device, *concurrency).map(|()| true);
        }
        Some(Command::EventReader { address }) => return inspector::run_reader(*address).map(|()| true),
        Some(Command::HookReceiver) => return forward::run_receiver().map(|()| true),
        Some(Command::ImportSdk { base_url, list, concurrency }) => {
            return import::run_sdk(base_url, list, *concurrency).map(|()| true);
        }
        Some(Command::Stream { base_url }) => return list::stream::run(base_url).map(|()| true),
    };
    measure(options, only)
}

fn measure(options: &Options, only: Option<&str>) -> Result<bool, BoxError> {
    let plan = Plan { quick: options.quick };
    let mut report = Report { machine: Machine::this(), quick: options.quick, sections: Vec::new() };
    let (mut is_ok, mut times) = (true, Vec::new());
    for (name, measure) in SECTIONS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        let begun = Instant::now();
        let section = measure(plan).unwrap_or_else(|error| {
            // Continue with the other parts.
            is_ok = false;
            let mut section = Section::new(format!("Not measured: {name}"));
            section.add(Row::new(*name).unknown(error.to_string()));
            section
        });
        print(io::stdout(), &section.text());
        times.push((section.title().to_owned(), begun.elapsed()));
        report.sections.push(section);
    }
    for (title, time) in &times {
        progress(format!("{:7.1} s  {title}", time.as_secs_f64()));
    }
    let all: Duration = times.iter().map(|(_, time)| *time).sum();
    progress(format!("{:7.1} s  in all", all.as_secs_f64()));
    print(io::stdout(), &format!("\n{}; on {}", report.tally(), report.machine));
    let json = json(options)?;
    if let Some(folder) = json.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&json, serde_json::to_string_pretty(&report)?)?;
    // A part that fails keeps its last figures, unless all are replaced.
    if options.docs && (is_ok || only.is_none()) {
        docs::write(&report, if only.is_none() { Scope::All } else { Scope::Some })?;
    }
    Ok(is_ok)
}

/// Returns the file of the figures.
fn json(options: &Options) -> Result<PathBuf, BoxError> {
    options.json.clone().map_or_else(|| Ok(dependants::output()?.join("report.json")), Ok)
}

/// Draws the plots from the file of the figures.
fn redraw(options: &Options) -> Result<(), BoxError> {
    let json = json(options)?;
    let text = std::fs::read_to_string(&json).map_err(|error| format!("{}: {error}", json.display()))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", json.display()))?;
    docs::write_plots(&report, Scope::Some)
}

/// Prints lines and flushes. Ignores a closed pipe: the measurement continues without a reader.
fn print(mut to: impl Write, lines: &str) {
    drop(writeln!(to, "{lines}").and_then(|()| to.flush()));
}
