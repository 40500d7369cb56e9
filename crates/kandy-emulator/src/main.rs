//! The program `kandy-emulator`: serves until it receives a signal to stop. Depends on `kandy_emulator::command` alone.
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
    match command::serve(arguments, |ready| print(io::stdout(), &ready.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print(io::stderr(), &format!("kandy-emulator: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints lines and flushes. A closed pipe is no error: the emulator serves on without a reader.
fn print(mut to: impl Write, lines: &str) {
    drop(writeln!(to, "{lines}").and_then(|()| to.flush()));
}
