//! The same number twice in a list.

use super::{json, send, send_stdin};
use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, phone, rows},
};

fn list(text: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", text);
    fixture
}

#[test]
fn same_number_twice_is_refused_with_both_lines() {
    let fixture = list("to,text\n+12245550101,a\n+12245550102,\"b\nb\"\n+1 (224) 555-0101,c\n12245550102,d\n");
    let sent = send(&fixture, &["list.csv"]);
    sent.assert_rejected("list.csv: nothing was sent: 2 rows repeat the number of an earlier row; remove them, or use --allow-duplicates");
    sent.assert_stderr("list.csv, line 5: +12245550101 is already in line 2\n");
    sent.assert_stderr("list.csv, line 6: +12245550102 is already in line 3\n");
    assert!(fixture.emulator.sms().is_empty() && !fixture.has("list.csv.kandy-sms"));
    let sent = send(&fixture, &["list.csv", "--allow-duplicates"]);
    assert_eq!((sent.code, sent.counts()), (0, [4, 0, 0]), "{sent:?}");
    assert_eq!(fixture.received().into_values().collect::<Vec<_>>(), [2, 2]);
}

/// National numbers are those that the default country makes of them.
#[test]
fn default_country_counts() {
    let fixture = list("to,text\n(224) 555-0101,a\n+12245550101,b\n");
    send(&fixture, &["list.csv", "--default-country", "US"])
        .assert_rejected("1 row repeats the number of an earlier row");
    // Without the country the first row is no number, and fails alone.
    let sent = send(&fixture, &["list.csv"]);
    assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{sent:?}");
}

#[test]
fn appended_row_must_not_repeat_a_processed_one() {
    let fixture = list("to,text\n+12245550101,a\n+12245550102,b\n");
    assert_eq!(send(&fixture, &["list.csv"]).counts(), [2, 0, 0]);
    fixture.write("list.csv", "to,text\n+12245550101,a\n+12245550102,b\n+1 224 555 0101,c\n");
    let sent = send(&fixture, &["list.csv"]);
    sent.assert_rejected("1 row repeats the number of an earlier row");
    sent.assert_stderr("list.csv, line 4: +12245550101 is already in line 2");
    assert_eq!(fixture.emulator.sms().len(), 2);
    assert_eq!(send(&fixture, &["list.csv", "--allow-duplicates"]).counts(), [3, 0, 0]);
}

/// A stream cannot be read before it is sent, so the row that repeats a number fails.
#[test]
fn row_of_a_stream_that_repeats_a_number_fails() {
    let fixture = list("");
    let rows = "to,text\n+12245550101,a\n+12245550102,b\n12245550101,c\n";
    let sent = send_stdin(&fixture, rows, "--journal j");
    assert_eq!((sent.code, sent.counts()), (8, [2, 1, 0]), "{sent:?}");
    sent.assert_stderr(
        "stdin, line 4: +12245550101 is already in an earlier row; --allow-duplicates sends to it again",
    );
    // The next run counts rows that this one processed.
    let sent = send_stdin(&fixture, &format!("{rows}+12245550103,d\n+12245550102,e\n"), "--journal j");
    assert_eq!((sent.code, sent.counts()), (8, [3, 2, 0]), "{sent:?}");
    assert_eq!(fixture.emulator.sms().len(), 3);
    let sent = send_stdin(&fixture, rows, "--allow-duplicates --failures f.csv");
    assert_eq!((sent.code, sent.counts()), (0, [3, 0, 0]), "{sent:?}");
}

#[test]
fn dry_run_shows_all_duplicates() {
    let fixture = list(&format!("to,text\n{}{}", rows(0..8, &[]), rows(0..8, &[])));
    let checked = send(&fixture, &["list.csv", "--dry-run"]);
    assert_eq!(checked.code, 8, "{checked:?}");
    for line in 10..18 {
        let first = line - 8;
        checked.assert_stderr(&format!("list.csv, line {line}: {} is already in line {first}\n", phone(first - 2)));
    }
    checked.assert_stderr("8 of 16 rows cannot be used, of which 8 repeat the number of an earlier row");
    let figures = json(&checked);
    for (name, count) in
        [("rows", 16), ("usable", 8), ("unusable", 8), ("recipients", 8), ("duplicates", 8), ("segments", 8)]
    {
        assert_eq!(figures[name], count, "{name}: {figures}");
    }
    let allowed = send(&fixture, &["list.csv", "--dry-run", "--allow-duplicates"]);
    let figures = json(&allowed);
    for (name, count) in [("usable", 16), ("unusable", 0), ("recipients", 8), ("duplicates", 8), ("segments", 16)] {
        assert_eq!(figures[name], count, "{name}: {figures}");
    }
    assert_eq!(allowed.code, 0);
}

/// The recipients of a million rows take less than 30 MB, whatever else a command needs.
#[test]
fn memory_for_recipients_is_bounded() {
    let most = |rows: usize| {
        let fixture = list("");
        let mut list = String::from("to\n");
        (0..rows).for_each(|number| list.push_str(&format!("{}\n", phone(number))));
        fixture.write("list.csv", &format!("{list}{}\n", phone(0)));
        let mut command = fixture.kandy();
        command.args(["sms", "send", "--user", "russ", "--to-file", "list.csv", "Hello"]);
        let (output, memory) = RunningCommand::start(command).end();
        SendResult::of(&output).assert_rejected("1 row repeats the number of an earlier row");
        memory
    };
    // A short run may end before its memory is measured.
    let (few, many) = (most(20_000), most(300_000));
    assert!(many < few + 16 * 1024, "{few} KiB, and {many} KiB for 300,000 rows");
}
