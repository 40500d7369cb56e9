//! `kandy user import`: interrupted, killed, rejected and resumed.

use std::{collections::BTreeSet, fmt::Write, fs};

use kandy_emulator::InjectedFault;
use serde_json::Value;

use crate::fixture::{Fixture, exit_code_and_summary, running_command::RunningCommand, stderr};

/// Returns a list of users.
fn list(count: usize) -> String {
    let mut list = String::from("user_id,user_country_code,user_email,user_first_name,user_last_name,user_password\n");
    for number in 0..count {
        writeln!(list, "user{number},US,user{number}@example.com,User,\"No. {number}, of many\",password{number:02}")
            .unwrap();
    }
    list
}

impl Fixture {
    fn with_list(count: usize) -> Self {
        let fixture = Self::empty();
        fixture.write("users.csv", &list(count));
        fixture
    }

    fn import(&self, options: &[&str]) -> RunningCommand {
        let mut command = self.kandy();
        command.args(["user", "import", "users.csv", "--json"]).args(options);
        RunningCommand::start(command)
    }

    fn users(&self) -> usize {
        self.emulator.state().users
    }

    fn journaled(&self) -> usize {
        let journal = fs::read_to_string(self.folder.path().join("users.csv.kandy-import")).unwrap_or_default();
        journal
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| match line.split_once(' ') {
                Some(("c" | "e", _)) => 1,
                // `w f LENGTH HASH ROW…`
                Some(("w", rest)) => rest.split(' ').count() - 3,
                _ => 0,
            })
            .sum()
    }

    /// Truncates the journal after the last announcement of failed rows.
    fn cut_after_announcement(&self) -> String {
        let journal = self.read("users.csv.kandy-import");
        let at = journal.rfind("\nw f ").unwrap() + 1;
        let journal = &journal[..at + journal[at..].find('\n').unwrap() + 1];
        self.write("users.csv.kandy-import", journal);
        journal.to_owned()
    }

    /// Returns the ids of all users in an export.
    fn user_ids(&self) -> BTreeSet<String> {
        let exported = self.kandy().args(["user", "export"]).output().unwrap();
        assert!(exported.status.success());
        let text = String::from_utf8(exported.stdout).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    }
}

fn number(summary: &Value, name: &str) -> usize {
    usize::try_from(summary[name].as_u64().unwrap()).unwrap()
}

#[test]
fn imports_100_000_users_despite_two_interrupts() {
    const ALL: usize = 100_000;
    let small = Fixture::with_list(ALL / 10);
    let (output, small_memory) = small.import(&[]).end();
    assert_eq!(exit_code_and_summary(&output).0, 0, "{}", stderr(&output));

    let fixture = Fixture::with_list(ALL);
    let mut memory = 0;
    for part in [ALL / 4, ALL / 2] {
        let mut import = fixture.import(&[]);
        import.wait_until("a part is done", || fixture.users() >= part);
        import.signal("INT");
        let (output, most) = import.end();
        memory = memory.max(most);
        let (code, summary) = exit_code_and_summary(&output);
        assert_eq!(code, 130, "{}", stderr(&output));
        assert!(stderr(&output).contains("run the same command again"), "{}", stderr(&output));
        // Calls in flight were awaited, so every started row is recorded.
        assert_eq!(number(&summary, "created"), fixture.users());
        assert_eq!(fixture.journaled(), fixture.users());
    }
    let (output, most) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    assert_eq!(["created", "existing", "failed", "unknown"].map(|name| number(&summary, name)), [ALL, 0, 0, 0]);
    assert_eq!(fixture.users(), ALL);
    assert_eq!(fixture.user_ids(), (0..ALL).map(|number| format!("user{number}")).collect());
    // The progress bar is shown on terminals only.
    assert!(!stderr(&output).contains(['\r', '\x1b', '%']), "{}", stderr(&output));
    assert!(!fixture.has("users.csv.kandy-import") && !fixture.has("users.failures.csv"));
    let memory = memory.max(most);
    println!("at most {small_memory} KiB for {} rows, {memory} KiB for {ALL}", ALL / 10);
    if cfg!(target_os = "linux") {
        assert!(small_memory > 0 && memory < small_memory + 4 * 1024, "{small_memory} KiB, then {memory} KiB");
    }
}

