//! Input files as spreadsheets, editors and scripts write them: what is used, and what is rejected.

mod outcomes;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::Write as _,
    process::{Output, Stdio},
};

use serde_json::Value;

use crate::fixture::{Fixture, stderr};
use outcomes::{FRACTION, Outcome, SMS, USERS};

use Outcome::{Numbers, Refused, Rows};

fn folder() -> std::path::PathBuf {
    kandy_checkout::expect_root().join("crates/kandy-cli/tests/lists")
}

impl Fixture {
    fn write_list(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(name)).unwrap()
    }

    fn import_list(&self, arguments: &[&str]) -> Output {
        self.kandy().args(["user", "import", "--json"]).args(arguments).output().unwrap()
    }

    fn send_list(&self, arguments: &[&str], stdin: &[u8]) -> Output {
        let mut command = self.kandy();
        command.args(["sms", "send", "--user", "russ", "--json", "--to-file"]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A rejected list is not read to its end.
        drop(child.stdin.take().unwrap().write_all(stdin));
        child.wait_with_output().unwrap()
    }

    /// Returns the sent texts with their numbers.
    fn sent_texts(&self) -> BTreeSet<(String, String)> {
        self.emulator.sms().into_iter().map(|sms| (sms.destination, sms.text)).collect()
    }

    fn listed_user_ids(&self) -> BTreeSet<String> {
        let listed = self.kandy().args(["user", "list", "--quiet"]).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().map(|id| id.split('@').next().unwrap().to_owned()).collect()
    }

    /// Returns the names of the files in the folder.
    fn list_files(&self) -> BTreeSet<String> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).filter(|name| name.contains('.')).collect()
    }
}

fn check(name: &str, outcome: Outcome, output: &Output) {
    let stderr = stderr(output);
    let said: Vec<&str> = stderr.lines().filter(|line| line.starts_with(name)).collect();
    if let Refused(reason) = outcome {
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(output.stdout.is_empty() && said.is_empty(), "{name}: {stderr}");
        assert!(stderr.contains(&format!("kandy: {name}")) && stderr.contains(reason), "{name}: {stderr}");
        return;
    }
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{name}: {stderr}"));
    let (rows, unusable) = match outcome {
        Rows(rows, unusable) => (rows, unusable),
        Numbers(rows) => {
            assert_eq!(summary["rows"], rows, "{name}: {stderr}");
            return;
        }
        Refused(_) => unreachable!("it is done"),
    };
    assert_eq!([&summary["rows"], &summary["unusable"]], [rows, unusable.len() as u64], "{name}: {stderr}");
    assert_eq!(output.status.code(), Some(if unusable.is_empty() { 0 } else { 8 }), "{name}: {stderr}");
    assert_eq!(said.len(), unusable.len(), "{name}: {stderr}");
    for (said, (line, reason)) in said.iter().zip(unusable) {
        assert!(said.starts_with(&format!("{name}, line {line}: ")) && said.contains(reason), "{name}: {said}");
    }
}

#[test]
fn every_list_has_its_expected_outcome() {
    let fixture = Fixture::new();
    let mut files: BTreeSet<_> =
        fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    for (name, _) in USERS.iter().chain(SMS) {
        fs::copy(folder().join(name), fixture.folder.path().join(name)).unwrap();
        files.remove(*name);
    }
    // The folder has lists of other tests, too.
    files.retain(|name| name.starts_with("u_") || name.starts_with("s_"));
    assert!(files.is_empty(), "of these nothing is said: {files:?}");
    for (name, outcome) in USERS {
        check(name, *outcome, &fixture.import_list(&[name, "--dry-run"]));
    }
    for (name, outcome) in SMS {
        check(name, *outcome, &fixture.send_list(&[name, "--dry-run"], b""));
    }
    assert!(fixture.sent_texts().is_empty());
}

#[test]
fn non_integer_json_numbers_are_rejected() {
    let fixture = Fixture::new();
    fs::copy(folder().join("s_float.jsonl"), fixture.folder.path().join("s_float.jsonl")).unwrap();
    let output = fixture.send_list(&["s_float.jsonl", "--dry-run"], b"");
    let stderr = stderr(&output);
    for (line, number) in [(1, "12245550101.0"), (3, "1.2245550103e10")] {
        assert!(
            stderr.contains(&format!("s_float.jsonl, line {line}: \"to\" is the number {number}{FRACTION}")),
            "{stderr}"
        );
    }
}

