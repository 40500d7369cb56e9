//! The command line: runs targets with random inputs, and prints findings and rates.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    thread,
    time::Instant,
};

use clap::{Args, Parser, Subcommand};
use kandy_fuzz::{Finding, RunStats, TARGETS, Target, run, write_corpus};

/// Fuzz the decoders and the emulator
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunOptions,
}

#[derive(Subcommand)]
enum Command {
    /// Write the seeds in the form that cargo-fuzz reads
    Corpus {
        /// Folder; each target gets a folder below it
        folder: PathBuf,
    },
}

#[derive(Args)]
struct RunOptions {
    /// Name of a target, or `all`
    #[arg(default_value = "all")]
    target: String,
    /// Number of inputs for each target
    #[arg(long, default_value_t = 100_000)]
    inputs: u64,
    /// Seed of the first thread; each further thread adds 1
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of threads
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    if let Some(Command::Corpus { folder }) = options.command {
        let written = write_corpus(&folder, TARGETS)?;
        writeln!(io::stdout(), "{written} inputs in {}", folder.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let RunOptions { target, inputs, seed, threads } = options.run;
    let targets: Vec<_> = TARGETS.iter().filter(|known| target == "all" || known.name == target).collect();
    if targets.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        writeln!(io::stderr(), "there is no target {target:?}, but: {}", names.join(", "))?;
        return Ok(ExitCode::from(2));
    }
    let mut is_clean = true;
    for target in targets {
        is_clean &= run_in_threads(target, inputs, seed, threads.max(1))?;
    }
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Divides the inputs among threads. Returns whether there was no finding.
fn run_in_threads(target: &'static Target, inputs: u64, seed: u64, threads: u64) -> io::Result<bool> {
    let started = Instant::now();
    let outcomes: Vec<Result<RunStats, Box<Finding>>> = thread::scope(|scope| {
        let share = |at| inputs / threads + u64::from(at < inputs % threads);
        let running: Vec<_> =
            (0..threads).map(|at| scope.spawn(move || run(target, seed.wrapping_add(at), share(at)))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut total = RunStats::default();
    let mut out = io::stdout().lock();
    for outcome in &outcomes {
        match outcome {
            Ok(stats) => {
                total.inputs += stats.inputs;
                total.accepted += stats.accepted;
            }
            Err(finding) => {
                total.inputs += finding.number;
                writeln!(out, "{finding}")?;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let findings = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    writeln!(
        out,
        "{:<16} {:>9} inputs, {:>4.1} % accepted, {:>7.0} a second, {findings} findings",
        target.name,
        total.inputs,
        total.percent(),
        total.inputs as f64 / seconds,
    )?;
    Ok(findings == 0)
}
