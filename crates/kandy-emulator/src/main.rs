//! `kandy-emulator`: serves a local Kandy until it is told to stop.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use kandy_emulator::command::{self, Arguments};

/// A local, stateful emulator of the Kandy REST API.
#[derive(Parser)]
#[command(version)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let Program { arguments } = Program::parse();
    match command::serve(arguments, |ready| say(io::stdout(), &ready.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(io::stderr(), &format!("kandy-emulator: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints lines at once. Nobody may be there to read them, which is no reason to stop.
fn say(mut to: impl Write, lines: &str) {
    drop(writeln!(to, "{lines}").and_then(|()| to.flush()));
}
