//! `kandy user update --from-file` and `kandy user delete --from-file`.

use std::{
    fmt::Write,
    fs::OpenOptions,
    io::Write as _,
    process::{Output, Stdio},
};

use kandy_emulator::InjectedFault;
use serde_json::{Value, json};

use crate::fixture::{Fixture, exit_code_and_summary, running_command::RunningCommand, stderr};

const FOUR: &[&str] = &["russ", "anna", "bert", "carl"];

impl Fixture {
    /// Runs a command without a terminal.
    fn run(&self, arguments: &[&str]) -> Output {
        self.kandy().args(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Returns the ids of the users of the domain.
    fn listed_ids(&self) -> Vec<String> {
        let listed = self.run(&["user", "list", "--quiet"]);
        String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    fn operations(&self) -> Vec<&'static str> {
        self.emulator.requests().iter().filter_map(|request| request.operation).collect()
    }

    fn profile(&self, user_id: &str) -> Value {
        let shown = self.run(&["user", "profile", "show", "--user", user_id, "--json"]);
        serde_json::from_slice(&shown.stdout).unwrap_or_else(|_| panic!("{}", stderr(&shown)))
    }
}

/// Without the number of users nothing is sent: neither a deletion nor a lookup.
#[test]
fn deletion_of_a_list_requires_its_number() {
    let fixture = Fixture::with(FOUR);
    fixture.write("users.csv", "user_id\nruss\nanna\nanna\nnobody\n");
    for (options, said) in [
        (&[][..], "Use --confirm with the number of users"),
        (&["--yes"], "--yes is not enough for a list"),
        (&["--confirm", "4"], "4 is not the number of users in users.csv, 3"),
        (&["--yes", "--confirm", "2"], "2 is not the number of users in users.csv, 3"),
        (&["--confirm", "3", "--confirm", "3"], "cannot be used multiple times"),
        (&["--confirm", "all"], "invalid value 'all'"),
        (&["--confirm", "3", "--password-file", "-"], "cannot be used with"),
        (&["--confirm", "3", "russ"], "cannot be used with"),
    ] {
        let before = fixture.operations().len();
        let output = fixture.run(&[&["user", "delete", "--from-file", "users.csv"], options].concat());
        let text = stderr(&output);
        assert!(output.status.code() == Some(2) && text.contains(said), "{options:?}: {text}");
        assert_eq!(fixture.operations().len(), before, "{options:?}");
    }
    assert_eq!(fixture.listed_ids().len(), 4);
    // A number in a pipe is no answer of a user.
    let mut shell = fixture.program("sh");
    let piped = shell.args(["-c", "echo 3 | kandy user delete --from-file users.csv"]).output().unwrap();
    assert!(piped.status.code() == Some(2) && stderr(&piped).contains("there is no terminal"), "{}", stderr(&piped));

    // Who does not exist is counted, and is no failure: neither the unknown one nor the second row of one user.
    let output = fixture.run(&["user", "delete", "--from-file", "users.csv", "--confirm", "3", "--json"]);
    let (code, mut summary) = exit_code_and_summary(&output);
    summary.as_object_mut().unwrap().remove("seconds");
    assert_eq!((code, summary), (0, json!({"deleted": 2, "missing": 2, "failed": 0, "unknown": 0})));
    assert_eq!(fixture.listed_ids(), ["bert", "carl"]);
    assert!(!fixture.has("users.csv.kandy-delete"), "{:?}", fixture.files());
    // The same command again deletes nobody, and says so.
    let output = fixture.run(&["user", "delete", "--from-file", "users.csv", "--confirm", "3"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("0 users deleted, 4 did not exist"), "{}", stderr(&output));
}

/// Lists that delete nobody, and the reason.
#[test]
fn unusable_lists_delete_nobody() {
    let fixture = Fixture::with(FOUR);
    fixture.write("empty.csv", "");
    fixture.write("header.csv", "user_id\n");
    fixture.write("full.csv", "user_id\nruss@example.com\n");
    fixture.write("names.csv", "name\nruss\n");
    fixture.write("quote.csv", "user_id\nruss\n\"anna\n");
    fixture.write("blank.csv", "user_id\n\"russ \"\n");
    for (file, code, said) in [
        ("empty.csv", 2, "is empty"),
        ("header.csv", 0, "0 users deleted"),
        ("full.csv", 8, "without the domain name"),
        ("names.csv", 2, "column \"user_id\" is missing"),
        ("quote.csv", 2, "is not closed"),
        ("blank.csv", 8, "starts or ends with a space"),
        ("nowhere.csv", 2, "No such file"),
        (".", 2, "unknown format"),
    ] {
        let output = fixture.run(&["user", "delete", "--from-file", file, "--confirm", "0"]);
        let text = stderr(&output);
        assert!(output.status.code() == Some(code) && text.contains(said), "{file}: {text}");
    }
    for line in [
        "printf 'user_id\\nruss\\n' | kandy user delete --from-file - --format csv --confirm 1",
        "mkfifo list.csv && (printf 'user_id\\nruss\\n' > list.csv &) && kandy user delete --from-file list.csv --confirm 1",
    ] {
        let output = fixture.program("sh").args(["-c", line]).output().unwrap();
        let text = stderr(&output);
        assert!(output.status.code() == Some(2) && text.contains("can be read only once"), "{line}: {text}");
    }
    assert_eq!(fixture.listed_ids().len(), 4);
    assert!(!fixture.operations().contains(&"user_delete"));
}

#[cfg(unix)]
#[test]
fn deletion_of_a_list_asks_for_its_number() {
    use crate::fixture::on_terminal::OnTerminal;

    for (keys, code, left) in
        [("3\n", 0, 2), (" 3 \n", 0, 2), ("y\n", 2, 4), ("2\n", 2, 4), ("\n", 2, 4), ("\u{4}", 2, 4), ("\u{3}", 130, 4)]
    {
        let fixture = Fixture::with(FOUR);
        fixture.write("users.csv", "user_id\nruss\nanna\nanna\nnobody\n");
        let line = "kandy user delete --from-file users.csv --yes";
        let Some(terminal) = OnTerminal::start(&fixture, 200, line, &[]) else { return };
        let (ended, shown) = terminal.type_at("to delete them: ", keys).end();
        assert!(
            shown.contains("users.csv lists 3 users, in 4 rows. Deletes 2 users of domain \"example.com\""),
            "{shown}"
        );
        assert!(shown.contains("1 of the list does not exist"), "{shown}");
        assert_eq!((ended, fixture.listed_ids().len()), (code, left), "{keys:?}: {shown}");
        // What was not confirmed is not recorded.
        assert!(!fixture.has("users.csv.kandy-delete"), "{keys:?}: {:?}", fixture.files());
    }
}

/// A row that appears after the question was asked is not deleted: the number that was typed did not include it.
#[cfg(unix)]
#[test]
fn confirmed_are_the_users_that_were_counted() {
    use crate::fixture::on_terminal::OnTerminal;

    // Longer than what is read at once, and changed in place, so that the command reads the new contents.
    let mut list = String::from("user_id\nruss\n");
    (0..10_000).for_each(|number| writeln!(list, "nobody{number}").unwrap());
    let changed = |last: &str| format!("{list}{last}\n");
    for (now, said) in [
        (changed("bert"), "this user was not in it"),
        // Appended rows are for the next run.
        (changed("anna\nbert"), "2 users deleted"),
    ] {
        let fixture = Fixture::with(FOUR);
        fixture.write("users.csv", &changed("anna"));
        let line = "kandy user delete --from-file users.csv";
        let Some(terminal) = OnTerminal::start(&fixture, 200, line, &[]) else { return };
        let terminal = terminal.type_at("to delete them: ", "");
        let mut file = OpenOptions::new().write(true).open(fixture.folder.path().join("users.csv")).unwrap();
        file.write_all(now.as_bytes()).unwrap();
        let (_, shown) = terminal.type_at("to delete them: ", "10002\n").end();
        assert!(shown.contains(said), "{shown}");
        let ids = fixture.listed_ids();
        assert!(ids.contains(&"bert".to_owned()) && !ids.contains(&"russ".to_owned()), "{ids:?}: {shown}");
    }
}

fn list(count: usize) -> (Vec<String>, String) {
    let ids: Vec<_> = (0..count).map(|number| format!("user{number}")).collect();
    let mut list = String::from("user_id\n");
    ids.iter().for_each(|id| writeln!(list, "{id}").unwrap());
    (ids, list)
}

/// A killed deletion is resumed by the same command, and a lost response neither fails a row nor stops the run.
#[test]
fn killed_deletion_is_resumed() {
    const ALL: usize = 300;
    let (ids, list) = list(ALL);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let fixture = Fixture::with(&ids);
    fixture.write("users.csv", &list);
    fixture.emulator.inject(InjectedFault::close_during_response().on("user_delete").probability(0.1, 1));
    let command = || {
        let mut command = fixture.kandy();
        command.args(["user", "delete", "--from-file", "users.csv", "--confirm", "300", "--json"]);
        command
    };
    let mut running = RunningCommand::start(command());
    running.wait_until("some are deleted", || fixture.emulator.state().users < 200);
    running.signal("KILL");
    running.end();
    assert!(fixture.emulator.state().users > 0, "all were deleted before the kill");
    let (output, _) = RunningCommand::start(command()).end();
    let (code, summary) = exit_code_and_summary(&output);
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!((code, fixture.emulator.state().users), (0, 0), "{summary} {}", stderr(&output));
    assert_eq!(count("deleted") + count("missing"), ALL as u64, "{summary}");
    assert!(count("missing") > 0, "those whose response was lost: {summary}");
}

/// The emulator keeps what a request leaves out, and clears what is empty: so an empty cell must not be sent.
#[test]
fn update_leaves_other_fields_as_they_are() {
    let fixture = Fixture::with(FOUR);
    let set = [
        "--first-name",
        "Russ",
        "--last-name",
        "Doe",
        "--status-text",
        "out",
        "--image-details",
        "i",
        "--user-data",
        "d",
    ];
    for user in ["russ", "anna"] {
        assert!(fixture.run(&[&["user", "profile", "update", "--user", user], &set[..]].concat()).status.success());
    }
    let all =
        json!({"first_name": "Russ", "last_name": "Doe", "status_text": "out", "image_details": "i", "user_data": "d"});
    assert_eq!(fixture.profile("russ"), all);
    for (name, list, changed) in [
        ("missing column", "user_id,status_text\nruss,in\n", json!({"status_text": "in"})),
        ("empty value", "user_id,first_name,last_name\nruss,,Roe\n", json!({"last_name": "Roe"})),
        ("null", "{\"user_id\": \"russ\", \"first_name\": null, \"user_data\": \"e\"}\n", json!({"user_data": "e"})),
        (
            "all",
            "user_id,first_name,last_name,status_text,image_details,user_data\nruss,A,B,C,D,E\n",
            json!({"first_name": "A", "last_name": "B", "status_text": "C", "image_details": "D", "user_data": "E"}),
        ),
    ] {
        let file = if list.starts_with('{') { "users.jsonl" } else { "users.csv" };
        fixture.write(file, list);
        let mut expected = fixture.profile("russ");
        expected.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let output = fixture.run(&["user", "update", "--from-file", file]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains("1 user updated"), "{name}: {}", stderr(&output));
        assert_eq!(fixture.profile("russ"), expected, "{name}");
    }
    assert_eq!(fixture.profile("anna"), all);
}

/// Rows that cannot be used fail alone, also those of users whose access token cannot be created.
#[test]
fn unusable_updates_fail_alone() {
    let fixture = Fixture::with(FOUR);
    fixture.write(
        "users.csv",
        "user_id,first_name,status_text\nnobody,N,\nruss,Russ,\nanna,,\nbert@example.com,Bert,\ncarl,,here\n",
    );
    let output = fixture.run(&["user", "update", "--from-file", "users.csv", "--json", "--concurrency", "1"]);
    let (code, mut summary) = exit_code_and_summary(&output);
    summary.as_object_mut().unwrap().remove("seconds");
    assert_eq!((code, summary), (8, json!({"updated": 2, "failed": 3, "unknown": 0})), "{}", stderr(&output));
    let failures = fixture.read("users.failures.csv");
    for said in
        ["nobody,N,,line 2: user_access_token_get", "anna,,,line 4: it has no value to set", "without the domain name"]
    {
        assert!(failures.contains(said), "{said}: {failures}");
    }
    assert_eq!(fixture.profile("russ"), json!({"first_name": "Russ"}));
    assert_eq!(fixture.profile("carl"), json!({"status_text": "here"}));
    // The API changes no other field, so a file with one is refused as a whole.
    fixture.write("mail.csv", "user_id,user_email\nruss,r@example.com\n");
    let output = fixture.run(&["user", "update", "--from-file", "mail.csv"]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("user_email"), "{}", stderr(&output));
    // A wrong secret of the domain concerns all rows.
    let mut wrong = fixture.kandy();
    wrong.args(["user", "update", "--from-file", "users.csv"]);
    let output = wrong.env("KANDY_DOMAIN_API_SECRET", "DAS00000000000000000000000000000000").output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
}

/// A dry run of either sends nothing and asks nothing.
#[test]
fn dry_runs_send_nothing() {
    let fixture = Fixture::with(FOUR);
    fixture.write("users.csv", "user_id\nruss\nanna@example.com\n");
    fixture.write("profiles.csv", "user_id,first_name\nruss,Russ\nanna,\n");
    let before = fixture.operations().len();
    for arguments in [["delete", "--from-file", "users.csv"], ["update", "--from-file", "profiles.csv"]] {
        let output = fixture.run(&[&["user"], &arguments[..], &["--dry-run", "--json"]].concat());
        let (code, summary) = exit_code_and_summary(&output);
        assert_eq!((code, summary), (8, json!({"rows": 2, "usable": 1, "unusable": 1})), "{}", stderr(&output));
    }
    assert_eq!(fixture.operations().len(), before);
}
