//! Completes ids of users and devices in the shell.
//!
//! The candidates come from the service, within [`PATIENCE`], or from a cache that is used for a minute. Errors are never
//! shown: without an answer there are no candidates. Ids with characters that a shell or a terminal interprets are not
//! candidates. Depends on the context. Begin with [`with_ids`].

use std::{ffi::OsStr, rc::Rc, sync::mpsc, thread, time::Duration};

use clap::Command;
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    arguments::{Global, UserArguments},
    cache::Cache,
    context::Context,
    device_name::NEWEST,
    eprint::mute,
    failure::Result,
    output::Output,
};

/// The maximum time until the candidates are there.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long candidates are used again.
const MAX_AGE: Duration = Duration::from_secs(60);

/// The maximum number of candidates. In a longer list, only these are completed.
const MAX_IDS: usize = 2000;

/// The maximum length of an id that is a candidate.
const MAX_LENGTH: usize = 128;

/// The maximum size of one user in the response.
const MAX_USER_SIZE: usize = 64 * 1024;

/// Adds the completion of ids to every argument that takes one.
pub(crate) fn with_ids(command: Command) -> Command {
    // It creates a user, whose id is new.
    if command.get_name() == "create" {
        return command;
    }
    let completer = |name: &str| match name {
        "USER_ID" | "FULL_USER_ID" => Some(ArgValueCompleter::new(users)),
        "DEVICE_ID" => Some(ArgValueCompleter::new(devices)),
        _ => None,
    };
    let command = command.mut_args(|argument| {
        let name = argument.get_value_names().and_then(|names| names.first()).map(|name| name.to_string());
        match name.and_then(|name| completer(&name)) {
            Some(completer) => argument.add(completer),
            None => argument,
        }
    });
    command.mut_subcommands(with_ids)
}

/// A candidate, and what it is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Candidate {
    value: String,
    help: Option<String>,
}

fn users(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(current, |line| ask(line, list_users))
}

fn devices(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(current, |line| ask(line, list_devices))
}

/// Returns the candidates that begin with the current word and can be written as they are.
fn candidates(current: &OsStr, all: impl FnOnce(Line) -> Vec<Candidate>) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let line = Line::of(std::env::args().skip_while(|word| word != "--").skip(1));
    let candidates = all(line).into_iter().filter(|candidate| is_plain(&candidate.value));
    let candidates = candidates.filter(|candidate| candidate.value.starts_with(current)).take(MAX_IDS);
    candidates
        .map(|Candidate { value, help }| {
            let help = help.filter(|help| is_plain(help)).map(Into::into);
            CompletionCandidate::new(value).help(help)
        })
        .collect()
}

/// Returns whether a text is one word in every shell and has no character that a terminal interprets.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@+".contains(&byte);
    !text.is_empty() && text.len() <= MAX_LENGTH && !text.starts_with('-') && text.bytes().all(is_plain)
}

/// The options on the line to complete that decide whom to ask.
#[derive(Debug, Default, PartialEq)]
struct Line {
    profile: Option<String>,
    base_url: Option<String>,
    ca_file: Option<String>,
    user: Option<String>,
    allow_plain_http: bool,
}

impl Line {
    fn of(words: impl Iterator<Item = String>) -> Self {
        let mut line = Self::default();
        // bash separates an option from its value at the `=`.
        let mut words = words.filter(|word| word != "=");
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            let option = match name.as_str() {
                "--profile" => &mut line.profile,
                "--base-url" => &mut line.base_url,
                "--ca-file" => &mut line.ca_file,
                "--user" | "-u" => &mut line.user,
                "--allow-plain-http" => {
                    line.allow_plain_http = true;
                    continue;
                }
                _ => continue,
            };
            *option = value.or_else(|| words.next());
        }
        line
    }
}

