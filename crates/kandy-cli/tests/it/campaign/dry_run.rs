//! What a list or an SMS costs, before it is sent.

use serde_json::json;

use super::{json, send, send_stdin};
use crate::fixture::{Fixture, stderr};

fn list(text: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", text);
    fixture
}

#[test]
fn dry_run_of_a_list_has_all_figures() {
    let long = "x".repeat(161);
    let fixture = list(&format!(
        "to,name\n+12245550101,Ann\n+12245550102,Zoë\n+12245550103,Bob’s\n+12245550104,{long}\nnobody,Eve\n+12245550105,Opt\n"
    ));
    fixture.write("opt-outs.txt", "+12245550105\n");
    let arguments = ["list.csv", "Hi {name}", "--suppress", "opt-outs.txt", "--dry-run", "--price", "0.0075"];
    let checked = send(&fixture, &arguments);
    assert_eq!(checked.code, 8, "{checked:?}");
    // `ë` is not in GSM-7, and has no replacement; `’` has one.
    let preview = |line: u64, to: &str, text: &str, encoding: &str| json!({"line": line, "destination": to, "text": text, "segments": 1, "encoding": encoding});
    assert_eq!(
        json(&checked),
        json!({
            "rows": 6, "usable": 4, "unusable": 1, "recipients": 4, "duplicates": 0, "suppressed": 1, "segments": 5,
            "segments_with_replacements": 5, "sms_by_segments": {"1": 3, "2": 1},
            "sms_by_encoding": {"GSM-7": 2, "UCS-2": 2}, "non_gsm7": {"ë": 1, "’": 1},
            "price_per_segment": "0.0075", "price": "0.0375",
            "preview": [
                preview(2, "+12245550101", "Hi Ann", "GSM-7"), preview(3, "+12245550102", "Hi Zoë", "UCS-2"),
                preview(4, "+12245550103", "Hi Bob’s", "UCS-2"),
            ],
        })
    );
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--to-file"]).args(arguments);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "recipients\t4",
        "suppressed\t1",
        "segments\t5",
        "sms_by_segments\t1: 3, 2: 1",
        "sms_by_encoding\tGSM-7: 2, UCS-2: 2",
        "non_gsm7\të U+00EB: 1, ’ U+2019: 1",
        "price\t0.0375",
        "line 2\t+12245550101 (1 segment, GSM-7): Hi Ann",
    ] {
        assert!(text.lines().any(|shown| shown == line), "no {line:?} in {text}");
    }
    assert!(fixture.emulator.requests().iter().all(|request| request.operation != Some("sms_send")));
    let mut command = fixture.kandy();
    command.args([
        "sms",
        "send",
        "--user",
        "russ",
        "--to-file",
        "list.csv",
        "Hi",
        "--ignore-unknown-columns",
        "--dry-run",
    ]);
    let output = command.arg("--json=segments,price").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"price\":null,\"segments\":5}\n");
}

/// The cost of typographic characters, and what their replacement saves.
#[test]
fn figures_show_what_replacements_save() {
    let text = format!("It’s {}", "a".repeat(75));
    let fixture = list(&format!("to,text\n+12245550101,{text}\n+12245550102,{text}\n"));
    let figures = json(&send(&fixture, &["list.csv", "--dry-run"]));
    assert_eq!([&figures["segments"], &figures["segments_with_replacements"]], [4, 2], "{figures}");
    assert_eq!(figures["non_gsm7"], json!({"’": 2}));
}

#[test]
fn stream_and_empty_list_have_figures() {
    let fixture = list("to,text\n");
    let figures = json(&send(&fixture, &["list.csv", "--dry-run", "--price", "1"]));
    assert_eq!([&figures["rows"], &figures["segments"]], [0, 0]);
    assert_eq!([&figures["price"], &figures["preview"]], [&json!("0"), &json!([])]);
    let checked = send_stdin(&fixture, "to,text\n+12245550101,a\n12245550101,b\n", "--dry-run");
    assert_eq!((checked.code, &json(&checked)["duplicates"]), (8, &1.into()), "{checked:?}");
    checked.assert_stderr("stdin, line 3: +12245550101 is already in an earlier row");
}

#[test]
fn price_is_a_decimal_number() {
    let fixture = list(&format!("to\n{}", (0..3).map(|n| format!("+1224555010{n}\n")).collect::<String>()));
    for (price, total) in [("0.1", "0.3"), ("0.0075", "0.0225"), ("0", "0"), ("2", "6"), ("0.10", "0.3")] {
        let figures = json(&send(&fixture, &["list.csv", "Hi", "--dry-run", "--price", price]));
        assert_eq!(figures["price"], total, "{price}");
    }
    for price in ["-1", "NaN", "1e400", "0,5", "", "1.", "inf", "1234567890123456789"] {
        let refused = send(&fixture, &["list.csv", "Hi", "--dry-run", &format!("--price={price}")]);
        refused.assert_rejected("--price");
    }
    send(&fixture, &["list.csv", "Hi", "--price", "1"]).assert_rejected("--price requires --dry-run");
    send(&fixture, &["list.csv", "Hi", "--dry-run", "--price", "1", "--price", "2"])
        .assert_rejected("cannot be used multiple times");
    assert!(fixture.emulator.sms().is_empty());
}

#[test]
fn dry_run_of_one_sms_has_its_figures() {
    let fixture = list("");
    let run = |arguments: &[&str]| {
        let mut command = fixture.kandy();
        command.args(["sms", "send", "--user", "russ", "--dry-run", "+12245550101"]).args(arguments).output().unwrap()
    };
    let output = run(&["It’s on", "--price", "0.05", "--json"]);
    let request: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    assert_eq!(request["operation"], "sms_send");
    assert_eq!(
        request["sms"],
        json!({
            "encoding": "UCS-2", "units": 7, "segments": 1, "remaining": 63, "non_gsm7": {"’": 2},
            "with_replacements": "It's on", "price_per_segment": "0.05", "price": "0.05",
        })
    );
    let output = run(&["It’s on", "--price", "0.05"]);
    let said = stderr(&output);
    assert!(said.contains("1 segment, UCS-2 (63 of 70 units free), price 0.05"), "{said}");
    assert!(said.contains("not in GSM-7: ’ U+2019; with replacements: \"It's on\" (1 segment, GSM-7)"), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("curl"), "{output:?}");
    assert!(fixture.emulator.sms().is_empty());
}

#[test]
fn long_texts_are_refused() {
    let (long, short) = ("x".repeat(161), "x".repeat(160));
    let fixture = list(&format!("to,text\n+12245550101,{short}\n+12245550102,{long}\n"));
    let checked = send(&fixture, &["list.csv", "--dry-run", "--max-segments", "1"]);
    assert_eq!((checked.code, &json(&checked)["segments"]), (8, &1.into()), "{checked:?}");
    let sent = send(&fixture, &["list.csv", "--max-segments", "1"]);
    assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{sent:?}");
    sent.assert_stderr("it needs 2 segments in GSM-7 (161 septets), and `max_segments` allows 1");
    let one = |text: &str| {
        let mut command = fixture.kandy();
        command.args(["sms", "send", "--user", "russ", "+12245550103", text, "--max-segments", "1"]).output().unwrap()
    };
    let output = one(&long);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("it needs 2 segments in GSM-7 (161 septets), and `max_segments` allows 1"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fixture.emulator.sms().len(), 1);
    assert!(one(&short).status.success());
    for wrong in ["0", "-1", "256", "x"] {
        send(&fixture, &["list.csv", &format!("--max-segments={wrong}")]).assert_rejected("--max-segments");
    }
}
