//! Exports of contacts and users: the round trip, spreadsheets, and the file that is written.

use std::{collections::BTreeSet, fmt::Write, fs};

use kandy_emulator::InjectedFault;
use serde_json::{Value, json};

use super::FIELDS;
use crate::fixture::{Fixture, exit_code_and_summary, stderr};

/// The contacts of the round trip: what a spreadsheet, CSV and vCard could take for something else.
fn hostile() -> Vec<[String; 9]> {
    let values = [
        "=cmd|' /C calc'!A0",
        "'=1+1",
        "''@x",
        "+14055671234",
        "-1",
        "a,b;c\\d\"e'f",
        "two\nlines",
        "END:VCARD",
        "ö 😀 \u{202e}x",
        "x\u{1b}[2Jy",
        "=41=3D=",
        ":::",
        "BEGIN:VCARD",
    ];
    let name = |at: usize| values[at % values.len()].to_owned();
    (0..values.len())
        .map(|at| {
            [
                format!("user{at}@example.com"),
                name(at),
                name(at + 1),
                name(at + 2),
                format!("{} h", name(at + 3)),
                format!("{} m", name(at + 4)),
                format!("{} b", name(at + 5)),
                if at % 2 == 0 { String::new() } else { format!("{} f", name(at + 6)) },
                if at % 3 == 0 { String::new() } else { name(at + 7) },
            ]
        })
        .collect()
}