#[test]
fn killed_import_resumes_from_its_journal() {
    const ALL: usize = 2_000;
    let fixture = Fixture::with_list(ALL);
    let mut import = fixture.import(&["--concurrency", "8"]);
    import.wait_until("a part is written down", || fixture.journaled() >= ALL / 4);
    import.signal("KILL");
    import.end();
    // A partial last line, as a kill leaves it.
    let journal = fixture.read("users.csv.kandy-import");
    fixture.write("users.csv.kandy-import", &journal[..journal.len() - 2]);
    assert!(!journal.contains("user1") && !journal.contains(&fixture.domain.0), "{journal}");

    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    let [created, existing] = ["created", "existing"].map(|name| number(&summary, name));
    assert_eq!(created + existing, ALL);
    assert!(existing <= 8 + 1, "{existing} were under way or not written down");
    assert_eq!(fixture.users(), ALL);
}

#[test]
fn changed_file_is_rejected() {
    let fixture = Fixture::with_list(2_000);
    let mut import = fixture.import(&[]);
    import.wait_until("something is written down", || fixture.journaled() >= 100);
    import.signal("TERM");
    assert_eq!(import.end().0.status.code(), Some(130));

    fixture.write("users.csv", &list(2_000).replacen("user0,", "nobody,", 1));
    let (output, _) = fixture.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("has changed") && stderr(&output).contains("--restart"), "{}", stderr(&output));
    let (output, _) = fixture.import(&["--restart"]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, number(&summary, "created") + number(&summary, "existing")), (0, 2_000));
}

#[test]
fn appended_rows_are_imported() {
    let fixture = Fixture::with_list(2_000);
    let mut import = fixture.import(&[]);
    import.wait_until("something is written down", || fixture.journaled() >= 100);
    import.signal("TERM");
    assert_eq!(import.end().0.status.code(), Some(130));

    fixture.write("users.csv", &list(2_010));
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, number(&summary, "created")), (0, 2_010), "{}", stderr(&output));
    assert_eq!((number(&summary, "existing"), fixture.users()), (0, 2_010));
}

#[test]
fn journal_is_exclusive() {
    let fixture = Fixture::with_list(100);
    fixture.emulator.inject(InjectedFault::stall().on("user_create").nth(50));
    let mut import = fixture.import(&[]);
    import.wait_until("the others are done", || fixture.journaled() == 99);
    let (output, _) = fixture.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("another command is using the journal"), "{}", stderr(&output));
    // The stalled request is abandoned.
    import.signal("INT");
    import.signal("TERM");
    let (output, _) = import.end();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let (output, _) = fixture.import(&[]).end();
    assert_eq!((exit_code_and_summary(&output).0, fixture.users()), (0, 100));
}

#[test]
fn transient_failures_are_retried() {
    const ALL: usize = 400;
    let fixture = Fixture::with_list(ALL);
    fixture.emulator.inject(InjectedFault::http(500).on("user_create").every(11));
    fixture.emulator.inject(InjectedFault::close_after_reading().on("user_create").every(13));
    fixture.emulator.inject(InjectedFault::close_before_reading().on("user_create").every(17));
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    let [created, existing] = ["created", "existing"].map(|name| number(&summary, name));
    assert_eq!((created + existing, fixture.users()), (ALL, ALL));
    assert!(existing > 0, "those that were created without an answer");
}

#[test]
fn dead_service_stops_the_import() {
    let fixture = Fixture::with_list(1_000);
    let failure = fixture.emulator.inject(InjectedFault::http(503).on("user_create"));
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert!(number(&summary, "unknown") <= 2 * 32 + 10, "{summary}");
    assert!(stderr(&output).contains("stopped; run the same command again"), "{}", stderr(&output));

    fixture.emulator.remove_fault(failure);
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 8, "{}", stderr(&output));
    assert_eq!(number(&summary, "created") + number(&summary, "unknown"), 1_000);
    // The abandoned rows are in the file, which is valid input.
    fixture.write("users.csv", &fixture.read("users.failures.csv"));
    let (output, _) = fixture.import(&[]).end();
    assert_eq!((exit_code_and_summary(&output).0, fixture.users()), (0, 1_000));
}

#[test]
fn rejected_credential_fails_no_row() {
    let fixture = Fixture::with_list(1_000);
    let failure = fixture.emulator.inject(InjectedFault::status(55).on("user_create").probability(0.01, 1));
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 7, "{}", stderr(&output));
    assert_eq!((number(&summary, "failed"), number(&summary, "created")), (0, fixture.users()));
    assert!(fixture.users() < 1_000);

    fixture.emulator.remove_fault(failure);
    let (output, _) = fixture.import(&[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, number(&summary, "created"), fixture.users()), (0, 1_000, 1_000), "{}", stderr(&output));
}

