//! `kandy emulator`: runs the local emulator.

use std::io::{self, Write};

use clap::Args;
use kandy_emulator::command::{self, Environment, Ready};

use crate::{
    arguments::Global,
    eprint::eprint,
    failure::{Failure, Result},
    shell::word,
    terminal::Printer,
};

/// Run a local emulator of the Kandy service until Ctrl-C
#[derive(Args)]
#[command(after_help = "Example:
  kandy emulator --seed seed.json
  eval \"$(kandy emulator --env)\"    # in another terminal
The seed file is JSON:
  {\"domains\": [{\"name\": \"example.com\", \"users\": [{\"user_id\": \"russ\", \"country_code\": \"US\"}]}]}")]
pub(crate) struct Emulator {
    #[command(flatten)]
    arguments: command::Arguments,
}

impl Emulator {
    /// Runs the emulator: prints its address to stdout once it listens, and requests to stderr.
    pub(crate) fn run(self, global: &Global) -> Result {
        if global.dry_run {
            return Err(Failure::usage("--dry-run: not supported, because the emulator sends no requests"));
        }
        let is_json = global.json.is_some();
        if self.arguments.env() {
            return environment(&self.arguments, is_json);
        }
        let served = command::serve(self.arguments, |ready| {
            // A closed stdout is ignored.
            drop(announce(&mut Printer::of_stdout(), ready, is_json));
        });
        served.map_err(|error| match error.is_seed() {
            true => Failure::usage(error.to_string()),
            false => Failure::local(error.to_string()),
        })
    }
}

/// Prints the variables for clients of an emulator that listens already.
fn environment(arguments: &command::Arguments, is_json: bool) -> Result {
    let environment = Environment::of(arguments).map_err(|error| Failure::local(error.to_string()))?;
    let mut to = Printer::of_stdout();
    match is_json {
        true => to.json(&environment, false)?,
        false => write!(to, "{environment}")?,
    }
    writeln!(to)?;
    to.flush()?;
    if environment.lacks_account() {
        eprint(Environment::ACCOUNT_IS_MISSING);
    }
    if std::env::var_os("KANDY_PROFILE").is_some_and(|name| !name.is_empty()) {
        eprint("KANDY_PROFILE is set and takes precedence over these variables; to use the emulator, unset it");
    }
    Ok(())
}

fn announce(to: &mut Printer<impl Write>, ready: &Ready, is_json: bool) -> io::Result<()> {
    if is_json {
        to.json(ready, false)?;
        writeln!(to)?;
        return to.flush();
    }
    writeln!(to, "{ready}")?;
    // The lines for domains include these variables.
    if ready.domains().is_empty() {
        writeln!(to, "For the clients:")?;
        for (name, value) in ready.environment() {
            writeln!(to, "export {name}={}", word(&value))?;
        }
    }
    to.flush()
}
