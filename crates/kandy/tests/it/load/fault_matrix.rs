//! Injects every fault into every operation, and compares the result with what the table of operations implies.
//!
//! `cargo test -p kandy --test load fault_matrix -- --nocapture` prints the results.

use std::{slice, sync::Arc, time::Duration};

use kandy::{Error, sys::Operation};
use kandy_emulator::Emulator;
use tokio::time::timeout;

use crate::support::{
    coverage,
    fault_cases::{ATTEMPTS, Class, Expected, FaultCase, Kind, RETRY_AFTER, RetryAfter, SEVERAL, fault_cases},
    provisioned::{Handles, Provisioned, RATE_LIMIT_WAIT},
};

/// The longest time of one call, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a fault occurs.
const MODES: [(&str, bool); 2] = [("once", true), ("every time", false)];

/// The result of a call.
struct Outcome {
    attempts: u64,
    error: Option<Error>,
    /// How often the operation was applied.
    effects: i64,
    waits: Vec<Duration>,
}

impl Outcome {
    fn kind(&self) -> Option<Kind> {
        self.error.as_ref().map(|error| match error {
            Error::Api(_) => Kind::Api,
            Error::Transport(_) => Kind::Transport,
            Error::Decode(_) => Kind::Decode,
            other => panic!("{other}"),
        })
    }

    fn maybe_applied(&self) -> bool {
        self.error.as_ref().is_some_and(Error::may_have_been_applied)
    }

    /// Returns the cell of the table: the kind of result, the number of attempts, and `?` for an error that may have been
    /// applied.
    fn short(&self) -> String {
        let end = match self.kind() {
            None => "ok",
            Some(Kind::Api) => "api",
            Some(Kind::Transport) => "net",
            Some(Kind::Decode) => "dec",
        };
        format!("{end}{}{}", self.attempts, if self.maybe_applied() { "?" } else { "" })
    }
}

/// An operation whose effect cannot be observed: a check may use up a code.
const UNOBSERVABLE: &str = "verification_code_check";

/// Returns how an outcome differs from what is expected.
fn violations(operation: &Operation, fault: &FaultCase, is_once: bool, outcome: &Outcome) -> Vec<String> {
    let expected = fault.expected(operation, is_once);
    let is_several = expected.attempts == SEVERAL && outcome.attempts > ATTEMPTS;
    let actual = Expected {
        attempts: if is_several { SEVERAL } else { outcome.attempts },
        error: outcome.kind(),
        maybe_applied: outcome.maybe_applied(),
        or_refused: expected.or_refused,
    };
    let refused = Expected { error: Some(Kind::Api), maybe_applied: true, ..expected };
    let mut violations = Vec::new();
    if actual != expected && !(expected.or_refused && actual == refused) {
        violations.push(format!("{actual:?} instead of {expected:?}"));
    }
    // The invariants below hold for every fault.
    let (changes, effects) = (operation.method.as_str() != "GET" || !operation.idempotent, outcome.effects);
    match &outcome.error {
        None if changes && effects < 1 && operation.id != UNOBSERVABLE => {
            violations.push("a success without an effect".to_owned())
        }
        Some(error) if effects > 0 && changes && !error.may_have_been_applied() => {
            violations.push("it was applied, and the error denies it".to_owned());
        }
        _ => {}
    }
    if changes && effects > 1 {
        violations.push(format!("it was applied {effects} times"));
    }
    let is_refusal = matches!(fault.class, Class::TokenRefused | Class::RateLimited);
    if !operation.idempotent && outcome.attempts > 1 && !is_refusal {
        violations.push(format!("it was sent {} times", outcome.attempts));
    }
    if outcome.error.as_ref().is_some_and(|error| error.operation() != Some(operation.id)) {
        violations.push("the error names another operation".to_owned());
    }
    let second = Duration::from_secs(1);
    let is_expected = |wait: &Duration| match fault.retry_after {
        // The backoff under a rate limit goes on after the third attempt.
        RetryAfter::None if fault.class == Class::RateLimited => *wait <= RATE_LIMIT_WAIT,
        // The clock draws half of a backoff of at most 0.4 s.
        RetryAfter::None => *wait <= second,
        RetryAfter::Seconds => *wait == RETRY_AFTER,
        // A date has whole seconds, and time passes before it arrives.
        RetryAfter::Date => (second..=RETRY_AFTER + second).contains(wait),
    };
    if !outcome.waits.iter().all(is_expected) {
        violations.push(format!("it waited {:?}", outcome.waits));
    }
    violations
}

