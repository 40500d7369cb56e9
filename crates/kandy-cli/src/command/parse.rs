//! Parses the command line, and improves what clap prints where it cannot.

use std::ffi::OsString;

use clap::{
    ArgMatches, Command, Error,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::global_options::{self, Root};
use crate::{suggest, terminal};

/// Parses the command line as the definition `root` has it.
pub(super) fn parse(root: Root, line: impl IntoIterator<Item = OsString>) -> Result<ArgMatches, Error> {
    let line: Vec<_> = line.into_iter().collect();
    match matches(root, &line) {
        Ok(matches) => Ok(matches),
        Err(error) => separate_names(root, &line).map_or_else(|| explain(root, error, &line), Ok),
    }
}

fn matches(root: Root, line: &[OsString]) -> Result<ArgMatches, Error> {
    root().styles(terminal::styles()).try_get_matches_from(line)
}

/// Parses a line with `--json NAMES` in two arguments, as `gh` has it.
///
/// `--json` takes no separate value, because `kandy user show --json russ` means the user. So this is tried only for a line that
/// is invalid otherwise: every line that is valid keeps its meaning.
fn separate_names(root: Root, line: &[OsString]) -> Option<ArgMatches> {
    let end = line.iter().position(|argument| argument == "--").unwrap_or(line.len());
    let at = line[..end].iter().position(|argument| argument == "--json")?;
    let names = line[..end].get(at + 1)?.to_str().filter(|names| are_fields(names))?;
    let mut joined = line.to_vec();
    joined.splice(at..at + 2, [OsString::from(format!("--json={names}"))]);
    matches(root, &joined).ok()
}

/// Returns whether a text may be a list of fields, whose names are identifiers.
fn are_fields(text: &str) -> bool {
    text.split(',').all(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Shortens help, and adds suggestions to the error for an unknown subcommand.
fn explain(root: Root, mut error: Error, line: &[OsString]) -> Result<ArgMatches, Error> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            global_options::for_help(root()).try_get_matches_from(line)
        }
        ErrorKind::InvalidSubcommand => {
            let synonyms = match error.get(ContextKind::InvalidSubcommand) {
                Some(ContextValue::String(name)) => synonyms(root, &path(&root(), line, name), name),
                _ => Vec::new(),
            };
            if !synonyms.is_empty() {
                let tip = format!("did you mean {}?", synonyms.join(" or "));
                error.remove(ContextKind::SuggestedSubcommand);
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
            }
            Err(error)
        }
        _ => Err(error),
    }
}

/// Returns the commands that an unknown one may mean.
pub(super) fn synonyms(root: Root, path: &str, name: &str) -> Vec<String> {
    let root = root();
    suggest::synonyms(path, name, |command| exists(&root, command))
}

pub(super) fn exists(root: &Command, path: &str) -> bool {
    path.split(' ').try_fold(root, |command, name| command.find_subcommand(name)).is_some()
}

/// Returns the names of the commands before an unknown one: `group member` for `kandy group member new`.
fn path(root: &Command, line: &[OsString], unknown: &str) -> String {
    let (mut command, mut path) = (root, Vec::new());
    let mut arguments = line.iter().skip(1).filter_map(|argument| argument.to_str());
    while let Some(argument) = arguments.next() {
        if let Some(next) = command.find_subcommand(argument) {
            path.push(next.get_name());
            command = next;
        } else if argument == unknown {
            break;
        } else if takes_the_next(root, argument) {
            arguments.next();
        }
    }
    path.join(" ")
}

/// Returns whether an argument is a global option whose value is the next argument.
fn takes_the_next(root: &Command, argument: &str) -> bool {
    let Some(name) = argument.strip_prefix("--") else { return false };
    let option = root.get_arguments().find(|option| option.get_long() == Some(name));
    option.is_some_and(|option| option.get_action().takes_values() && !option.is_require_equals_set())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_identifiers() {
        for fields in ["user_id", "user_id,user_email", "_x,Y9"] {
            assert!(are_fields(fields), "{fields}");
        }
        for other in ["", ",", "a,", "a b", "a, b", "+1224", "9", "-q", "--jq", "a.b", "russ@example.com", "é"] {
            assert!(!are_fields(other), "{other}");
        }
    }
}
