//! Property tests: any text that is passed as an argument is either refused by name before a request, or arrives unchanged.
//!
//! `PROPTEST_CASES` sets the number of random texts for each argument; the texts of two fixed lists are always tried.

mod arguments;
#[cfg(feature = "push")]
mod channel;
mod results;
mod round_trip;

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

use crate::support::{
    coverage,
    mock_server::{MockServer, RecordedRequest, json_response},
};

/// Parts of texts that break URLs, JSON, headers or terminals when they are not escaped.
#[rustfmt::skip] // A list.
const HOSTILE: &[&str] = &[
    "", " ", "\t", "\r\n", "\n", "\u{0}", "\u{1b}[2J", "\u{7f}", "\u{85}", "&", "&key=x", "#", "?", "%", "%00", "%2e",
    "+", "/", "..", "../..", "=", ";", "\"", "\\", "\\u0000", "'", "<b>", "{}", "[]", "@", "a", "Z", "é", "e\u{301}",
    "ß", "👋", "👨\u{200d}👩\u{200d}👧", "\u{202e}", "\u{200f}", "\u{2028}", "\u{feff}", "\u{fffd}", "\u{10ffff}",
    "null", "-1",
];

/// Texts that pass the checks of some argument.
#[rustfmt::skip] // A list.
const VALID: &[&str] = &[
    "russ", "anna@example.com", "US", "+44", "1", "3524096582", "+1 (224) 555-6666", "b0e4c71d674744", "abc!@2&3'-.,?^_",
    "abc2fa752c3c4edf97de8b0a12f622f0", "ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0", "example.com", "DAK0",
];

/// Returns a strategy of texts.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(select(HOSTILE), 0..8).prop_map(|parts| parts.concat()),
        2 => prop::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
        2 => (select(VALID), select(HOSTILE)).prop_map(|(valid, hostile)| format!("{valid}{hostile}")),
        1 => r"\+?[0-9]{1,16}",
        1 => r"[a-zA-Z0-9!@()&'.,?^_-]{7,21}",
    ]
}

/// Runs `check` with random values of a strategy.
fn for_all<S: Strategy>(strategy: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 64 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, check).unwrap_or_else(|error| panic!("{error}"));
}

/// A mock server, and the requests since the last check.
struct ArgumentChecker {
    runtime: tokio::runtime::Runtime,
    kandy: Kandy,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
}

impl ArgumentChecker {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = requests.clone();
        let server = runtime.block_on(MockServer::respond_with(move |request| {
            recorded.lock().expect("no panic").push(request.clone());
            json_response(200, request.operation().example)
        }));
        Self { kandy: server.kandy.clone(), runtime, requests }
    }

    /// Calls a method with a text. Returns whether the text arrived unchanged, or was refused as specified.
    fn arrives(&self, argument: &Argument, text: &str) -> Result<bool, TestCaseError> {
        let Argument { name, operation, refused_as, place, call } = argument;
        let outcome = self.runtime.block_on(call(self.kandy.clone(), text.to_owned()));
        let requests = std::mem::take(&mut *self.requests.lock().expect("no panic"));
        match outcome {
            Ok(()) => {
                prop_assert_eq!(requests.len(), 1, "{}", name);
                prop_assert_eq!(requests[0].operation().id, *operation, "{}", name);
                prop_assert!(place.has(&requests[0], text), "{name} of {operation} did not arrive unchanged");
                Ok(true)
            }
            Err(Error::Argument(error)) => {
                prop_assert_eq!(requests.len(), 0, "{}", name);
                prop_assert_eq!(error.argument(), *refused_as, "{}", name);
                let refusal = error.to_string();
                prop_assert!(text.chars().count() < 4 || !refusal.contains(text), "{refusal} repeats the text");
                Ok(false)
            }
            Err(error) => {
                prop_assert!(requests.is_empty() && !error.may_have_been_applied() && !error.is_retryable(), "{error}");
                Err(TestCaseError::fail(format!("{name} of {operation}: {error}")))
            }
        }
    }
}

