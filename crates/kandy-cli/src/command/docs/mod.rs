//! `kandy docs`: texts about topics that concern several commands.
//!
//! No fact is written here. A topic is a section of the README, a table or a help text of the command.

mod markdown;

use std::fmt::Write;

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use serde_json::json;

use super::{
    completions,
    global_options::{self, Root},
};
use crate::{
    environment,
    failure::{Failure, Result},
    output::{Output, OutputSchema},
    suggest, terminal,
};

/// Stable: see `Failure::exit_code`.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    local error (file, keyring, output), or a response that cannot be decoded
  2    invalid command line or input; nothing was sent
  3    the service rejected the request
  4    not found
  5    unknown outcome: the operation may or may not have been applied
  6    network error: no connection or no response; nothing was changed
  7    missing or rejected credentials
  8    some of many items failed
  130  interrupted";

/// The README, whose sections are the texts.
const README: &str = include_str!("../../../README.md");

/// Print a text about a topic, such as environment or exit-codes, or list the topics
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy docs\n  kandy docs environment")]
pub(crate) struct Docs {
    /// Name of the topic
    #[arg(value_name = "TOPIC", add = ArgValueCandidates::new(candidates))]
    topic: Option<String>,
}

/// A topic.
pub(super) struct Topic {
    name: &'static str,
    about: &'static str,
    text: Text,
}

enum Text {
    /// The section of the README with this heading.
    Section(&'static str),
    /// The result of a function, with styles for a terminal.
    Made(fn(Root) -> String),
}

const TOPICS: [Topic; 10] = [
    Topic { name: "bulk", about: "process thousands of rows", text: Text::Section("## Bulk and streaming") },
    Topic {
        name: "completion",
        about: "shell completions",
        text: Text::Made(|_| completions::INSTRUCTIONS.to_owned()),
    },
    Topic { name: "environment", about: "environment variables", text: Text::Made(|_| environment()) },
    Topic { name: "exit-codes", about: "exit codes of all commands", text: Text::Made(|_| EXIT_CODES.to_owned()) },
    Topic {
        name: "forwarding",
        about: "forward messages to a web service",
        text: Text::Section("### Forwarding to a web service"),
    },
    Topic { name: "inbox", about: "follow an inbox", text: Text::Section("## Following an inbox") },
    Topic { name: "jq", about: "--json and --jq", text: Text::Section("### JSON and jq") },
    Topic { name: "options", about: "options of every command", text: Text::Made(options) },
    Topic { name: "output", about: "what is printed, and where", text: Text::Section("## Output") },
    Topic { name: "profiles", about: "credentials and profiles", text: Text::Section("## Credentials") },
];

const LIST: OutputSchema =
    OutputSchema { name: "topics", operation: "", at: "", id: "topic", columns: &["topic", "about"] };
const TEXT: OutputSchema =
    OutputSchema { name: "texts", operation: "", at: "", id: "topic", columns: &["topic", "about", "text"] };

impl Docs {
    pub(crate) fn run(self, output: &Output, root: Root) -> Result {
        let Some(name) = self.topic else {
            output.check_fields(&LIST)?;
            return output.list(&LIST, TOPICS.iter().map(|topic| json!({"topic": topic.name, "about": topic.about})));
        };
        match find(&name) {
            Some(topic) => topic.print(output, root),
            None => Err(Failure::usage(format!(
                "{}; `kandy docs` lists the topics",
                suggest::unknown("topic", &name, names())
            ))),
        }
    }
}

impl Topic {
    pub(super) fn print(&self, output: &Output, root: Root) -> Result {
        let text = match &self.text {
            Text::Section(heading) => markdown::section(README, heading, terminal::help_width()),
            Text::Made(text) => text(root),
        };
        if output.is_json() || output.prints_ids() {
            output.check_fields(&TEXT)?;
            let text = terminal::without_styles(&text);
            return output.object(&TEXT, json!({"topic": self.name, "about": self.about, "text": text}));
        }
        output.styled(text.trim_end())
    }
}

/// Returns the topic with this name; `completions` is `completion`, too.
pub(super) fn find(name: &str) -> Option<&'static Topic> {
    let is_same = |topic: &&Topic| topic.name == name || topic.name.trim_end_matches('s') == name.trim_end_matches('s');
    TOPICS.iter().find(is_same)
}

/// Returns the names of the topics.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TOPICS.iter().map(|topic| topic.name)
}

fn candidates() -> Vec<CompletionCandidate> {
    TOPICS.iter().map(|topic| CompletionCandidate::new(topic.name).help(Some(topic.about.into()))).collect()
}

fn options(root: Root) -> String {
    format!("Options of every command:\n{}", global_options::help(root()).ansi())
}

/// Lists the environment variables.
fn environment() -> String {
    let variables = environment::variables();
    let widest = variables.iter().map(|variable| variable.name.len()).max().unwrap_or_default();
    let mut text = String::from("Environment variables:\n");
    for variable in &variables {
        let option = match variable.option {
            "" => String::new(),
            option => format!(" (--{option})"),
        };
        writeln!(text, "  {:widest$}  {}{option}", variable.name, variable.about).unwrap_or_default();
    }
    text.push('\n');
    text.push_str(&markdown::section(README, "### Precedence of settings", terminal::help_width()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heading of the README that was renamed is a topic without text.
    #[test]
    fn every_topic_has_a_text() {
        for topic in &TOPICS {
            if let Text::Section(heading) = topic.text {
                assert!(markdown::section(README, heading, 80).lines().count() > 3, "{}", topic.name);
            }
        }
        assert!(environment().contains("1. environment variables"));
    }

    /// The README states the facts of the tables, too: it must not differ from them.
    #[test]
    fn readme_agrees_with_the_tables() {
        for line in EXIT_CODES.lines().skip(1) {
            let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
            assert!(README.contains(&format!("| {code} | {} |", meaning.trim())), "{line}");
        }
        for variable in environment::variables() {
            let name = format!("`{}`", variable.name);
            // The settings are named with `_FILE` in one sentence.
            assert!(README.contains(&name), "{name} is not in the README");
        }
        for topic in &TOPICS {
            assert!(README.contains(&format!("`{}`", topic.name)), "the README does not name the topic {}", topic.name);
        }
    }
}
