//! Lists of phone numbers as spreadsheets, contacts and people write them: what the dry run finds usable is sent, in one
//! spelling, and nothing else is.

mod support;

use std::{collections::BTreeSet, fs, process::Output};

use serde_json::Value;

use support::Stage;

/// A list that came from outside, next to the tests.
fn list(stage: &Stage, name: &str) {
    let lists = kandy_checkout::expect_root().join("crates/kandy-cli/tests/lists");
    fs::copy(lists.join(name), stage.folder.path().join(name)).unwrap();
}

fn send(stage: &Stage, file: &str, options: &[&str]) -> Output {
    let mut command = stage.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", file, "Hello"]).args(options);
    command.output().unwrap()
}

fn summary(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Sends a list, and answers the numbers that got an SMS. The dry run has to have found as many usable before.
fn received(stage: &Stage, file: &str, options: &[&str]) -> BTreeSet<String> {
    let checked = summary(&send(stage, file, &[options, &["--dry-run"]].concat()));
    assert!(stage.emulator.sms().is_empty(), "a dry run sends nothing");
    let sent = summary(&send(stage, file, options));
    assert_eq!([&checked["usable"], &checked["unusable"]], [&sent["sent"], &sent["failed"]], "{file}");
    assert_eq!(sent["unknown"], 0);
    let refused = |request: &kandy_emulator::LoggedRequest| request.to_string().contains("invalid parameter");
    assert!(!stage.emulator.requests().iter().any(refused), "the service refuses nothing that the command sends");
    let numbers: Vec<_> = stage.emulator.sms().into_iter().map(|sms| sms.destination).collect();
    assert_eq!(sent["sent"], numbers.len());
    numbers.into_iter().collect()
}

fn numbers<const N: usize>(numbers: [&str; N]) -> BTreeSet<String> {
    numbers.map(str::to_owned).into()
}

#[test]
fn a_list_from_a_spreadsheet_is_sent_as_far_as_its_numbers_are_whole() {
    let stage = Stage::new();
    list(&stage, "s_excel.csv");
    let whole =
        numbers(["+12245550103", "+12245550106", "+12245550107", "+12245550111", "+12245550114", "+12245550120"]);
    assert_eq!(received(&stage, "s_excel.csv", &[]), whole);
}

#[test]
fn a_default_country_adds_the_national_numbers_of_a_list() {
    let stage = Stage::new();
    list(&stage, "s_excel.csv");
    let got = received(&stage, "s_excel.csv", &["--default-country", "US"]);
    assert!(got.contains("+12245550105"), "the national number: {got:?}");
    assert_eq!(got.len(), 7, "{got:?}");

    let stage = Stage::new();
    fs::write(stage.folder.path().join("de.csv"), "to\n0151 23456789\n+49 151 23456780\n15123456781\n").unwrap();
    let got = received(&stage, "de.csv", &["--default-country", "de"]);
    assert_eq!(got, numbers(["+4915123456789", "+4915123456780"]), "the third may have lost its 0, or not");
}

#[test]
fn numbers_that_a_program_wrote_as_decimals_are_refused_with_the_cause() {
    let stage = Stage::new();
    list(&stage, "s_float.csv");
    let checked = send(&stage, "s_float.csv", &["--dry-run"]);
    assert_eq!(summary(&checked)["usable"], 0);
    let said = stderr(&checked);
    assert!(said.contains("decimal number") && said.contains("exponent") && said.contains("column as text"), "{said}");
    assert!(received(&stage, "s_float.csv", &[]).is_empty());
}

#[test]
fn one_number_has_one_spelling() {
    let stage = Stage::new();
    list(&stage, "s_dup_numbers.csv");
    send(&stage, "s_dup_numbers.csv", &[]);
    let sms = stage.emulator.sms();
    assert!(!sms.is_empty() && sms.iter().all(|sms| sms.destination == "+12245550101"), "{sms:?}");
}

#[test]
fn a_single_sms_follows_the_same_rule() {
    let stage = Stage::new();
    let run = |arguments: &[&str]| {
        let mut command = stage.kandy();
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
    let sms = stage.emulator.sms();
    assert!(sms.iter().all(|sms| sms.destination == "+12245556666" && sms.source.as_deref() == Some("Teacher")));
    assert_eq!(sms.len(), 3);
}
