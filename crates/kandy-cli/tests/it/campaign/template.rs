//! Texts that are filled from the columns of a list.

use super::{json, output, send, send_stdin, texts};
use crate::fixture::{Fixture, sms_list::SmsListExt, stderr};

const LIST: &str = "to,first_name,code\n+12245550101,Ann,1111\n+12245550102,Bob,{first_name}\n";

fn list(text: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", text);
    fixture
}

#[test]
fn each_row_gets_its_own_text() {
    let fixture =
        list("\u{feff}TO;First Name;code;nick\r\n+12245550101;Ann;\"11\n\"\"11\"\"\";\r\n+12245550102;Bob;{to};B\r\n");
    let sent = send(&fixture, &["list.csv", "Hi {first name} ({nick|friend}): {code} {{ok}}"]);
    assert_eq!((sent.code, sent.counts()), (0, [2, 0, 0]), "{sent:?}");
    let texts = texts(&fixture);
    assert_eq!(texts["+12245550101"], "Hi Ann (friend): 11\n\"11\" {ok}");
    // A value is not expanded again.
    assert_eq!(texts["+12245550102"], "Hi Bob (B): {to} {ok}");
}

#[test]
fn json_and_stdin_have_templates_too() {
    let fixture = list("");
    fixture
        .write("list.jsonl", "{\"to\": 12245550101, \"name\": \"Ann\", \"n\": 3}\n{\"to\": 12245550102, \"n\": 4}\n");
    let sent = send(&fixture, &["list.jsonl", "{name|You} won {n}"]);
    assert_eq!((sent.code, sent.counts()), (0, [2, 0, 0]), "{sent:?}");
    assert_eq!(texts(&fixture)["+12245550102"], "You won 4");
    let sent = send_stdin(&fixture, "to,name\n+12245550103,Carl\n+12245550104,\n", "'Hi {name}'");
    assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{sent:?}");
    sent.assert_stderr("stdin, line 3: column \"name\" is empty, and the text needs it");
    assert_eq!(texts(&fixture)["+12245550103"], "Hi Carl");
}

/// One row without a value stops the list: with a hundred thousand rows, nobody reads the file for failed ones first.
#[test]
fn missing_value_is_refused_with_its_line_before_anything_is_sent() {
    let rows: String =
        (0..8).map(|number| format!("+1224555010{number},{}\n", if number == 0 { "Ann" } else { " " })).collect();
    let fixture = list(&format!("to,name\n{rows}"));
    let sent = send(&fixture, &["list.csv", "Hi {name}"]);
    sent.assert_rejected("list.csv: nothing was sent: no text can be made for 7 rows");
    for line in 3..=7 {
        sent.assert_stderr(&format!("list.csv, line {line}: column \"name\" is empty"));
    }
    sent.assert_stderr("further problems are not shown here");
    assert!(!sent.stderr.contains("line 8") && fixture.emulator.sms().is_empty());
    assert!(!fixture.has("list.csv.kandy-sms") && !fixture.has("list.failures.csv"));
    let sent = send(&fixture, &["list.csv", "Hi {name|there}"]);
    assert_eq!((sent.code, sent.counts()), (0, [8, 0, 0]), "{sent:?}");
    assert_eq!(texts(&fixture)["+12245550107"], "Hi there");
}

#[test]
fn wrong_templates_are_refused() {
    let fixture = list(LIST);
    for (text, reason) in [
        ("Hi {first_name", "TEXT: the `{` at \"{first_name\" is not closed"),
        ("Hi }", "closes no placeholder"),
        ("{}", "names no column"),
        (
            "Hi {firstname}",
            "line 1: the text uses the column \"firstname\", which is not there; the columns are \"to\", \"first_name\", \"code\"",
        ),
        ("Hi {firstname|there}", "the text uses the column \"firstname\""),
        ("Hi {first_name}", "column \"code\" is not known"),
    ] {
        send(&fixture, &["list.csv", text]).assert_rejected(reason);
    }
    fixture.write("list.csv", "to,name,Name\n+12245550101,Ann,Bob\n");
    send(&fixture, &["list.csv", "", "--ignore-unknown-columns"]).assert_rejected("no text can be made for 1 row");
    send(&fixture, &["list.csv", "Hi {name}"]).assert_rejected("column \"Name\" occurs twice; remove one");
    assert!(fixture.emulator.sms().is_empty());
}

