//! Imports that are interrupted, killed, refused and resumed, with real processes.

mod support;

use std::{collections::BTreeSet, fmt::Write, fs, process::Output};

use kandy_emulator::InjectedFault;
use serde_json::Value;

use support::{Stage, process::Running};

/// A list of so many users.
fn list(count: usize) -> String {
    let mut list = String::from("user_id,user_country_code,user_email,user_first_name,user_last_name,user_password\n");
    for number in 0..count {
        writeln!(list, "user{number},US,user{number}@example.com,User,\"No. {number}, of many\",password{number:02}")
            .unwrap();
    }
    list
}

impl Stage {
    fn with_list(count: usize) -> Self {
        let stage = Self::empty();
        stage.write("users.csv", &list(count));
        stage
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    fn import(&self, options: &[&str]) -> Running {
        let mut command = self.kandy();
        command.args(["user", "import", "users.csv", "--json"]).args(options);
        Running::start(command)
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

    /// Cuts the journal off after the last rows that were announced for the file of failures.
    fn cut_after_announcement(&self) -> String {
        let journal = self.read("users.csv.kandy-import");
        let at = journal.rfind("\nw f ").unwrap() + 1;
        let journal = &journal[..at + journal[at..].find('\n').unwrap() + 1];
        self.write("users.csv.kandy-import", journal);
        journal.to_owned()
    }

    /// The ids of all users, as an export has them.
    fn user_ids(&self) -> BTreeSet<String> {
        let exported = self.kandy().args(["user", "export"]).output().unwrap();
        assert!(exported.status.success());
        let text = String::from_utf8(exported.stdout).unwrap();
        text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    }
}

/// What an import came to: its exit code, and the summary.
fn came_to(output: &Output) -> (i32, Value) {
    let summary = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)));
    (output.status.code().unwrap(), summary)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn number(summary: &Value, name: &str) -> usize {
    usize::try_from(summary[name].as_u64().unwrap()).unwrap()
}

#[test]
fn a_hundred_thousand_users_are_created_in_spite_of_two_interruptions() {
    const ALL: usize = 100_000;
    let small = Stage::with_list(ALL / 10);
    let (output, small_memory) = small.import(&[]).end();
    assert_eq!(came_to(&output).0, 0, "{}", stderr(&output));

    let stage = Stage::with_list(ALL);
    let mut memory = 0;
    for part in [ALL / 4, ALL / 2] {
        let mut import = stage.import(&[]);
        import.until("a part is done", || stage.users() >= part);
        import.signal("INT");
        let (output, most) = import.end();
        memory = memory.max(most);
        let (code, summary) = came_to(&output);
        assert_eq!(code, 130, "{}", stderr(&output));
        assert!(stderr(&output).contains("run the same command again"), "{}", stderr(&output));
        // Those under way were waited for, so that nothing is begun that is not written down.
        assert_eq!(number(&summary, "created"), stage.users());
        assert_eq!(stage.journaled(), stage.users());
    }
    let (output, most) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    assert_eq!(["created", "existing", "failed", "unknown"].map(|name| number(&summary, name)), [ALL, 0, 0, 0]);
    assert_eq!(stage.users(), ALL);
    assert_eq!(stage.user_ids(), (0..ALL).map(|number| format!("user{number}")).collect());
    // How far it was is shown on terminals only.
    assert!(!stderr(&output).contains(['\r', '\x1b', '%']), "{}", stderr(&output));
    assert!(!stage.has("users.csv.kandy-import") && !stage.has("users.failures.csv"));
    let memory = memory.max(most);
    println!("at most {small_memory} KiB for {} rows, {memory} KiB for {ALL}", ALL / 10);
    if cfg!(target_os = "linux") {
        assert!(small_memory > 0 && memory < small_memory + 4 * 1024, "{small_memory} KiB, then {memory} KiB");
    }
}

