//! `kandy contact import` and `kandy contact export`.

mod exports;
mod other_programs;

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    process::{Output, Stdio},
    time::Duration,
};

use kandy_emulator::InjectedFault;
use serde_json::{Value, json};

use crate::fixture::{Fixture, exit_code_and_summary, running_command::RunningCommand, stderr};

/// The fields of the API that contacts are compared by.
pub(super) const FIELDS: [&str; 9] = [
    "user_name",
    "nickname",
    "first_name",
    "last_name",
    "home_phone",
    "mobile_number",
    "business_number",
    "fax",
    "email",
];

impl Fixture {
    fn contact(&self, arguments: &[&str]) -> Output {
        self.kandy().arg("contact").args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a shell line in the folder.
    fn line(&self, line: &str) -> Output {
        self.program("sh").args(["-c", line]).stdin(Stdio::null()).output().unwrap()
    }

    /// Returns the contacts of a user, each with its values in the order of [`FIELDS`].
    fn contacts(&self, user: &str) -> BTreeSet<Vec<String>> {
        let listed = self.contact(&["list", "--user", user, "--json"]);
        let listed: Vec<Value> =
            serde_json::from_slice(&listed.stdout).unwrap_or_else(|_| panic!("{}", stderr(&listed)));
        let value =
            |contact: &Value, field: &str| contact[format!("contact_{field}")].as_str().unwrap_or_default().to_owned();
        let count = listed.len();
        let contacts: BTreeSet<Vec<_>> =
            listed.iter().map(|contact| FIELDS.iter().map(|field| value(contact, field)).collect()).collect();
        assert_eq!(contacts.len(), count, "a contact is there twice: {contacts:?}");
        contacts
    }

    /// Imports a file, and returns the only contact that it makes.
    #[track_caller]
    fn imported(file: &str, contents: impl AsRef<[u8]>) -> Vec<String> {
        let fixture = Self::new();
        fs::write(fixture.folder.path().join(file), contents).unwrap();
        let output = fixture.contact(&["import", file, "--user", "russ"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let contacts = fixture.contacts("russ");
        assert_eq!(contacts.len(), 1, "{contacts:?}");
        contacts.into_iter().next().unwrap()
    }
}

/// Lists that create no contact, and the reason.
#[test]
fn unusable_lists_create_nothing() {
    let fixture = Fixture::new();
    let card = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nEMAIL:a@example.com\nEND:VCARD\n";
    let header = "contact_user_name,contact_nickname\n";
    fixture.write("folder.vcf.txt", "");
    fs::create_dir(fixture.folder.path().join("folder.vcf")).unwrap();
    for (file, contents, code, said) in [
        ("empty.vcf", String::new(), 2, "empty.vcf has no card"),
        ("empty.csv", String::new(), 2, "is empty; the first line must name the columns"),
        ("header.csv", header.to_owned(), 0, "0 contacts created"),
        ("mixed.vcf", format!("{card}{header}a@example.com,a\n"), 2, "line 6: expected BEGIN:VCARD"),
        ("card.csv", card.to_owned(), 2, "column \"BEGIN:VCARD\" is not known"),
        ("open.vcf", card.replace("END:VCARD\n", ""), 2, "is not closed by END:VCARD; nothing was sent"),
        ("twice.csv", "First Name,First Name,E-mail Address\na,b,c@d.e\n".to_owned(), 2, "occurs twice"),
        ("both.csv", "First Name,Given Name\na,b\n".to_owned(), 2, "have the same meaning"),
        ("german.csv", "Vorname,Nachname\na,b\n".to_owned(), 2, "column \"Vorname\" is not known"),
        ("quote.csv", format!("{header}\"a@example.com,a\n"), 2, "is not closed"),
        (
            "nobody.vcf",
            "BEGIN:VCARD\nN:;;;;\nEND:VCARD\n".to_owned(),
            8,
            "it has no name, no email address and no phone",
        ),
        (
            "phone.vcf",
            "BEGIN:VCARD\nFN:Anna\nTEL:+14055671234\nEND:VCARD\n".to_owned(),
            8,
            "--user-name-from-phone uses",
        ),
        ("address.vcf", card.replace("a@example.com", "a example"), 8, "user_name"),
        ("charset.vcf", card.replace("FN", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=X"), 8, "unknown charset"),
        ("escaped.csv", format!("{header}a@example.com,'=1+1\n"), 8, "use --unescape-formulas to remove"),
    ] {
        fixture.write(file, &contents);
        let output = fixture.contact(&["import", file, "--user", "russ"]);
        let text = stderr(&output);
        assert!(output.status.code() == Some(code) && text.contains(said), "{file}: {text}");
    }
    for (file, said) in [("nowhere.vcf", "No such file"), ("folder.vcf", "is a folder"), ("-", "unknown format")] {
        let output = fixture.contact(&["import", file, "--user", "russ"]);
        assert!(output.status.code() == Some(2) && stderr(&output).contains(said), "{file}: {}", stderr(&output));
    }
    // vCard is no format of other lists.
    fixture.write("users.vcf", card);
    for arguments in [
        &["user", "import", "users.vcf", "--format", "vcard"][..],
        &["user", "delete", "--from-file", "users.vcf", "--format", "vcard", "--confirm", "1"],
        &["sms", "send", "--user", "russ", "--to-file", "users.vcf", "--format", "vcard"],
        &["user", "export", "--format", "vcard"],
    ] {
        let output = fixture.kandy().args(arguments).output().unwrap();
        assert!(
            output.status.code() == Some(2) && stderr(&output).contains("vCard is a format for contacts"),
            "{arguments:?}"
        );
    }
    assert!(fixture.contacts("russ").is_empty());
}

/// A rejected card can be corrected and imported; the reason in it is no part of the contact.
#[test]
fn rejected_cards_are_imported_after_a_correction() {
    let fixture = Fixture::new();
    fixture.write(
        "list.vcf",
        "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nEMAIL:a@example.com\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:3.0\nPHOTO:AAAA\nFN:Bert\\, Jr.\nTEL:1\nEND:VCARD\n",
    );
    let output = fixture.contact(&["import", "list.vcf", "--user", "russ", "--json"]);
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, &summary["created"], &summary["failed"]), (8, &json!(1), &json!(1)), "{}", stderr(&output));
    let failures = fixture.read("list.failures.vcf");
    assert!(
        failures.contains("\r\nFN:Bert\\, Jr.\r\nTEL:1\r\nX-KANDY-ERROR:line 6: it has no user name\\, such"),
        "{failures}"
    );
    fixture.write("list.failures.vcf", &failures.replace("TEL:1", "TEL:1\r\nEMAIL:bert@example.com"));
    let output = fixture.contact(&["import", "list.failures.vcf", "--user", "russ"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(fixture.contacts("russ").iter().any(|contact| contact[..2] == ["bert@example.com", "Bert, Jr."]));
    // The same command creates nothing again, and neither does another name of the list.
    fs::hard_link(fixture.folder.path().join("list.vcf"), fixture.folder.path().join("other.vcf")).unwrap();
    for (file, code) in [("list.vcf", 8), ("other.vcf", 2)] {
        let output = fixture.contact(&["import", file, "--user", "russ"]);
        assert_eq!(output.status.code(), Some(code), "{file}: {}", stderr(&output));
    }
    assert_eq!(fixture.contacts("russ").len(), 2);
}

#[test]
fn what_has_no_room_is_counted_and_numbers_become_user_names() {
    let fixture = Fixture::new();
    fixture.write(
        "list.vcf",
        "BEGIN:VCARD\nFN:Anna\nTEL;TYPE=cell:+1 (405) 567-1235\nTEL;TYPE=cell:2\nTEL;TYPE=fax:3\nTEL;TYPE=fax:4\nEND:VCARD\n\
         BEGIN:VCARD\nFN:Bert\nEMAIL:b@example.com\nEMAIL:c@example.com\nEND:VCARD\n\
         BEGIN:VCARD\nFN:Carl\nTEL:405 567 1235\nEND:VCARD\n",
    );
    let output =
        fixture.contact(&["import", "list.vcf", "--user", "russ", "--user-name-from-phone", "--concurrency", "1"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(8), "{text}");
    assert!(text.contains("no room for them: 3 phone numbers or email addresses"), "{text}");
    assert!(text.contains("line 13: it has no user name, no email address, and no phone number with +"), "{text}");
    let contacts = fixture.contacts("russ");
    assert!(contacts.iter().any(|contact| contact[0] == "14055671235@example.com"), "{contacts:?}");
    assert_eq!(contacts.len(), 2);
}

/// Killed in the middle: no contact is created twice, and those without an outcome are listed.
#[test]
fn kill_creates_nothing_twice() {
    const ALL: usize = 200;
    let fixture = Fixture::new();
    let mut list = String::new();
    for number in 0..ALL {
        writeln!(
            list,
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contact {number}\r\nEMAIL:c{number}@example.com\r\nEND:VCARD\r"
        )
        .unwrap();
    }
    fixture.write("list.vcf", &list);
    let command = || {
        let mut command = fixture.kandy();
        command.args(["contact", "import", "list.vcf", "--user", "russ", "--json"]);
        command
    };
    let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(20)).on("personal_contact_create"));
    let created = || {
        fixture
            .emulator
            .requests()
            .iter()
            .filter(|request| request.operation == Some("personal_contact_create"))
            .count()
    };
    let mut running = RunningCommand::start(command());
    running.wait_until("a part is created", || created() >= ALL / 4);
    running.signal("KILL");
    running.end();
    fixture.emulator.remove_fault(slow);
    // Cards may be appended in between, and a changed one is refused.
    fixture.write("list.vcf", &list.replace("Contact 3\r", "Contact III\r"));
    let (output, _) = RunningCommand::start(command()).end();
    assert!(
        output.status.code() == Some(2) && stderr(&output).contains("an existing row has changed"),
        "{}",
        stderr(&output)
    );
    list.push_str("BEGIN:VCARD\r\nFN:Last\r\nEMAIL:last@example.com\r\nEND:VCARD\r\n");
    fixture.write("list.vcf", &list);
    let (output, _) = RunningCommand::start(command()).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    let unknown = fixture.read("list.unknown.vcf").matches("BEGIN:VCARD").count();
    assert!((1..=8).contains(&unknown), "{unknown}");
    assert_eq!((&summary["created"], &summary["unknown"]), (&json!(ALL + 1 - unknown), &json!(unknown)));
    let contacts = fixture.contacts("russ");
    assert!(contacts.len() <= ALL + 1 && contacts.len() > ALL - unknown, "{}", contacts.len());
}