#[test]
fn braces_are_text_if_asked_for() {
    let fixture = list("to,text\n+12245550101,{a}\n");
    let sent = send(&fixture, &["list.csv", "{to} }{", "--no-template"]);
    assert_eq!(sent.counts(), [1, 0, 0], "{sent:?}");
    assert_eq!(texts(&fixture)["+12245550101"], "{to} }{");
    // One SMS has no columns, and its braces are text.
    let output = fixture.kandy().args(["sms", "send", "--user", "russ", "+12245550102", "{x} {{"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(texts(&fixture)["+12245550102"], "{x} {{");
}

#[test]
fn texts_in_a_column_are_templates_if_asked_for() {
    let fixture = list("to,text,name\n+12245550101,Hi {name},Ann\n+12245550102,{{Hola}} {Name|amigo},\n");
    // Its author may think that it is a template, also after following the advice about unknown columns.
    send(&fixture, &["list.csv"]).assert_rejected("column \"name\" is not known");
    let sent = send(&fixture, &["list.csv", "--ignore-unknown-columns"]);
    sent.assert_rejected("no text can be made for 2 rows");
    sent.assert_stderr(
        "line 2: the text contains \"name\" in braces, which is the name of a column: --template fills it in",
    );
    let sent = send(&fixture, &["list.csv", "--template"]);
    assert_eq!(sent.counts(), [2, 0, 0], "{sent:?}");
    assert_eq!(texts(&fixture).into_values().collect::<Vec<_>>(), ["Hi Ann", "{Hola} amigo"]);

    // Other braces are text, as they always were.
    let fixture = list("to,text\n+12245550101,fn main() { } {x}\n");
    assert_eq!(send(&fixture, &["list.csv"]).counts(), [1, 0, 0]);
    assert_eq!(texts(&fixture)["+12245550101"], "fn main() { } {x}");
    send(&fixture, &["list.csv", "--template"]).assert_rejected("line 2: the text is no template: ");
    let sent = send(&fixture, &["list.csv", "--template", "--no-template"]);
    sent.assert_rejected("cannot be used with");
}

/// The journal identifies the text: a list that was begun with one is not continued with another.
#[test]
fn list_is_resumed_with_the_same_text_only() {
    let fixture = list(LIST);
    let sent = send(&fixture, &["list.csv", "Hi {first_name} {code}"]);
    assert_eq!(sent.counts(), [2, 0, 0], "{sent:?}");
    for arguments in [
        &["list.csv", "Hi {code} {first_name}"][..],
        &["list.csv", "Hi {first_name} {code}", "--no-template", "--ignore-unknown-columns"],
    ] {
        send(&fixture, arguments).assert_rejected("was started for another target");
    }
    // A value of a processed row changed: that is another row.
    fixture.write("list.csv", &LIST.replace("Ann", "Eve"));
    send(&fixture, &["list.csv", "Hi {first_name} {code}"]).assert_rejected("has changed");
    fixture.write("list.csv", &format!("{LIST}+12245550103,Carl,3\n"));
    assert_eq!(send(&fixture, &["list.csv", "Hi {first_name} {code}"]).counts(), [3, 0, 0]);
    assert_eq!(fixture.emulator.sms().len(), 3);
    fixture.write("list.csv", &format!("{LIST}+12245550103,Carl,3\n+12245550104,,4\n"));
    let sent = send(&fixture, &["list.csv", "Hi {first_name} {code}"]);
    sent.assert_rejected("no text can be made for 1 row");
    assert_eq!(fixture.emulator.sms().len(), 3);
}

#[test]
fn rows_that_fail_are_sent_with_their_text_later() {
    let fixture = list("to,name\nnobody,Ann\n+12245550102,Bob\n");
    let sent = send(&fixture, &["list.csv", "Hi {name}"]);
    assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{sent:?}");
    let corrected = fixture.read("list.failures.csv").replace("nobody", "+12245550101");
    fixture.write("list.failures.csv", &corrected.replacen("line 2: column \"\"to\"\": \"\"nobody\"\"", "", 1));
    let sent = send(&fixture, &["list.failures.csv", "Hi {name}"]);
    assert_eq!((sent.code, sent.counts()), (0, [1, 0, 0]), "{sent:?}");
    assert_eq!(texts(&fixture)["+12245550101"], "Hi Ann");
}

#[test]
fn killed_list_is_resumed_with_each_text_once() {
    let rows: String = (0..200).map(|number| format!("+1224{number:07},name{number}\n")).collect();
    let fixture = list(&format!("to,name\n{rows}"));
    let arguments = ["Hi {name}", "--concurrency", "4"];
    let mut sending = fixture.send("list.csv", &arguments);
    sending.wait_until("some are sent", || fixture.emulator.sms().len() > 50);
    sending.signal("KILL");
    sending.end();
    let sent = fixture.sent("list.csv", &arguments);
    let [done, failed, unknown] = sent.counts();
    assert!(failed == 0 && unknown <= 4 && done + unknown == 200, "{sent:?}");
    for (number, text) in texts(&fixture) {
        let number: usize = number.trim_start_matches("+1224").parse().unwrap();
        assert_eq!(text, format!("Hi name{number}"));
    }
}

/// A value is data of others: it is not interpreted, wherever it is shown.
#[test]
fn hostile_values_are_data() {
    let fixture = list("to,name\n+12245550101,\u{1b}[31m{to}\u{202e}\n+12245550102,=cmd|'/c calc'!A1\n");
    let shown = send(&fixture, &["list.csv", "Hi {name}", "--dry-run"]);
    assert_eq!(json(&shown)["preview"][0]["text"], "Hi \u{1b}[31m{to}\u{202e}");
    let printed = output(&fixture, &["list.csv", "Hi {name}"]);
    assert!(printed.status.success(), "{}", stderr(&printed));
    assert_eq!(texts(&fixture)["+12245550101"], "Hi \u{1b}[31m{to}\u{202e}");
    assert_eq!(texts(&fixture)["+12245550102"], "Hi =cmd|'/c calc'!A1");
}