#[test]
fn an_import_that_was_killed_goes_on_where_its_journal_ends() {
    const ALL: usize = 2_000;
    let stage = Stage::with_list(ALL);
    let mut import = stage.import(&["--concurrency", "8"]);
    import.until("a part is written down", || stage.journaled() >= ALL / 4);
    import.signal("KILL");
    import.end();
    // The last line was not written to its end.
    let journal = stage.read("users.csv.kandy-import");
    stage.write("users.csv.kandy-import", &journal[..journal.len() - 2]);
    assert!(!journal.contains("user1") && !journal.contains(&stage.domain.0), "{journal}");

    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    let [created, existing] = ["created", "existing"].map(|name| number(&summary, name));
    assert_eq!(created + existing, ALL);
    assert!(existing <= 8 + 1, "{existing} were under way or not written down");
    assert_eq!(stage.users(), ALL);
}

#[test]
fn a_file_that_has_changed_is_refused() {
    let stage = Stage::with_list(2_000);
    let mut import = stage.import(&[]);
    import.until("something is written down", || stage.journaled() >= 100);
    import.signal("TERM");
    assert_eq!(import.end().0.status.code(), Some(130));

    stage.write("users.csv", &list(2_000).replacen("user0,", "nobody,", 1));
    let (output, _) = stage.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("has changed") && stderr(&output).contains("--restart"), "{}", stderr(&output));
    let (output, _) = stage.import(&["--restart"]).end();
    let (code, summary) = came_to(&output);
    assert_eq!((code, number(&summary, "created") + number(&summary, "existing")), (0, 2_000));
}

#[test]
fn a_file_that_has_grown_goes_on_with_what_is_new() {
    let stage = Stage::with_list(2_000);
    let mut import = stage.import(&[]);
    import.until("something is written down", || stage.journaled() >= 100);
    import.signal("TERM");
    assert_eq!(import.end().0.status.code(), Some(130));

    stage.write("users.csv", &list(2_010));
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!((code, number(&summary, "created")), (0, 2_010), "{}", stderr(&output));
    assert_eq!((number(&summary, "existing"), stage.users()), (0, 2_010));
}

#[test]
fn only_one_works_on_a_list_at_a_time() {
    let stage = Stage::with_list(100);
    stage.emulator.inject(InjectedFault::stall().on("user_create").nth(50));
    let mut import = stage.import(&[]);
    import.until("the others are done", || stage.journaled() == 99);
    let (output, _) = stage.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("another command is using the journal"), "{}", stderr(&output));
    // Nobody waits for the one that stalls.
    import.signal("INT");
    import.signal("TERM");
    let (output, _) = import.end();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let (output, _) = stage.import(&[]).end();
    assert_eq!((came_to(&output).0, stage.users()), (0, 100));
}

#[test]
fn what_fails_for_a_while_is_tried_again() {
    const ALL: usize = 400;
    let stage = Stage::with_list(ALL);
    stage.emulator.inject(InjectedFault::http(500).on("user_create").every(11));
    stage.emulator.inject(InjectedFault::close_after_reading().on("user_create").every(13));
    stage.emulator.inject(InjectedFault::close_before_reading().on("user_create").every(17));
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 0, "{}", stderr(&output));
    let [created, existing] = ["created", "existing"].map(|name| number(&summary, name));
    assert_eq!((created + existing, stage.users()), (ALL, ALL));
    assert!(existing > 0, "those that were created without an answer");
}

#[test]
fn a_service_that_does_nothing_any_more_stops_it() {
    let stage = Stage::with_list(1_000);
    let failure = stage.emulator.inject(InjectedFault::http(503).on("user_create"));
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert!(number(&summary, "unknown") <= 2 * 32 + 10, "{summary}");
    assert!(stderr(&output).contains("stopped; run the same command again"), "{}", stderr(&output));

    stage.emulator.remove_fault(failure);
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 8, "{}", stderr(&output));
    assert_eq!(number(&summary, "created") + number(&summary, "unknown"), 1_000);
    // Those that it gave up on are in the file, which can be given as it is.
    stage.write("users.csv", &stage.read("users.failures.csv"));
    let (output, _) = stage.import(&[]).end();
    assert_eq!((came_to(&output).0, stage.users()), (0, 1_000));
}

