//! Whatever text an argument is given, it is refused by name before anything is sent, or it arrives as it was given.
//!
//! `PROPTEST_CASES` says how many texts each argument is given beyond those that everyone gets.

#[path = "support/coverage.rs"]
mod coverage;
mod support;

#[path = "properties/arguments.rs"]
mod arguments;
#[path = "properties/emulator.rs"]
mod emulator;

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use arguments::{ARGUMENTS, Argument, Place};
use kandy::{
    Error, Kandy,
    sys::{Operation, operation::RequestBody},
};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseResult, TestRunner},
};
use support::{Recorded, Recorder, json};

/// Parts of texts that break what is put together carelessly.
#[rustfmt::skip] // A list.
const NASTY: &[&str] = &[
    "", " ", "\t", "\r\n", "\n", "\u{0}", "\u{1b}[2J", "\u{7f}", "\u{85}", "&", "&key=x", "#", "?", "%", "%00", "%2e",
    "+", "/", "..", "../..", "=", ";", "\"", "\\", "\\u0000", "'", "<b>", "{}", "[]", "@", "a", "Z", "é", "e\u{301}",
    "ß", "👋", "👨\u{200d}👩\u{200d}👧", "\u{202e}", "\u{200f}", "\u{2028}", "\u{feff}", "\u{fffd}", "\u{10ffff}",
    "null", "-1",
];

/// Texts that checked arguments take.
#[rustfmt::skip] // A list.
const GOOD: &[&str] = &[
    "russ", "anna@example.com", "US", "+44", "1", "3524096582", "+1 (224) 555-6666", "b0e4c71d674744", "abc!@2&3'-.,?^_",
    "abc2fa752c3c4edf97de8b0a12f622f0", "ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0", "example.com", "DAK0",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(NASTY), 0..8).prop_map(|parts| parts.concat()),
        2 => prop::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
        2 => (select(GOOD), select(NASTY)).prop_map(|(good, nasty)| format!("{good}{nasty}")),
        1 => r"\+?[0-9]{1,16}",
        1 => r"[a-zA-Z0-9!@()&'.,?^_-]{7,21}",
    ]
}

/// Gives `check` the texts that everyone gets, and then arbitrary ones.
fn for_all<S: Strategy>(strategy: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 64 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, check).unwrap_or_else(|error| panic!("{error}"));
}

/// A server that forgets what it was sent when it is asked for it.
struct Ear {
    runtime: tokio::runtime::Runtime,
    kandy: Kandy,
    heard: Arc<Mutex<Vec<Recorded>>>,
}

impl Ear {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = heard.clone();
        let recorder = runtime.block_on(Recorder::answering(move |request| {
            hear.lock().expect("no panic here").push(request.clone());
            json(200, request.operation().example)
        }));
        Self { kandy: recorder.kandy.clone(), runtime, heard }
    }

    /// Whether the text was sent, as it should be; otherwise it was refused, as it should be.
    fn hears(&self, argument: &Argument, text: &str) -> Result<bool, TestCaseError> {
        let Argument { name, operation, refused_as, place, call } = argument;
        let outcome = self.runtime.block_on(call(self.kandy.clone(), text.to_owned()));
        let heard = std::mem::take(&mut *self.heard.lock().expect("no panic there"));
        match outcome {
            Ok(()) => {
                prop_assert_eq!(heard.len(), 1, "{}", name);
                prop_assert_eq!(heard[0].operation().id, *operation, "{}", name);
                prop_assert!(place.has(&heard[0], text), "{name} of {operation} did not arrive as it was given");
                Ok(true)
            }
            Err(Error::Argument(error)) => {
                prop_assert_eq!(heard.len(), 0, "{}", name);
                prop_assert_eq!(error.argument(), *refused_as, "{}", name);
                let refusal = error.to_string();
                prop_assert!(text.chars().count() < 4 || !refusal.contains(text), "{refusal} repeats what was given");
                Ok(false)
            }
            Err(error) => {
                prop_assert!(heard.is_empty() && !error.may_have_been_applied() && !error.is_retryable(), "{error}");
                Err(TestCaseError::fail(format!("{name} of {operation}: {error}")))
            }
        }
    }
}