#[test]
fn round_trip_yields_the_same_contacts() {
    let fixture = Fixture::with(&["russ", "anna", "bert", "carl", "dora", "emil"]);
    let mut list = String::new();
    for contact in hostile() {
        let fields = FIELDS.iter().zip(contact).filter(|(_, value)| !value.is_empty());
        let object: serde_json::Map<_, _> =
            fields.map(|(field, value)| (format!("contact_{field}"), value.into())).collect();
        writeln!(list, "{}", Value::Object(object)).unwrap();
    }
    fixture.write("first.jsonl", &list);
    let output = fixture.contact(&["import", "first.jsonl", "--user", "russ"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let contacts = fixture.contacts("russ");
    assert_eq!(contacts, hostile().into_iter().map(Vec::from).collect());
    for (user, line) in [
        ("anna", "kandy contact export --user russ --output out.vcf && kandy contact import out.vcf --user anna"),
        ("bert", "kandy contact export --user russ --output plain.csv --bom"),
        (
            "carl",
            "kandy contact export --user russ --output out.csv --escape-formulas --bom && \
             kandy contact import out.csv --user carl --unescape-formulas",
        ),
        ("dora", "kandy contact export --user russ --format vcard | kandy contact import - --format vcard --user dora"),
    ] {
        let output = fixture.line(line);
        assert!(output.status.success(), "{user}: {}", stderr(&output));
        if user != "bert" {
            assert_eq!(fixture.contacts(user), contacts, "{user}");
        }
    }
    // What looks escaped is refused, in a file with escapes and in one without: no apostrophe is taken or left silently.
    for (file, created) in [
        ("out.csv", 0),
        (
            "plain.csv",
            hostile()
                .iter()
                .filter(|contact| !contact.iter().any(|value| value.starts_with("'=") || value.starts_with("''@")))
                .count(),
        ),
    ] {
        let output =
            fixture.contact(&["import", file, "--user", "emil", "--json", "--journal", &format!("{file}.emil")]);
        let (code, summary) = exit_code_and_summary(&output);
        assert_eq!((code, &summary["created"]), (8, &json!(created)), "{file}: {}", stderr(&output));
    }
    assert!(fixture.contacts("emil").is_subset(&contacts));
    // The journal of a list is that of one user.
    let output = fixture.contact(&["import", "out.csv", "--user", "emil"]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("the user or"), "{}", stderr(&output));
}

/// The forms of an export that a spreadsheet opens, and the file that it writes.
#[test]
fn exports_are_written_whole_and_escaped() {
    let fixture = Fixture::with(&["russ", "=anna"]);
    let create = ["create", "a@example.com", "--nickname", "=1+1", "--mobile-number", "+14055671235", "--user", "russ"];
    assert!(fixture.contact(&create).status.success());
    for (line, expected) in [
        (
            "kandy contact export --user russ | cut -d, -f2-4,7",
            "contact_user_name,contact_nickname,contact_first_name,contact_mobile_number\na@example.com,=1+1,,+14055671235\n",
        ),
        (
            "kandy contact export --user russ --escape-formulas | tail -n1 | cut -d, -f2-4,7",
            "a@example.com,'=1+1,,'+14055671235\n",
        ),
        ("kandy contact export --user russ --bom | head -c 13", "\u{feff}contact_id"),
        ("kandy contact export --user russ --format vcf | grep TEL", "TEL;TYPE=cell:+14055671235\r\n"),
        ("kandy user export --escape-formulas --bom | cut -d, -f1", "\u{feff}user_id\nruss\n'=anna\n"),
        ("kandy user export | cut -d, -f1", "user_id\nruss\n=anna\n"),
        (
            "kandy contact export --user russ --output new.vcf -q && ls -l new.vcf | cut -c1-10 && head -n1 new.vcf",
            "-rw-------\nBEGIN:VCARD\r\n",
        ),
        ("kandy contact export --user russ --output new.vcf --force -q && grep -c BEGIN new.vcf", "1\n"),
    ] {
        let output = fixture.line(line);
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{line}: {}", stderr(&output));
    }
    fs::create_dir(fixture.folder.path().join("folder")).unwrap();
    assert!(fixture.line("mkfifo pipe").status.success());
    for (options, code, said) in [
        (&["--output", "new.vcf"][..], 2, "already exists; use --force"),
        (&["--output", "nowhere/new.csv"], 1, "No such file"),
        (&["--output", "folder"], 2, "it is a folder, a pipe or a device"),
        (&["--output", "pipe", "--force"], 2, "it is a folder, a pipe or a device"),
        (&["--output", "/dev/null", "--force"], 2, "it is a folder, a pipe or a device"),
        (&["--output", "a.csv", "--output", "b.csv"], 2, "cannot be used multiple times"),
        (&["--output", "a.vcf", "--bom"], 2, "--bom is only supported with CSV"),
        (&["--format", "vcard", "--escape-formulas"], 2, "--escape-formulas is only supported with CSV"),
        (&["--json"], 2, "not supported by an export"),
        (&["--dry-run"], 2, "not supported by an export"),
    ] {
        let output = fixture.contact(&[&["export", "--user", "russ"], options].concat());
        assert!(
            output.status.code() == Some(code) && stderr(&output).contains(said),
            "{options:?}: {}",
            stderr(&output)
        );
    }
    let output = fixture.kandy().args(["user", "export", "--format", "jsonl", "--bom"]).output().unwrap();
    assert!(output.status.code() == Some(2) && stderr(&output).contains("--bom is only"), "{}", stderr(&output));
    // A list that breaks off leaves no file, and the old one stays.
    fixture.emulator.inject(InjectedFault::close_during_response().on("personal_contact_list"));
    let before = fixture.read("new.vcf");
    for file in ["other.vcf", "new.vcf"] {
        let output = fixture.contact(&["export", "--user", "russ", "--output", file, "--force"]);
        assert!(!output.status.success(), "{file}");
    }
    assert_eq!(fixture.read("new.vcf"), before);
    assert!(!fixture.has("other.vcf") && !fixture.files().iter().any(|name| name.contains("kandy-tmp")));
}

/// An escaped export of users is imported as it was, and refused without the option.
#[test]
fn escaped_users_are_imported_unescaped() {
    let fixture = Fixture::empty();
    fixture.write("users.csv", "user_id,user_first_name,user_last_name\nruss,=1+1,\"'quoted\"\nanna,-,+\nbert,Bert,\n");
    assert!(fixture.line("kandy user import users.csv").status.success());
    let exported = || String::from_utf8(fixture.line("kandy user export").stdout).unwrap();
    let before = exported();
    assert!(
        fixture
            .line("kandy user export --escape-formulas --bom out.csv && kandy user delete -y russ anna bert")
            .status
            .success()
    );
    let output = fixture.line("kandy user import out.csv --json");
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, &summary["created"], &summary["failed"]), (8, &json!(1), &json!(2)), "{}", stderr(&output));
    assert!(stderr(&output).contains("\"'=1+1\" cannot be used: it begins with an apostrophe"), "{}", stderr(&output));
    let output = fixture.line("kandy user import out.csv --unescape-formulas");
    assert!(output.status.success(), "{}", stderr(&output));
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(&exported()), sorted(&before));
    // The text of an SMS may begin so: lists of SMS are as they were.
    fixture.write("sms.csv", "to,text\n+12245556666,'-20% today'\n");
    assert!(
        fixture.line("kandy sms send --to-file sms.csv --user russ").status.success()
            || fixture.emulator.sms().is_empty()
    );
}
