//! `kandy`: the Kandy communications platform from a terminal.
#![forbid(unsafe_code)]

mod arguments;
mod bulk;
mod call;
mod command;
mod context;
mod credential;
mod dry_run;
mod eprint;
mod failure;
mod interrupt;
mod output;
mod private_file;
mod shell;
mod signal;
mod stdin;
mod suggest;
mod terminal;
mod verbose;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory, FromArgMatches};
use clap_complete::CompleteEnv;

use command::Arguments;
use context::Context;
use failure::Failure;

fn main() -> ExitCode {
    // Where a shell asks for completions, that is all that is done.
    CompleteEnv::with_factory(Arguments::command).bin("kandy").complete();
    match start(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// Reads the command line, and does what it says.
fn start(line: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let matches = Arguments::command().styles(terminal::styles()).try_get_matches_from(line)?;
    let arguments = Arguments::from_arg_matches(&matches)?;
    if let command::Command::Emulator(emulator) = arguments.command {
        // It has a runtime of its own, which writes its log when it has nothing else to do.
        return emulator.run(&arguments.global);
    }
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_WORKERS));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::local(format!("cannot start the async runtime: {error}")))?;
    verbose::listen(arguments.global.verbose);
    let ended = runtime.block_on(async {
        let context = Context::new(arguments.global)?;
        let sees_to_interrupts = arguments.command.sees_to_interrupts();
        let ended = tokio::select! {
            // Signals are caught before the command sends anything: one that ends the process says nothing of it.
            biased;
            failure = signal::first(INTERRUPTED), if !sees_to_interrupts => Err(failure),
            ended = arguments.command.run(&context) => ended,
        };
        context.output.end(ended)
    });
    // Whoever still reads from a terminal or waits for a keyring is not waited for.
    runtime.shutdown_background();
    ended
}

/// What a command that has nothing to put in order says of Ctrl-C.
const INTERRUPTED: &str = "interrupted; the operation may have been applied";

/// More threads than this have nothing to do, even in an import.
const MOST_WORKERS: usize = 4;
