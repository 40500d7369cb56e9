//! The definition of the command line: what clap derives, with aliases and the variables of options.

use clap::{Arg, Command};
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use super::docs;
use crate::environment::{self, Variable};

/// Aliases of verbs, in every group that has the verb.
const ALIASES: [(&str, &str); 4] = [("list", "ls"), ("delete", "rm"), ("remove", "rm"), ("show", "get")];

/// Returns the definition of the whole command line.
pub(super) fn complete(derived: Command) -> Command {
    let variables: Vec<_> =
        environment::variables().into_iter().filter(|variable| !variable.option.is_empty()).collect();
    let names: Vec<_> = derived.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    // `kandy help` completes the names of commands and topics.
    let names: Vec<_> = names.into_iter().chain(docs::names().map(str::to_owned)).collect();
    with_aliases(derived, &variables).mut_subcommand("help", |help| {
        help.mut_arg("path", |path| {
            path.add(ArgValueCandidates::new(move || names.iter().map(CompletionCandidate::new).collect()))
        })
    })
}

fn with_aliases(command: Command, variables: &[Variable]) -> Command {
    let alias = ALIASES.iter().find(|(verb, _)| *verb == command.get_name()).map(|(_, alias)| *alias);
    let command = command
        .mut_args(|arg| with_variable(arg, variables))
        .mut_subcommands(|subcommand| with_aliases(subcommand, variables));
    // Of a verb only; no group has the name of one.
    match alias {
        Some(alias) => command.visible_alias(alias),
        None => command,
    }
}

/// Adds the variable of an option to its help, as clap does. Clap must not read it: it would take its value for that of the
/// option, which decides where credentials may be sent.
fn with_variable(arg: Arg, variables: &[Variable]) -> Arg {
    let is_same = |variable: &&Variable| arg.get_long() == Some(variable.option) && !arg.is_positional();
    let Some(variable) = variables.iter().find(is_same) else { return arg };
    let named = |help: &dyn std::fmt::Display| format!("{help} [env: {}]", variable.name);
    let (short, long) = (arg.get_help().map(|help| named(help)), arg.get_long_help().map(|help| named(help)));
    let arg = match short {
        Some(help) => arg.help(help),
        None => arg,
    };
    match long {
        Some(help) => arg.long_help(help),
        None => arg,
    }
}
