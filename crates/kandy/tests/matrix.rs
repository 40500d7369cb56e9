//! Every failure on every operation: what a call comes to follows from the table of operations.
//!
//! `cargo test -p kandy --test matrix -- --nocapture` prints the outcome.

#[path = "support/coverage.rs"]
mod coverage;
#[path = "support/faults.rs"]
mod faults;
#[path = "support/provisioned/mod.rs"]
mod provisioned;

use std::{slice, sync::Arc, time::Duration};

use faults::{ApiFault, Asked, Class, Expected, Kind, RETRY_AFTER, SEVERAL, faults};
use kandy::{Error, sys::Operation};
use kandy_emulator::Emulator;
use provisioned::{Handles, Provisioned, RATE_LIMIT_WAIT};
use tokio::time::timeout;

/// The longest that a cell may take, on a machine that has much else to do.
const LIMIT: Duration = Duration::from_secs(60);

/// How often a failure comes.
const MODES: [(&str, bool); 2] = [("once", true), ("each time", false)];

/// What a call came to.
struct Outcome {
    attempts: u64,
    error: Option<Error>,
    /// How often the operation was carried out.
    effects: i64,
    waits: Vec<Duration>,
}

impl Outcome {
    fn kind(&self) -> Option<Kind> {
        self.error.as_ref().map(|error| match error {
            Error::Api(_) => Kind::Api,
            Error::Transport(_) => Kind::Transport,
            Error::Decode(_) => Kind::Answer,
            other => panic!("{other}"),
        })
    }

    fn in_doubt(&self) -> bool {
        self.error.as_ref().is_some_and(Error::may_have_been_applied)
    }

    /// A few letters for the table: how it ended, after how many attempts, and whether it may have been
    /// done although it failed.
    fn short(&self) -> String {
        let end = match self.kind() {
            None => "ok",
            Some(Kind::Api) => "api",
            Some(Kind::Transport) => "net",
            Some(Kind::Answer) => "ans",
        };
        format!("{end}{}{}", self.attempts, if self.in_doubt() { "?" } else { "" })
    }
}

/// What a check may use up of a code is not seen.
const UNSEEN: &str = "verification_code_check";

/// What is wrong with an outcome.
fn problems(operation: &Operation, fault: &ApiFault, is_once: bool, outcome: &Outcome) -> Vec<String> {
    let expected = fault.expected(operation, is_once);
    let is_several = expected.attempts == SEVERAL && outcome.attempts > faults::ATTEMPTS;
    let came = Expected {
        attempts: if is_several { SEVERAL } else { outcome.attempts },
        error: outcome.kind(),
        in_doubt: outcome.in_doubt(),
        or_refused: expected.or_refused,
    };
    let refused = Expected { error: Some(Kind::Api), in_doubt: true, ..expected };
    let mut problems = Vec::new();
    if came != expected && !(expected.or_refused && came == refused) {
        problems.push(format!("{came:?} instead of {expected:?}"));
    }
    // What follows holds whatever was expected.
    let (changes, effects) = (operation.method.as_str() != "GET" || !operation.idempotent, outcome.effects);
    match &outcome.error {
        None if changes && effects < 1 && operation.id != UNSEEN => {
            problems.push("a success without an effect".to_owned())
        }
        Some(error) if effects > 0 && changes && !error.may_have_been_applied() => {
            problems.push("it was carried out, and the error denies it".to_owned());
        }
        _ => {}
    }
    if changes && effects > 1 {
        problems.push(format!("it was carried out {effects} times"));
    }
    let is_refusal = matches!(fault.class, Class::TokenRefused | Class::RateLimited);
    if !operation.idempotent && outcome.attempts > 1 && !is_refusal {
        problems.push(format!("it was sent {} times", outcome.attempts));
    }
    if outcome.error.as_ref().is_some_and(|error| error.operation() != Some(operation.id)) {
        problems.push("the error names another operation".to_owned());
    }
    let second = Duration::from_secs(1);
    let as_asked = |wait: &Duration| match fault.asked {
        // The backoff under a rate limit goes on for longer than three attempts.
        Asked::Nothing if fault.class == Class::RateLimited => *wait <= RATE_LIMIT_WAIT,
        // What the clock of the tests draws is half of at most 0.4 s.
        Asked::Nothing => *wait <= second,
        Asked::Seconds => *wait == RETRY_AFTER,
        // A date has whole seconds, and some of the time has passed when it arrives.
        Asked::Date => (second..=RETRY_AFTER + second).contains(wait),
    };
    if !outcome.waits.iter().all(as_asked) {
        problems.push(format!("it waited {:?}", outcome.waits));
    }
    problems
}

