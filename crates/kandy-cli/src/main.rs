//! The command `kandy`.
//!
//! ```text
//! arguments, command   the command line, parsed by clap
//! context              settings, credentials (credential), one client
//! call, bulk           one call; a call for each row of a file
//! output, terminal     everything that is printed
//! failure              exit codes and messages of errors
//! ```
//!
//! Begin with [`start`]; a command is one file in `command`.
#![forbid(unsafe_code)]

mod arguments;
mod bulk;
mod ca_file;
mod cache;
mod call;
mod command;
mod confirm;
mod context;
mod credential;
mod device_name;
mod dry_run;
mod environment;
mod eprint;
mod failure;
mod formula;
mod full_user_id;
mod id_completion;
mod interrupt;
mod output;
mod private_file;
mod queue;
mod shell;
mod signal;
mod stdin;
mod suggest;
mod terminal;
mod verbose;

use std::{cell::OnceCell, ffi::OsString, process::ExitCode, rc::Rc};

use clap_complete::CompleteEnv;

use command::Arguments;
use context::Context;
use failure::Failure;
use output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // When a shell requests completions, print them and exit.
    CompleteEnv::with_factory(|| id_completion::with_ids(command::definition())).bin("kandy").complete();
    match start(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Parses the command line and runs the command.
fn start(line: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let arguments = command::parse(line)?;
    if let command::Command::Emulator(emulator) = arguments.command {
        // The emulator has a runtime of its own.
        return emulator.run(&arguments.global);
    }
    // Few threads: an import is bound by the service, and each thread costs start-up time.
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_WORKERS));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::local(format!("cannot start the async runtime: {error}")))?;
    verbose::listen(arguments.global.verbose);
    let ended = runtime.block_on(async {
        let output = Rc::new(Output::new(&arguments.global)?);
        let context = OnceCell::new();
        let handles_signals = arguments.command.handles_signals();
        let ended = tokio::select! {
            // Listen for signals before the command sends anything, so that one is never killed without a message.
            biased;
            failure = signal::first(INTERRUPTED), if !handles_signals => Err(match context.get() {
                Some(context) => context.interrupted(failure),
                None => failure,
            }),
            ended = run(arguments, &output, &context) => ended,
        };
        output.end(ended)
    });
    // Threads that block on a terminal or a keyring are not joined.
    runtime.shutdown_background();
    ended
}

/// Runs the command; its settings are read only if it needs them.
async fn run(arguments: Arguments, output: &Rc<Output>, context: &OnceCell<Context>) -> Result<(), Failure> {
    let Some(command) = arguments.command.run_without_settings(output)? else { return Ok(()) };
    let created = Context::new(arguments.global, Rc::clone(output))?;
    command.run(context.get_or_init(|| created)).await
}

/// The message of commands that have nothing to clean up.
const INTERRUPTED: &str = "interrupted; the operation may have been applied";

/// More threads have nothing to do, even in an import.
const MAX_WORKERS: usize = 4;