/// Asks in another thread, so that a slow keyring, proxy or service is not waited for.
fn ask<F>(line: Line, list: impl FnOnce(Context, UserArguments) -> F + Send + 'static) -> Vec<Candidate>
where
    F: Future<Output = Result<Vec<Candidate>>>,
{
    mute();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let global = Global {
            profile: line.profile,
            base_url: line.base_url,
            ca_file: line.ca_file,
            allow_plain_http: line.allow_plain_http,
            timeout: Some(PATIENCE),
            quiet: true,
            ..Global::default()
        };
        let user = UserArguments { user: line.user };
        let context = Output::new(&global).and_then(|output| Context::new(global, Rc::new(output)));
        let candidates = context.and_then(|context| runtime.block_on(list(context, user)));
        // The receiver may have stopped waiting.
        drop(sender.send(candidates.unwrap_or_default()));
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_default()
}

/// Lists the users of the domain.
async fn list_users(context: Context, _: UserArguments) -> Result<Vec<Candidate>> {
    cached(&context, "users", None, async || {
        context.limit_responses(MAX_USER_SIZE);
        let mut users = context.domain()?.users().stream_as::<Value>();
        let mut found = Vec::new();
        while let Some(user) = users.try_next().await? {
            if let Some(value) = user["user_id"].as_str().filter(|value| is_plain(value)) {
                found.push(Candidate { value: value.to_owned(), help: None });
            }
            if found.len() == MAX_IDS {
                break;
            }
        }
        Ok(found)
    })
    .await
}

/// Lists the devices of the user: names, ids, and the newest one.
async fn list_devices(context: Context, user: UserArguments) -> Result<Vec<Candidate>> {
    let user_id = context.user_id(&user).unwrap_or_default();
    cached(&context, "devices", Some((&user, &user_id)), async || {
        let devices = context.user(&user)?.devices().await?;
        let ids = devices.iter().map(|device| (Some(device.device_id.as_str()), device.name.as_deref()));
        let names = devices.iter().map(|device| (device.name.as_deref(), Some(device.device_id.as_str())));
        let newest = (Some(NEWEST), None);
        let all = names.chain(ids).chain((!devices.is_empty()).then_some(newest));
        let plain = all.filter_map(|(value, help)| Some((value.filter(|value| is_plain(value))?, help)));
        let candidates = plain.map(|(value, help)| Candidate {
            value: value.to_owned(),
            help: help.filter(|help| is_plain(help)).map(str::to_owned),
        });
        Ok(candidates.take(MAX_IDS).collect())
    })
    .await
}

/// Returns candidates from the cache, or asks for them.
async fn cached(
    context: &Context,
    kind: &'static str,
    user: Option<(&UserArguments, &str)>,
    list: impl AsyncFnOnce() -> Result<Vec<Candidate>>,
) -> Result<Vec<Candidate>> {
    // A folder that a user only visits must not decide whom the completion of a word contacts.
    if context.settings().has_base_url_of_dot_env() {
        return Ok(Vec::new());
    }
    let (arguments, user_id) = user.map_or((None, ""), |(arguments, user_id)| (Some(arguments), user_id));
    let key = context.cache_key(arguments)?;
    let base_url = context.settings().text(crate::credential::Setting::BaseUrl)?.unwrap_or_default();
    let cache = key.and_then(|key| Cache::new(kind, &[&base_url, &key, user_id], MAX_AGE));
    let known = cache.as_ref().and_then(Cache::read).and_then(|text| serde_json::from_str(&text).ok());
    if let Some(known) = known {
        return Ok(known);
    }
    let found = list().await?;
    if let (Some(cache), Ok(text)) = (cache, serde_json::to_string(&found)) {
        cache.write(text);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_options_of_the_line() {
        for (words, expected) in [
            ("kandy user show", Line::default()),
            ("kandy --profile work user", Line { profile: Some("work".into()), ..Line::default() }),
            ("kandy --profile=work user", Line { profile: Some("work".into()), ..Line::default() }),
            ("kandy --profile = work user", Line { profile: Some("work".into()), ..Line::default() }),
            ("kandy device list -u anna", Line { user: Some("anna".into()), ..Line::default() }),
            ("kandy device list --user", Line::default()),
            ("kandy --allow-plain-http", Line { allow_plain_http: true, ..Line::default() }),
        ] {
            assert_eq!(Line::of(words.split(' ').map(str::to_owned)), expected, "{words}");
        }
    }

    #[test]
    fn only_plain_words_are_candidates() {
        for (text, expected) in [
            ("russ", true),
            ("12245556666", true),
            ("anna.b-c_d+e@example.com", true),
            ("", false),
            ("-rf", false),
            ("a b", false),
            ("$(reboot)", false),
            ("`reboot`", false),
            ("a;b", false),
            ("a'b", false),
            ("~root", false),
            ("a\u{1b}[2J", false),
            ("a\nb", false),
            ("ä", false),
            ("!1", false),
            ("a=b", false),
        ] {
            assert_eq!(is_plain(text), expected, "{text:?}");
        }
        assert!(!is_plain(&"a".repeat(129)));
    }
}
