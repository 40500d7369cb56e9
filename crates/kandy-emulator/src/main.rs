//! The program `kandy-emulator`: serves until it receives a signal to stop. Depends on `kandy_emulator::command` alone.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use kandy_emulator::command::{self, Arguments, Environment};

/// A local, stateful emulator of the Kandy REST API.
#[derive(Parser)]
#[command(version)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let Program { arguments } = Program::parse();
    let ended = match arguments.env() {
        true => Environment::of(&arguments).map(|environment| print_environment(&environment)),
        false => command::serve(arguments, |ready| print(io::stdout(), &ready.to_string())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print(io::stderr(), &format!("kandy-emulator: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn print_environment(environment: &Environment) {
    print(io::stdout(), &environment.to_string());
    if environment.lacks_account() {
        print(io::stderr(), &format!("kandy-emulator: {}", Environment::ACCOUNT_IS_MISSING));
    }
}

/// Prints lines and flushes. A closed pipe is no error: the emulator serves on without a reader.
fn print(mut to: impl Write, lines: &str) {
    drop(writeln!(to, "{lines}").and_then(|()| to.flush()));
}