#[test]
fn a_credential_that_is_refused_blames_no_row() {
    let stage = Stage::with_list(1_000);
    let failure = stage.emulator.inject(InjectedFault::status(55).on("user_create").probability(0.01, 1));
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 7, "{}", stderr(&output));
    assert_eq!((number(&summary, "failed"), number(&summary, "created")), (0, stage.users()));
    assert!(stage.users() < 1_000);

    stage.emulator.remove_fault(failure);
    let (output, _) = stage.import(&[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!((code, number(&summary, "created"), stage.users()), (0, 1_000, 1_000), "{}", stderr(&output));
}

#[test]
fn failures_are_there_once_after_a_kill() {
    let stage = Stage::empty();
    let mut list = String::from("user_id,user_password\n");
    for number in 0..2_000 {
        let password = if number % 5 == 0 { "short" } else { "password12" };
        writeln!(list, "user{number},{password}").unwrap();
    }
    stage.write("users.csv", &list);
    let mut import = stage.import(&[]);
    import.until("a part is written down", || stage.journaled() >= 500);
    import.signal("KILL");
    import.end();
    // What was announced last was not written any more.
    let journal = stage.cut_after_announcement();
    let announced: Vec<_> = journal.lines().filter_map(|line| line.strip_prefix("w f ")).collect();
    let [.., before, last] = &announced[..] else { panic!("{journal}") };
    let length = |line: &str| line.split(' ').next().unwrap().parse::<usize>().unwrap();
    let failures = stage.read("users.failures.csv");
    assert!([length(before), length(last)].contains(&failures.len()), "{before} {last} {}", failures.len());
    stage.write("users.failures.csv", &failures[..length(before)]);

    let (output, _) = stage.import(&[]).end();
    assert_eq!(came_to(&output).0, 8, "{}", stderr(&output));
    let failures = stage.read("users.failures.csv");
    let ids: Vec<_> = failures.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 400);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 400);
    assert!(!stage.has("users.failures-2.csv"));

    // Mended, they can be given.
    stage.write("users.csv", &failures.replace("short", "password12"));
    let (output, _) = stage.import(&[]).end();
    assert_eq!((came_to(&output).0, stage.users()), (0, 2_000));
    assert_eq!(stage.read("users.failures.csv"), failures, "an import does not touch what another has written");
}

/// Half a row at the end is not given to anyone again, and what follows is not appended to it.
#[test]
fn a_row_that_was_half_written_is_told() {
    let stage = Stage::empty();
    let mut list = String::from("user_id,user_password\n");
    (0..2_000).for_each(|number| writeln!(list, "user{number},short").unwrap());
    stage.write("users.csv", &list);
    let mut import = stage.import(&["--concurrency", "1"]);
    import.until("a part is written down", || stage.journaled() >= 200);
    import.signal("KILL");
    import.end();
    let journal = stage.cut_after_announcement();
    let last = journal.lines().rfind(|line| line.starts_with("w f ")).unwrap();
    let length: usize = last.split(' ').nth(2).unwrap().parse().unwrap();
    let failures = stage.read("users.failures.csv");
    // The kill may have come between the journal and the file: then the part is one of a row that is not there.
    let torn = if failures.len() == length { failures[..length - 3].to_owned() } else { format!("{failures}us") };
    stage.write("users.failures.csv", &torn);
    let (output, _) = stage.import(&[]).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("users.failures.csv has unexpected data after its first"), "{}", stderr(&output));
    assert_eq!(stage.read("users.failures.csv"), torn);

    // What the message says is right.
    let said = stderr(&output);
    let cut: usize = said.split("truncate the file to ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    stage.write("users.failures.csv", &torn[..cut]);
    let (output, _) = stage.import(&[]).end();
    assert_eq!(came_to(&output).0, 8, "{}", stderr(&output));
    let failures = stage.read("users.failures.csv");
    let ids: BTreeSet<_> = failures.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!((ids.len(), failures.lines().count()), (2_000, 2_001));
}

/// Where `script` is, which gives a command a terminal.
#[cfg(target_os = "linux")]
#[test]
fn how_far_it_is_is_shown_on_a_terminal() {
    let stage = Stage::with_list(200);
    let shown = |options: &str| {
        let command = format!("kandy user import users.csv {options}");
        let mut script = stage.program("script");
        script.args(["-qec", &command, "/dev/null"]).env("TERM", "xterm").stdin(std::process::Stdio::null());
        script.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Ok(text) = shown("") else { return };
    assert!(text.contains("% ") && text.contains(" users, ") && text.contains(" left"), "{text:?}");
    assert!(text.contains("200 users created"), "{text:?}");
    assert_eq!(shown("--quiet").unwrap(), "");
}
