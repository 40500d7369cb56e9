//! `kandy help`: the help of a command, or a topic.

use clap::Args;

use super::{
    docs,
    global_options::{self, Root},
    parse,
};
use crate::{
    failure::{Failure, Result},
    output::Output,
    suggest,
};

/// Print the help of a command, or of a topic as `kandy docs` lists them
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy help user import\n  kandy help options")]
pub(crate) struct Help {
    /// Names of a command and its subcommands, or of a topic
    #[arg(value_name = "COMMAND")]
    path: Vec<String>,
}

impl Help {
    pub(crate) fn run(self, output: &Output, root: Root) -> Result {
        if let [name] = &self.path[..]
            && let Some(topic) = docs::find(name)
            && root().find_subcommand(name).is_none()
        {
            return topic.print(output, root);
        }
        let known_commands = root();
        let mut command = &known_commands;
        for (at, name) in self.path.iter().enumerate() {
            let path = self.path[..at].join(" ");
            let known: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            command = match command.find_subcommand(name) {
                Some(command) => command,
                None => return Err(unknown(root, &path, name, &known)),
            };
        }
        // The same text as that of `--help`, in the pager.
        let line = ["kandy"].into_iter().chain(self.path.iter().map(String::as_str)).chain(["--help"]);
        match global_options::for_help(root()).try_get_matches_from(line) {
            Err(help) => output.styled(help.render().ansi()),
            Ok(_) => Ok(()),
        }
    }
}

/// Returns the failure for a command that does not exist.
fn unknown(root: Root, path: &str, name: &str, known: &[String]) -> Failure {
    let topics: Vec<&str> = if path.is_empty() { docs::names().collect() } else { Vec::new() };
    let known = known.iter().map(String::as_str).chain(topics);
    let synonyms = parse::synonyms(root, path, name);
    let message = match &synonyms[..] {
        [] => suggest::unknown("command", name, known),
        synonyms => format!("unknown command {name:?}; did you mean {}?", synonyms.join(" or ")),
    };
    Failure::usage(match path {
        "" => format!("{message}; `kandy help` lists the commands, `kandy docs` the topics"),
        path => format!("{message}; `kandy help {path}` lists the commands"),
    })
}