#[test]
fn what_is_not_refused_by_name_arrives_as_it_was_given() {
    let ear = Ear::new();
    let mut refused = 0;
    for argument in ARGUMENTS {
        let everyone = NASTY.iter().chain(GOOD).map(|text| ear.hears(argument, text));
        let sent = everyone.filter(|heard| *heard.as_ref().unwrap_or_else(|error| panic!("{error}"))).count();
        assert!(sent > 0, "{} of {} takes nothing", argument.name, argument.operation);
        refused += NASTY.len() + GOOD.len() - sent;
        for_all(texts(), |text| ear.hears(argument, &text).map(drop));
    }
    assert!(refused > ARGUMENTS.len(), "only {refused} texts were refused");
}

#[test]
fn a_text_of_a_megabyte_is_sent_or_refused() {
    let ear = Ear::new();
    for (argument, part) in ARGUMENTS.iter().zip(["a", "👋", "\"&\u{0}", "5"].into_iter().cycle()) {
        let text = part.repeat(1024 * 1024 / part.len());
        match (ear.hears(argument, &text), argument.place) {
            (Ok(true), Place::Query(_) | Place::First(_)) => panic!("{} makes a URL of a megabyte", argument.name),
            (Ok(_), _) => {}
            (Err(error), _) => panic!("{error}"),
        }
    }
}

/// The functions of the crate that are public, with those of their arguments that are texts.
fn arguments_in_source(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            arguments_in_source(&path, found);
            continue;
        }
        let source = fs::read_to_string(&path).expect("a text");
        for function in source.split("pub fn ").skip(1) {
            let signature = function.split('{').next().unwrap_or_default();
            let name = signature.split(['(', '<']).next().unwrap_or_default();
            for (before, _) in signature.match_indices(": impl Into<").chain(signature.match_indices(": I)")) {
                let argument = signature[..before].rsplit(|c: char| c != '_' && !c.is_alphanumeric()).next();
                let (before, argument) = (&signature[..before], argument.unwrap_or_default());
                assert!(before.contains('('), "{signature}");
                found.insert(format!("{name}.{argument}"));
            }
        }
        // Where there are many of them, they are the fields of a thing to create.
        for thing in source.split("pub struct New").skip(1) {
            let (head, fields) = thing.split_once('{').expect("fields");
            let name = head.split(['<', ' ']).next().unwrap_or_default();
            let fields = fields.split("\n}").next().unwrap_or_default();
            for field in fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.strip_suffix(": &'a str,"))
            {
                found.insert(format!("New{name}.{field}"));
            }
        }
    }
}

#[test]
fn no_argument_and_no_operation_is_left_out() {
    let mut found = BTreeSet::new();
    arguments_in_source(&kandy_checkout::expect_root().join("crates/kandy/src"), &mut found);
    // It is part of no request; tests of its own are beside it.
    assert!(found.remove("base_url.base_url"));
    let tried: BTreeSet<_> = ARGUMENTS.iter().map(|argument| argument.name.to_owned()).collect();
    assert_eq!(tried, found);
    assert!(tried.len() > 30, "the arguments were not found");
    let operations: BTreeSet<_> = ARGUMENTS.iter().map(|argument| argument.operation).collect();
    let has_text = |operation: &&Operation| !(operation.parameters.is_empty() && operation.body == RequestBody::None);
    let missing = coverage::scope().filter(has_text).filter(|operation| !operations.contains(operation.id));
    let report = |operation: &Operation| {
        coverage::lacks(
            operation,
            "text argument that arbitrary texts are tried on",
            "crates/kandy/tests/properties/arguments.rs",
            &format!(
                "a row `\"method.argument\" \"{}\" \"argument\" Query(\"parameter\"), |k, t| …;` for each of them",
                operation.id
            ),
            "cargo test -p kandy --test properties",
        )
    };
    coverage::assert_none(&missing.map(report).collect::<Vec<_>>());
}
