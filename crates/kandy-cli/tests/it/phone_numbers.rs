//! Phone numbers as spreadsheets, contacts and users write them: numbers that a dry run accepts are sent in one
//! spelling, and no others.

use std::{collections::BTreeSet, fs, process::Output};

use serde_json::Value;

use crate::fixture::{Fixture, stderr};

/// Copies a list into the folder of the fixture.
fn list(fixture: &Fixture, name: &str) {
    let lists = kandy_checkout::expect_root().join("crates/kandy-cli/tests/lists");
    fs::copy(lists.join(name), fixture.folder.path().join(name)).unwrap();
}

fn send(fixture: &Fixture, file: &str, options: &[&str]) -> Output {
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", file, "Hello"]).args(options);
    command.output().unwrap()
}

fn summary(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

/// Sends a list and returns the numbers that received an SMS. A dry run before must accept as many.
fn received(fixture: &Fixture, file: &str, options: &[&str]) -> BTreeSet<String> {
    let checked = summary(&send(fixture, file, &[options, &["--dry-run"]].concat()));
    assert!(fixture.emulator.sms().is_empty(), "a dry run sends nothing");
    let sent = summary(&send(fixture, file, options));
    assert_eq!([&checked["usable"], &checked["unusable"]], [&sent["sent"], &sent["failed"]], "{file}");
    assert_eq!(sent["unknown"], 0);
    let refused = |request: &kandy_emulator::LoggedRequest| request.to_string().contains("invalid parameter");
    assert!(!fixture.emulator.requests().iter().any(refused), "the service refuses nothing that the command sends");
    let numbers: Vec<_> = fixture.emulator.sms().into_iter().map(|sms| sms.destination).collect();
    assert_eq!(sent["sent"], numbers.len());
    numbers.into_iter().collect()
}

fn numbers<const N: usize>(numbers: [&str; N]) -> BTreeSet<String> {
    numbers.map(str::to_owned).into()
}

#[test]
fn spreadsheet_numbers_are_sent_if_complete() {
    let fixture = Fixture::new();
    list(&fixture, "s_excel.csv");
    let whole =
        numbers(["+12245550103", "+12245550106", "+12245550107", "+12245550111", "+12245550114", "+12245550120"]);
    assert_eq!(received(&fixture, "s_excel.csv", &[]), whole);
}

#[test]
fn default_country_completes_national_numbers() {
    let fixture = Fixture::new();
    list(&fixture, "s_excel.csv");
    let got = received(&fixture, "s_excel.csv", &["--default-country", "US"]);
    assert!(got.contains("+12245550105"), "the national number: {got:?}");
    assert_eq!(got.len(), 7, "{got:?}");

    let fixture = Fixture::new();
    fs::write(fixture.folder.path().join("de.csv"), "to\n0151 23456789\n+49 151 23456780\n15123456781\n").unwrap();
    let got = received(&fixture, "de.csv", &["--default-country", "de"]);
    assert_eq!(got, numbers(["+4915123456789", "+4915123456780"]), "the third may have lost its 0, or not");
}

#[test]
fn decimal_numbers_are_rejected() {
    let fixture = Fixture::new();
    list(&fixture, "s_float.csv");
    let checked = send(&fixture, "s_float.csv", &["--dry-run"]);
    assert_eq!(summary(&checked)["usable"], 0);
    let said = stderr(&checked);
    assert!(said.contains("decimal number") && said.contains("exponent") && said.contains("column as text"), "{said}");
    assert!(received(&fixture, "s_float.csv", &[]).is_empty());
}

#[test]
fn numbers_are_normalized() {
    let fixture = Fixture::new();
    list(&fixture, "s_dup_numbers.csv");
    send(&fixture, "s_dup_numbers.csv", &["--allow-duplicates"]);
    let sms = fixture.emulator.sms();
    assert!(!sms.is_empty() && sms.iter().all(|sms| sms.destination == "+12245550101"), "{sms:?}");
}

#[test]
fn single_sms_normalizes_too() {
    let fixture = Fixture::new();
    let run = |arguments: &[&str]| {
        let mut command = fixture.kandy();
        command.args(["sms", "send", "--user", "russ"]).args(arguments).output().unwrap()
    };
    for (arguments, problem) in [
        (&["2245556666", "Hello"][..], "--default-country"),
        (&["12245556666/12245556667", "Hello"], "more than one number"),
        (&["+12245556666 x12", "Hello"], "extension"),
        (&["1-800-FLOWERS", "Hello"], "letter"),
        (&["5556666", "Hello", "--default-country", "US"], "national numbers"),
        (&["2245556666", "Hello", "--default-country", "UK"], "GB"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(problem), "{arguments:?}: {}", stderr(&output));
    }
    for (number, options) in
        [("+1 (224) 555-6666", &[][..]), ("12245556666", &[]), ("224.555.6666", &["--default-country", "US"])]
    {
        let output = run(&[&[number, "Hello", "--from", "Teacher"], options].concat());
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let sms = fixture.emulator.sms();
    assert!(sms.iter().all(|sms| sms.destination == "+12245556666" && sms.source.as_deref() == Some("Teacher")));
    assert_eq!(sms.len(), 3);
}