#[test]
fn a_text_arrives_unchanged_or_is_refused_by_name() {
    let checker = ArgumentChecker::new();
    let mut refused = 0;
    for argument in ARGUMENTS {
        let fixed = HOSTILE.iter().chain(VALID).map(|text| checker.arrives(argument, text));
        let sent = fixed.filter(|arrived| *arrived.as_ref().unwrap_or_else(|error| panic!("{error}"))).count();
        assert!(sent > 0, "{} of {} accepts no text", argument.name, argument.operation);
        refused += HOSTILE.len() + VALID.len() - sent;
        for_all(texts(), |text| checker.arrives(argument, &text).map(drop));
    }
    assert!(refused > ARGUMENTS.len(), "only {refused} texts were refused");
}

#[test]
fn a_text_of_a_megabyte_arrives_or_is_refused() {
    let checker = ArgumentChecker::new();
    for (argument, part) in ARGUMENTS.iter().zip(["a", "👋", "\"&\u{0}", "5"].into_iter().cycle()) {
        let text = part.repeat(1024 * 1024 / part.len());
        match (checker.arrives(argument, &text), argument.place) {
            (Ok(true), Place::Query(_) | Place::First(_)) => panic!("{} allows a URL of a megabyte", argument.name),
            (Ok(_), _) => {}
            (Err(error), _) => panic!("{error}"),
        }
    }
}

/// Collects the text arguments of all public functions below a folder, as `function.argument`.
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
        // Methods with many arguments take them as the fields of a struct `New…`.
        for item in source.split("pub struct New").skip(1) {
            let (head, fields) = item.split_once('{').expect("fields");
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
fn every_text_argument_and_operation_is_tested() {
    let mut found = BTreeSet::new();
    arguments_in_source(&kandy_checkout::expect_root().join("crates/kandy/src"), &mut found);
    // It is part of no request; `errors` tests it.
    assert!(found.remove("base_url.base_url"));
    // These are of connections; `network` tests them.
    for argument in ["proxy.url", "user_agent.user_agent", "resolve.host"] {
        assert!(found.remove(argument), "{argument}");
    }
    // These are in no request, but in a frame and in the URL of the data channel: `channel` here, and `channel::address`.
    for argument in
        ["send_session_data.session_id", "to.full_user_id", "client_software.sw_type", "client_software.sw_version"]
    {
        assert!(found.remove(argument), "{argument}");
    }
    // Numbers, which are in no request: `pipeline::throttle::rate_limit` tests them.
    for argument in ["per_second.calls", "per_minute.calls", "per_hour.calls"] {
        assert!(found.remove(argument), "{argument}");
    }
    // What a result is made of in a test: `results`.
    for argument in results::ARGUMENTS {
        assert!(found.remove(*argument), "{argument}");
    }
    // The key of a token store; `auth::token_store` tests it.
    for argument in ["new.base_url", "with_user_id.user_id"] {
        assert!(found.remove(argument), "{argument}");
    }
    // Responses of the service in memory, and the reader of the blocking form: no request carries them.
    for argument in ["body.body", "file.bytes", "refusal.message", "reader.file_name"] {
        assert!(found.remove(argument), "{argument}");
    }
    let tried: BTreeSet<_> = ARGUMENTS.iter().map(|argument| argument.name.to_owned()).collect();
    assert_eq!(tried, found);
    assert!(tried.len() > 30, "the arguments were not found");
    let operations: BTreeSet<_> = ARGUMENTS.iter().map(|argument| argument.operation).collect();
    let has_text = |operation: &&Operation| !(operation.parameters.is_empty() && operation.body == RequestBody::None);
    let missing = coverage::scope().filter(has_text).filter(|operation| !operations.contains(operation.id));
    let report = |operation: &Operation| {
        coverage::lacks(
            operation,
            "text argument that random texts are tested with",
            "crates/kandy/tests/it/properties/arguments.rs",
            &format!(
                "a row `\"method.argument\" \"{}\" \"argument\" Query(\"parameter\"), |k, t| …;` for each of them",
                operation.id
            ),
            "cargo test -p kandy --test it properties",
        )
    };
    coverage::assert_none(&missing.map(report).collect::<Vec<_>>());
}
