//! Campaigns: lists of SMS with a text for each row, without duplicates and opt-outs, priced before they are sent, and sent
//! at the right time of the day.
//!
//! What users expect is what clients of other SMS services and mail merges do: placeholders by the names of columns,
//! opt-outs in a file, the figures of a list before it is sent.

#![cfg(unix)]

mod dry_run;
mod duplicates;
mod schedule;
mod suppressed;
mod template;

use std::{collections::BTreeMap, process::Output};

use serde_json::Value;

use crate::fixture::{Fixture, sms_list::SendResult};

/// Sends a list and returns the result.
#[track_caller]
fn send(fixture: &Fixture, arguments: &[&str]) -> SendResult {
    SendResult::of(&output(fixture, arguments))
}

fn output(fixture: &Fixture, arguments: &[&str]) -> Output {
    fixture.kandy().args(["sms", "send", "--user", "russ", "--json", "--to-file"]).args(arguments).output().unwrap()
}

/// Sends what a shell line writes to stdin.
fn send_stdin(fixture: &Fixture, list: &str, arguments: &str) -> SendResult {
    fixture.write("stdin", list);
    let line = format!("kandy sms send --user russ --json --to-file - --format csv {arguments} < stdin");
    SendResult::of(&fixture.program("sh").args(["-c", &line]).output().unwrap())
}

/// Returns the text that each number received.
fn texts(fixture: &Fixture) -> BTreeMap<String, String> {
    let sms = fixture.emulator.sms();
    let texts: BTreeMap<_, _> = sms.iter().map(|sms| (sms.destination.clone(), sms.text.clone())).collect();
    assert_eq!(texts.len(), sms.len(), "each number gets one SMS: {sms:?}");
    texts
}

fn json(result: &SendResult) -> Value {
    serde_json::from_str(&result.stdout).unwrap_or_else(|_| panic!("{result:?}"))
}
