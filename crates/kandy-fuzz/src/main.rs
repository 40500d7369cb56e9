//! Gives the targets as many inputs as one likes, and says what came of it.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    thread,
    time::Instant,
};

use clap::{Args, Parser, Subcommand};
use kandy_fuzz::{Finding, Reached, TARGETS, Target, run, write_corpus};

/// Gives the decoders and the emulator bad input.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    amount: Amount,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the inputs that others are made from, as cargo-fuzz takes them.
    Corpus {
        /// A folder; each target has one of its own in it.
        folder: PathBuf,
    },
}

#[derive(Args)]
struct Amount {
    /// The name of a target, or `all`.
    #[arg(default_value = "all")]
    target: String,
    /// How many inputs each target is given.
    #[arg(long, default_value_t = 100_000)]
    inputs: u64,
    /// What the inputs follow from. The second thread has the next number, and so on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads share the inputs.
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
    let Amount { target, inputs, seed, threads } = options.amount;
    let targets: Vec<_> = TARGETS.iter().filter(|known| target == "all" || known.name == target).collect();
    if targets.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        writeln!(io::stderr(), "there is no target {target:?}, but: {}", names.join(", "))?;
        return Ok(ExitCode::from(2));
    }
    let mut is_clean = true;
    for target in targets {
        is_clean &= share(target, inputs, seed, threads.max(1))?;
    }
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shares the inputs among threads. Answers whether nothing was found.
fn share(target: &'static Target, inputs: u64, seed: u64, threads: u64) -> io::Result<bool> {
    let begun = Instant::now();
    let outcomes: Vec<Result<Reached, Box<Finding>>> = thread::scope(|scope| {
        let share = |at| inputs / threads + u64::from(at < inputs % threads);
        let running: Vec<_> =
            (0..threads).map(|at| scope.spawn(move || run(target, seed.wrapping_add(at), share(at)))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut all = Reached::default();
    let mut out = io::stdout().lock();
    for outcome in &outcomes {
        match outcome {
            Ok(reached) => {
                all.inputs += reached.inputs;
                all.understood += reached.understood;
            }
            Err(finding) => {
                all.inputs += finding.number;
                writeln!(out, "{finding}")?;
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let findings = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    writeln!(
        out,
        "{:<16} {:>9} inputs, {:>4.1} % understood, {:>7.0} a second, {findings} findings",
        target.name,
        all.inputs,
        all.percent(),
        all.inputs as f64 / seconds,
    )?;
    Ok(findings == 0)
}