/// Sends one call while a fault is armed.
async fn run_case(
    kandy: &Provisioned,
    handles: &Handles,
    operation: &Operation,
    (fault, is_once): (&FaultCase, bool),
    number: usize,
) -> Outcome {
    // Rate limits of the case before have passed.
    handles.clock.advance(Duration::from_secs(120));
    kandy.mint_tokens(handles).await;
    let call = kandy.prepare(operation, handles, number).await;
    let before = kandy.effects(operation).await;
    handles.clock.take_waits();

    let injected = fault.fault.clone().on(operation.id);
    kandy.emulator.inject(if is_once { injected.times(1) } else { injected });
    let error = call.future.await.err();
    let attempts = kandy.emulator.faults()[0].matched;
    kandy.emulator.clear_faults();

    let (waits, effects) = (handles.clock.take_waits(), kandy.effects(operation).await - before);
    Outcome { attempts, error, effects, waits }
}

/// Runs all cases of an operation. Returns its rows of the two tables, and the violations.
async fn run_operation(operation: &'static Operation, faults: Arc<Vec<FaultCase>>) -> ([Vec<String>; 2], Vec<String>) {
    let kandy = Provisioned::start(Emulator::start().expect("a free port"), |builder| builder).await;
    let (mut rows, mut violations) = ([Vec::new(), Vec::new()], Vec::new());
    let mut number = 0;
    for (row, (mode, is_once)) in rows.iter_mut().zip(MODES) {
        for fault in faults.iter() {
            let mut outcome = None;
            // On a busy machine a short timeout may end more than the fault, so a second client with a longer one tries again.
            let handles = if fault.never_ends {
                &kandy.short_timeout_handles[..]
            } else {
                slice::from_ref(&kandy.default_handles)
            };
            for handles in handles {
                number += 1;
                let case = timeout(LIMIT, run_case(&kandy, handles, operation, (fault, is_once), number)).await;
                let result = case.unwrap_or_else(|_| panic!("{operation}: {} {mode} hangs", fault.name));
                let found = self::violations(operation, fault, is_once, &result);
                let is_expected = found.is_empty();
                outcome = Some((result, found));
                if is_expected {
                    break;
                }
            }
            let (outcome, found) = outcome.expect("at least one client");
            row.push(outcome.short());
            let error = outcome.error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
            let cell = format!("{operation}, {} {mode}", fault.name);
            violations.extend(found.iter().map(|violation| format!("{cell}: {violation}{error}")));
        }
    }
    (rows, violations)
}

/// Returns the table of one mode as text.
fn format_table(mode: &str, faults: &[FaultCase], rows: &[(&Operation, &Vec<String>)]) -> String {
    let mut table = format!("\nEach fault {mode}:\n\n{:<32}", "");
    for number in 1..=faults.len() {
        table += &format!("{number:<6}");
    }
    for (operation, cells) in rows {
        table += &format!("\n{:<32}", operation.id);
        for cell in *cells {
            table += &format!("{cell:<6}");
        }
    }
    table + "\n"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_on_every_operation() {
    coverage::assert_provisioned("load fault_matrix");
    let operations: Vec<_> = coverage::scope().collect();
    let faults = Arc::new(fault_cases());
    let running: Vec<_> = operations
        .iter()
        .map(|operation| (*operation, tokio::spawn(run_operation(operation, faults.clone()))))
        .collect();
    let (mut rows, mut violations) = (Vec::new(), Vec::new());
    for (operation, row) in running {
        let (cells, found) = row.await.unwrap_or_else(|panic| panic!("{operation}: {panic}"));
        rows.push((operation, cells));
        violations.extend(found);
    }

    println!("ok, or the kind of error: api (refused), net (transport), dec (not decodable);");
    println!("then the number of requests; `?` marks errors that may have been applied.\n");
    for (number, fault) in (1..).zip(faults.iter()) {
        println!("{number:>3}  {}", fault.name);
    }
    for (at, (mode, _)) in MODES.into_iter().enumerate() {
        let rows: Vec<_> = rows.iter().map(|(operation, cells)| (*operation, &cells[at])).collect();
        println!("{}", format_table(mode, &faults, &rows));
    }
    let cells: usize = rows.iter().flat_map(|(_, cells)| cells).map(Vec::len).sum();
    println!("{cells} cells: {} operations, {} faults, once and every time", operations.len(), faults.len());
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
    assert_eq!(cells, operations.len() * faults.len() * MODES.len());
}