#[test]
fn encoding_and_delimiter_options() {
    let fixture = Fixture::empty();
    for name in ["u_cp1252.csv", "u_cp1252_header.csv"] {
        fs::copy(folder().join(name), fixture.folder.path().join(name)).unwrap();
    }
    let output = fixture.import_list(&["u_cp1252.csv", "--encoding", "cp1252", "--dry-run"]);
    check("u_cp1252.csv", Rows(2, &[]), &output);
    let output = fixture.import_list(&["u_cp1252_header.csv", "--encoding", "latin1", "--dry-run"]);
    check("u_cp1252_header.csv", Refused("line 1: column \"Prénom\" is not known"), &output);
    let output =
        fixture.import_list(&["u_cp1252_header.csv", "--encoding", "latin1", "--ignore-unknown-columns", "--dry-run"]);
    check("u_cp1252_header.csv", Rows(1, &[]), &output);
    fixture.write_list("pipes.csv", "user_id|user_first_name\na|\"b|c\"\n");
    check("pipes.csv", Refused("use --delimiter '|'"), &fixture.import_list(&["pipes.csv", "--dry-run"]));
    check("pipes.csv", Rows(1, &[]), &fixture.import_list(&["pipes.csv", "--delimiter", "|", "--dry-run"]));
    fixture.write_list("list.tsv", "user_id\tuser_first_name\na\tb,c\n");
    check("list.tsv", Rows(1, &[]), &fixture.import_list(&["list.tsv", "--delimiter", "tab", "--dry-run"]));
    for arguments in [["--encoding", "ebcdic"], ["--delimiter", "ab"], ["--delimiter", "\""], ["--delimiter", "é"]] {
        let output = fixture.import_list(&[&["list.tsv", "--dry-run"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("invalid value"), "{}", stderr(&output));
    }
    // These options require a list.
    let output =
        fixture.kandy().args(["sms", "send", "+12245550101", "Hello", "--encoding", "utf-8"]).output().unwrap();
    assert!(stderr(&output).contains("bulk options require --to-file"), "{}", stderr(&output));
}

/// Returns a list of good rows, with a broken one and another good one after them.
fn broken_at_the_end(count: usize, broken: &str) -> String {
    let mut list = String::from("to,text\n");
    for number in 0..count {
        writeln!(list, "+1224555{number:04},\"Your code,\nis {number}\"").unwrap();
    }
    list + broken + "+12245559999,after\n"
}

const BROKEN: [(&str, &str); 4] = [
    ("+12245558888,\"a\n+12245557777,b\" c\n", "text after the closing quote"),
    ("+12245558888,\"a\n", "is not closed"),
    ("+12245558888, \"a, b\"\n", "opening quote inside column \"text\""),
    ("+12245558888,\"he said \\\"hi\\\"\"\n", "text after the closing quote"),
];

#[test]
fn broken_quote_in_a_file_sends_nothing() {
    let fixture = Fixture::new();
    let lists = ["s_stray_pair.csv", "after_quote.csv", "backslash_quote.csv", "space_quote.csv"]
        .map(|name| (fs::read_to_string(folder().join(name)).unwrap(), ""));
    let broken = BROKEN.map(|(broken, reason)| (broken_at_the_end(1_000, broken), reason));
    for (list, reason) in lists.into_iter().chain(broken) {
        fixture.write_list("list.csv", list);
        let output = fixture.send_list(&["list.csv"], b"");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("kandy: list.csv, line "), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(reason) && stderr(&output).contains("nothing was sent"),
            "{}",
            stderr(&output)
        );
        assert!(fixture.sent_texts().is_empty());
        assert_eq!(
            fixture.list_files(),
            BTreeSet::from(["list.csv".to_owned()]),
            "no journal, and no file of failures"
        );
    }
    let fixture = Fixture::empty();
    fs::copy(folder().join("u_stray_quote.csv"), fixture.folder.path().join("u_stray_quote.csv")).unwrap();
    assert_eq!(fixture.import_list(&["u_stray_quote.csv"]).status.code(), Some(2));
    assert!(fixture.listed_user_ids().is_empty());
}

#[test]
fn broken_quote_in_a_stream_stops_there() {
    for (broken, reason) in BROKEN {
        let fixture = Fixture::new();
        let output = fixture.send_list(&["-", "--format", "csv"], broken_at_the_end(20, broken).as_bytes());
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains("kandy: stdin, line 4"), "{}", stderr(&output));
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
        assert!(stderr(&output).contains("no row from there on was processed"), "{}", stderr(&output));
        let expected = (0..20).map(|number| (format!("+1224555{number:04}"), format!("Your code,\nis {number}")));
        assert_eq!(fixture.sent_texts(), expected.collect());
        // A dry run sends nothing.
        let output =
            fixture.send_list(&["-", "--format", "csv", "--dry-run"], broken_at_the_end(20, broken).as_bytes());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
}

#[test]
fn correct_quotes_are_sent_unchanged() {
    let fixture = Fixture::new();
    fs::copy(folder().join("s_inner_quote.csv"), fixture.folder.path().join("list.csv")).unwrap();
    let output = fixture.send_list(&["list.csv"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = [("+12245550101", "the 5\" pipe is in"), ("+12245550102", "two\nlines")];
    assert_eq!(fixture.sent_texts(), expected.map(|(to, text)| (to.to_owned(), text.to_owned())).into());
}

#[test]
fn json_numbers_become_ids() {
    let fixture = Fixture::empty();
    fs::copy(folder().join("u_numbers.jsonl"), fixture.folder.path().join("u.jsonl")).unwrap();
    let output = fixture.import_list(&["u.jsonl"]);
    assert_eq!(output.status.code(), Some(8), "{}", stderr(&output));
    let expected = ["90071992547409931", "123456789012345678901234567890", "007"].map(str::to_owned);
    assert_eq!(fixture.listed_user_ids(), expected.into());
    // Failed rows are written unchanged, and no number is altered.
    let failures = String::from_utf8(fixture.read_bytes("u.failures.jsonl")).unwrap();
    for member in
        ["\"user_id\":1001.0,", "\"user_id\":1e3,\"user_country_code\":1}", "\"user_id\":1.5}", "\"user_id\":-0}"]
    {
        assert!(failures.contains(member), "{member}: {failures}");
    }

    // The same for a number in a row that fails for another reason.
    fixture.write_list(
        "v.jsonl",
        "{\"user_country_code\":\"XX\",\"user_id\":98765432109876543210987654321,\"\\u0065rror\":1}\n",
    );
    assert_eq!(fixture.import_list(&["v.jsonl"]).status.code(), Some(8));
    let failures = String::from_utf8(fixture.read_bytes("v.failures.jsonl")).unwrap();
    assert!(
        failures.ends_with(",\"user_country_code\":\"XX\",\"user_id\":98765432109876543210987654321}\n"),
        "{failures}"
    );
    fixture.write_list("v.failures.jsonl", failures.replace("\"XX\"", "\"US\""));
    assert_eq!(fixture.import_list(&["v.failures.jsonl"]).status.code(), Some(0));
    assert!(fixture.listed_user_ids().contains("98765432109876543210987654321"));
}

#[test]
fn rejected_rows_are_readable_with_and_without_options() {
    // Windows-1252 with semicolons; UTF-16 with tabs.
    let in_1252 = b"to;text;from\n+12245550101;na\xefve, \x80 5;1\nnobody;\xfcber; 2 \n".to_vec();
    let in_utf_16 = "\u{feff}to\ttext\tfrom\r\n+12245550101\tnaïve, € 5\t1\r\nnobody\tüber\t 2 \r\n";
    let marked = in_utf_16.as_bytes().to_vec();
    let in_utf_16: Vec<u8> = in_utf_16.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (list, options, again) in [
        (
            &in_1252,
            &["--encoding", "windows-1252", "--delimiter", ";"][..],
            &["--encoding", "windows-1252", "--delimiter", ";"][..],
        ),
        (&in_1252, &["--encoding", "windows-1252", "--delimiter", ";"], &[]),
        (&in_1252, &["--encoding", "windows-1252"], &["--encoding", "windows-1252"]),
        (&in_utf_16, &[], &[]),
        (&marked, &["--encoding", "windows-1252"], &["--encoding", "windows-1252"]),
        (
            &in_utf_16,
            &["--encoding", "windows-1252", "--delimiter", "tab"],
            &["--encoding", "windows-1252", "--delimiter", "tab"],
        ),
    ] {
        let fixture = Fixture::new();
        fixture.write_list("list.csv", list);
        let output = fixture.send_list(&[&["list.csv"], options].concat(), b"");
        assert_eq!(output.status.code(), Some(8), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("list.csv, line 3: column \"to\": \"nobody\" cannot be used"),
            "{}",
            stderr(&output)
        );
        let failures = String::from_utf8(fixture.read_bytes("list.failures.csv")).unwrap();
        // Corrected as the message advises.
        fixture.write_list("list.failures.csv", failures.replacen("nobody", "+12245550102", 1));
        let output = fixture.send_list(&[&["list.failures.csv"], again].concat(), b"");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let expected = [("+12245550101", "naïve, € 5"), ("+12245550102", "über")];
        assert_eq!(
            fixture.sent_texts(),
            expected.map(|(to, text)| (to.to_owned(), text.to_owned())).into(),
            "{failures}"
        );
    }
}

#[test]
fn messages_have_no_password() {
    let fixture = Fixture::empty();
    for (name, list) in [
        ("a.csv", &b"user_id,user_password\nann,geheim\nbob,geheim12,\ncid\0,geheim12\n"[..]),
        ("b.csv", b"user_id,user_password\nann,\"geheim\" 12\n"),
        ("c.csv", b"user_id,user_password,user_email\ngeheim12\xfc\n"),
        ("d.csv", b"user_id,user_password,user_email\nann,x@y.example,geheim12\xe9\n"),
        ("e.jsonl", b"{\"user_id\":\"ann\",\"user_password\":12345678.5}\n{\"user_id\":\"b\",\"user_password\":\"geheim\"}\n{\"user_password\":\"geheim12\"\n{\"user_password\":\"geheim\xfc\"}\n"),
        ("f.jsonl", b"{\"user_id\":\"ann\",\"user_password\":[\"geheim12\"]}\n{\"user_id\":\"a\",\"User_Password\":\"geheim\"}\n"),
    ] {
        fixture.write_list(name, list);
        let output = fixture.import_list(&[name, "--dry-run"]);
        assert_ne!(output.status.code(), Some(0), "{name}");
        let said = stderr(&output);
        assert!(said.contains(", line ") && !said.contains("geheim") && !said.contains("12345678"), "{name}: {said}");
    }
}