/// Makes a call while a failure is armed.
async fn cell(
    kandy: &Provisioned,
    handles: &Handles,
    operation: &Operation,
    (fault, is_once): (&ApiFault, bool),
    number: usize,
) -> Outcome {
    // What the cell before did to the pace of requests is over.
    handles.waits.pass(Duration::from_secs(120));
    kandy.warm(handles).await;
    let call = kandy.call(operation, handles, number).await;
    let before = kandy.effects(operation).await;
    handles.waits.take();

    let failure = fault.failure.clone().on(operation.id);
    kandy.emulator.inject(if is_once { failure.times(1) } else { failure });
    let error = call.future.await.err();
    let attempts = kandy.emulator.faults()[0].matched;
    kandy.emulator.clear_faults();

    let (waits, effects) = (handles.waits.take(), kandy.effects(operation).await - before);
    Outcome { attempts, error, effects, waits }
}

/// All cells of an operation: its rows of the tables, and what is wrong.
async fn row(operation: &'static Operation, faults: Arc<Vec<ApiFault>>) -> ([Vec<String>; 2], Vec<String>) {
    let kandy = Provisioned::start(Emulator::start().expect("a free port"), |builder| builder).await;
    let (mut rows, mut wrong) = ([Vec::new(), Vec::new()], Vec::new());
    let mut number = 0;
    for (row, (mode, is_once)) in rows.iter_mut().zip(MODES) {
        for fault in faults.iter() {
            let mut outcome = None;
            // What is in haste may be too late for reasons of its own, and has another chance.
            let handles = if fault.never_ends { &kandy.hasty[..] } else { slice::from_ref(&kandy.patient) };
            for handles in handles {
                number += 1;
                let cell = timeout(LIMIT, cell(&kandy, handles, operation, (fault, is_once), number)).await;
                let cell = cell.unwrap_or_else(|_| panic!("{operation}: {} {mode} hangs", fault.name));
                let problems = problems(operation, fault, is_once, &cell);
                let is_fine = problems.is_empty();
                outcome = Some((cell, problems));
                if is_fine {
                    break;
                }
            }
            let (outcome, problems) = outcome.expect("there is a client");
            row.push(outcome.short());
            let error = outcome.error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
            let cell = format!("{operation}, {} {mode}", fault.name);
            wrong.extend(problems.iter().map(|problem| format!("{cell}: {problem}{error}")));
        }
    }
    (rows, wrong)
}

fn print(mode: &str, faults: &[ApiFault], rows: &[(&Operation, &Vec<String>)]) -> String {
    let mut table = format!("\nEach failure {mode}:\n\n{:<32}", "");
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
async fn every_failure_on_every_operation() {
    coverage::assert_provisioned("matrix");
    let operations: Vec<_> = coverage::scope().collect();
    let faults = Arc::new(faults());
    let running: Vec<_> =
        operations.iter().map(|operation| (*operation, tokio::spawn(row(operation, faults.clone())))).collect();
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (operation, row) in running {
        let (cells, problems) = row.await.unwrap_or_else(|panic| panic!("{operation}: {panic}"));
        rows.push((operation, cells));
        wrong.extend(problems);
    }

    println!("ok, or what failed: api (refused), net (transport), ans (the answer);");
    println!("then how many requests arrived; `?` says that it may have been done.\n");
    for (number, fault) in (1..).zip(faults.iter()) {
        println!("{number:>3}  {}", fault.name);
    }
    for (at, (mode, _)) in MODES.into_iter().enumerate() {
        let rows: Vec<_> = rows.iter().map(|(operation, cells)| (*operation, &cells[at])).collect();
        println!("{}", print(mode, &faults, &rows));
    }
    let cells: usize = rows.iter().flat_map(|(_, cells)| cells).map(Vec::len).sum();
    println!("{cells} cells: {} operations, {} failures, once and each time", operations.len(), faults.len());
    assert!(wrong.is_empty(), "{} problems:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, operations.len() * faults.len() * MODES.len());
}