#[test]
fn kill_writes_failed_rows_once() {
    let fixture = Fixture::empty();
    let mut list = String::from("user_id,user_password\n");
    for number in 0..2_000 {
        let password = if number % 5 == 0 { "short" } else { "password12" };
        writeln!(list, "user{number},{password}").unwrap();
    }
    fixture.write("users.csv", &list);
    let mut import = fixture.import(&[]);
    import.wait_until("a part is written down", || fixture.journaled() >= 500);
    import.signal("KILL");
    import.end();
    // The announced rows were not written.
    let journal = fixture.cut_after_announcement();
    let announced: Vec<_> = journal.lines().filter_map(|line| line.strip_prefix("w f ")).collect();
    let [.., before, last] = &announced[..] else { panic!("{journal}") };
    let length = |line: &str| line.split(' ').next().unwrap().parse::<usize>().unwrap();
    let failures = fixture.read("users.failures.csv");
    assert!([length(before), length(last)].contains(&failures.len()), "{before} {last} {}", failures.len());
    fixture.write("users.failures.csv", &failures[..length(before)]);

    let (output, _) = fixture.import(&[]).end();
    assert_eq!(exit_code_and_summary(&output).0, 8, "{}", stderr(&output));
    let failures = fixture.read("users.failures.csv");
    let ids: Vec<_> = failures.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 400);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 400);
    assert!(!fixture.has("users.failures-2.csv"));

    // The corrected rows are valid input.
    fixture.write("users.csv", &failures.replace("short", "password12"));
    let (output, _) = fixture.import(&[]).end();
    assert_eq!((exit_code_and_summary(&output).0, fixture.users()), (0, 2_000));
    assert_eq!(fixture.read("users.failures.csv"), failures, "an import does not touch what another has written");
}

/// A partial row at the end is not input, and no row is appended to it.
#[test]
fn partial_row_is_reported() {
    let fixture = Fixture::empty();
    let mut list = String::from("user_id,user_password\n");
    (0..2_000).for_each(|number| writeln!(list, "user{number},short").unwrap());
    fixture.write("users.csv", &list);
    let mut import = fixture.import(&["--concurrency", "1"]);
    import.wait_until("a part is written down", || fixture.journaled() >= 200);
    import.signal("KILL");
    import.end();
    let journal = fixture.cut_after_announcement();
    let last = journal.lines().rfind(|line| line.starts_with("w f ")).unwrap();
    let length: usize = last.split(' ').nth(2).unwrap().parse().unwrap();
    let failures = fixture.read("users.failures.csv");
    // A kill between journal and file: the partial row is not recorded.
    let torn = if failures.len() == length { failures[..length - 3].to_owned() } else { format!("{failures}us") };
    fixture.write("users.failures.csv", &torn);
    let (output, _) = fixture.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("users.failures.csv has unexpected data after its first"), "{}", stderr(&output));
    assert_eq!(fixture.read("users.failures.csv"), torn);

    // The advice of the message works.
    let said = stderr(&output);
    let cut: usize = said.split("truncate the file to ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    fixture.write("users.failures.csv", &torn[..cut]);
    let (output, _) = fixture.import(&[]).end();
    assert_eq!(exit_code_and_summary(&output).0, 8, "{}", stderr(&output));
    let failures = fixture.read("users.failures.csv");
    let ids: BTreeSet<_> = failures.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!((ids.len(), failures.lines().count()), (2_000, 2_001));
}

/// Runs where `script` is installed, which provides a terminal.
#[cfg(target_os = "linux")]
#[test]
fn progress_is_shown_on_a_terminal() {
    let fixture = Fixture::with_list(200);
    let shown = |options: &str| {
        let command = format!("kandy user import users.csv {options}");
        let mut script = fixture.program("script");
        script.args(["-qec", &command, "/dev/null"]).env("TERM", "xterm").stdin(std::process::Stdio::null());
        script.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Ok(text) = shown("") else { return };
    assert!(text.contains("% ") && text.contains(" users, ") && text.contains(" left"), "{text:?}");
    assert!(text.contains("200 users created"), "{text:?}");
    assert_eq!(shown("--quiet").unwrap(), "");
}
