//! A full disk: the run starts no further call, waits for the calls in flight, and reports all outcomes that it could
//! not record.

#![cfg(unix)]

use std::{collections::BTreeSet, fs};

use kandy_emulator::InjectedFault;

use crate::fixture::{
    Fixture,
    sms_list::{SendResult, SmsListExt, phone, rows},
};

const HEAD: &str = "to,text\n";

/// A row that is longer than `ulimit -f 1` allows.
fn long(to: &str) -> String {
    format!("{to},{}\n", "Hello ".repeat(500))
}

/// Sends with a limit on file sizes of 512 or 1,024 bytes, depending on the shell.
fn cramped(fixture: &Fixture, options: &str) -> SendResult {
    SendResult::of(&fixture.shell(&format!("ulimit -f 1; exec $SEND list.csv {options}")).end().0)
}

#[cfg(target_os = "linux")]
#[test]
fn full_failures_file_stops_the_run() {
    for quiet in ["", "--quiet"] {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[3])));
        let options = ["--concurrency", "1", "--failures", "/dev/full", quiet];
        let options: Vec<_> = options.into_iter().filter(|option| !option.is_empty()).collect();
        let sent = fixture.sent("list.csv", &options);
        assert_eq!((sent.code, sent.counts()), (1, [3, 1, 0]), "{sent:?}");
        sent.assert_stderr("kandy: failed, but not written to /dev/full: line 5; the next run retries them");
        sent.assert_stderr("/dev/full cannot be written: No space left on device");
        fixture.assert_sent_once(0..3);
        // With space again the run resumes, and the row is processed.
        let rest = fixture.sent("list.csv", &["--failures", "failures.csv"]);
        assert_eq!((rest.code, rest.counts()), (8, [19, 1, 0]), "{rest:?}");
        assert_eq!(fixture.read("failures.csv").lines().count(), 2);
        fixture.assert_sent_once((0..20).filter(|number| *number != 3));
    }
}

#[test]
fn limited_failures_file_stops_the_run() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}{}{}", rows(0..2, &[]), long("nobody"), rows(3..5, &[])));
    let sent = cramped(&fixture, "--concurrency 1");
    assert_eq!((sent.code, sent.counts()), (1, [2, 1, 0]), "{sent:?}");
    sent.assert_stderr("failed, but not written to list.failures.csv: line 4; the next run retries them");
    sent.assert_stderr("stopped; run the same command again to resume");
    let rest = fixture.sent("list.csv", &[]);
    assert_eq!((rest.code, rest.counts()), (8, [4, 1, 0]), "{rest:?}");
    assert_eq!(fixture.read("list.failures.csv").lines().count(), 2);
    fixture.assert_sent_once([0, 1, 3, 4]);
}

/// An unknown row is reported, and is still unknown in the next run.
#[test]
fn limited_unknown_file_stops_the_run() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}{}{}", rows(0..2, &[]), long(&phone(2)), rows(3..5, &[])));
    fixture.emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
    let sent = cramped(&fixture, "--concurrency 1");
    assert_eq!((sent.code, sent.counts()), (1, [2, 0, 1]), "{sent:?}");
    sent.assert_stderr("unknown outcome, but not written to list.unknown.csv: line 4; the next run lists them");
    let rest = fixture.sent("list.csv", &[]);
    assert_eq!((rest.code, rest.counts()), (5, [4, 0, 1]), "{rest:?}");
    assert!(fixture.read("list.unknown.csv").contains(&phone(2)));
    assert!(fixture.received().get(&phone(2)).is_none_or(|times| *times == 1));
}

/// Every row is sent once, however much the journal could record.
#[test]
fn limited_journal_stops_the_run() {
    const ALL: usize = 300;
    for concurrency in [1, 8] {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..ALL, &[])));
        let sent = cramped(&fixture, &format!("--concurrency {concurrency}"));
        let [done, failed, unknown] = sent.counts();
        assert_eq!((sent.code, failed, unknown), (1, 0, 0), "{sent:?}");
        assert!(done > 0 && (done as usize) < ALL, "{sent:?}");
        assert_eq!(fixture.emulator.sms().len(), done as usize);
        sent.assert_stderr("the journal list.csv.kandy-sms cannot be written: File too large");
        let named =
            sent.stderr.lines().find_map(|line| line.strip_prefix("kandy: sent, but not recorded in the journal: "));
        assert!(!sent.stderr.contains("started according to the journal"), "{sent:?}");
        let rest = fixture.sent("list.csv", &[]);
        let lines = named.map(lines).unwrap_or_default();
        // The reported rows are unknown now, and no others.
        let listed = match fixture.files().contains("list.unknown.csv") {
            true => fixture
                .read("list.unknown.csv")
                .lines()
                .skip(1)
                .map(|line| line.split(',').next().unwrap().to_owned())
                .collect(),
            false => BTreeSet::new(),
        };
        assert_eq!(listed, lines.iter().map(|line| phone(line - 2)).collect(), "{sent:?} {rest:?}");
        assert_eq!(rest.counts(), [(ALL - lines.len()) as u64, 0, lines.len() as u64]);
        fixture.assert_sent_once(0..ALL);
    }
}

/// Parses `lines 3-5, 9; …`.
fn lines(text: &str) -> BTreeSet<usize> {
    let numbers = text.split(';').next().unwrap().trim_start_matches("lines ").trim_start_matches("line ");
    let range = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<usize>().unwrap()..=last.parse::<usize>().unwrap()
    };
    numbers.split(", ").flat_map(range).collect()
}

/// An import may be repeated, so no row is unknown.
#[test]
fn import_resumes_when_there_is_room() {
    const ALL: usize = 500;
    let fixture = Fixture::empty();
    let list: String = (0..ALL).map(|number| format!("user{number}\n")).collect();
    fixture.write("users.csv", &format!("user_id\n{list}"));
    let cramped = fixture.shell("ulimit -f 1; exec kandy user import users.csv --json");
    let cramped = SendResult::of(&cramped.end().0);
    assert_eq!(cramped.code, 1, "{cramped:?}");
    cramped.assert_stderr("cannot be written: File too large");
    assert!(cramped.stdout.contains("\"created\""), "{cramped:?}");
    assert!(fixture.emulator.state().users < ALL);
    let output = fixture.kandy().args(["user", "import", "users.csv"]).output().unwrap();
    assert_eq!((output.status.code(), fixture.emulator.state().users), (Some(0), ALL), "{output:?}");
}

/// Without a journal, the report has the lines.
#[test]
fn stdin_rows_are_reported_by_line() {
    let fixture = Fixture::new();
    fixture.write("in", &format!("{HEAD}{}{}{}", rows(0..2, &[]), long("nobody"), rows(3..5, &[])));
    let sent = fixture.shell("ulimit -f 1; exec $SEND - --format csv --concurrency 1 < in");
    let sent = SendResult::of(&sent.end().0);
    assert_eq!((sent.code, sent.counts()), (1, [2, 1, 0]), "{sent:?}");
    sent.assert_stderr("kandy: failed, but not written to stdin.failures.csv: line 4\n");
    sent.assert_stderr("all rows up to line 4 are processed");
    fixture.assert_sent_once(0..2);
}

/// With a full stdout, everything else works.
#[cfg(target_os = "linux")]
#[test]
fn full_stdout_leaves_no_row_unknown() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (form, sent) in [("--quiet", 1..20), ("--json", 20..21)] {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[])));
        let send = ["sms", "send", "--user", "russ", "--to-file", "list.csv", "--concurrency", "2", form];
        let output = fixture.kandy().args(send).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{form}: {output:?}");
        assert!(sent.contains(&fixture.emulator.sms().len()), "{form}: {}", fixture.emulator.sms().len());
        assert_eq!(fixture.sent("list.csv", &[]).counts(), [20, 0, 0], "{form}");
        fixture.assert_sent_once(0..20);
    }
}

/// Without any space, nothing is sent and nothing is left.
#[test]
fn no_room_sends_nothing() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
    let sent = SendResult::of(&fixture.shell("ulimit -f 0; exec $SEND list.csv").end().0);
    assert_eq!((sent.code, fixture.request_count("sms_send")), (1, 0), "{sent:?}");
    sent.assert_stderr("the journal list.csv.kandy-sms cannot be written");
    assert_eq!(fixture.sent("list.csv", &[]).counts(), [3, 0, 0]);
    fixture.assert_sent_once(0..3);
}

/// A list whose journal has no space for one rejected row.
struct FullJournal {
    list: &'static str,
    command: &'static str,
    journal: &'static str,
    /// The suffix of the file that the row belongs to.
    rejected: &'static str,
    /// Returns the row with a number, usable or not.
    row: fn(usize, bool) -> String,
    head: &'static str,
    /// The fault for the call of the row, if it has one.
    failure: Option<fn() -> InjectedFault>,
    /// The message about the row.
    says: &'static str,
    /// The exit code of a run with space.
    code: i32,
}

const SEND: &str = "kandy sms send --user russ --concurrency 1 --json --to-file";
const IMPORT: &str = "kandy user import --concurrency 1 --json";

const FULL_JOURNALS: [FullJournal; 4] = [
    FullJournal {
        list: "list.csv",
        command: SEND,
        journal: "list.csv.kandy-sms",
        rejected: "list.failures.csv",
        row: |number, is_good| format!("{},Hello", if is_good { phone(number) } else { format!("nobody {number}") }),
        head: HEAD,
        failure: None,
        says: "failed, but not written to list.failures.csv: line {}; the next run retries them",
        code: 8,
    },
    FullJournal {
        list: "list.jsonl",
        command: SEND,
        journal: "list.jsonl.kandy-sms",
        rejected: "list.failures.jsonl",
        row: |number, is_good| {
            format!("{{\"to\":\"{}\"{}}}", phone(number), if is_good { ",\"text\":\"Hello\"" } else { "" })
        },
        head: "",
        failure: None,
        says: "failed, but not written to list.failures.jsonl: line {}; the next run retries them",
        code: 8,
    },
    // The SMS is sent, and the response is lost.
    FullJournal {
        list: "list.csv",
        command: SEND,
        journal: "list.csv.kandy-sms",
        rejected: "list.unknown.csv",
        row: |number, _| format!("{},Hello", phone(number)),
        head: HEAD,
        failure: Some(|| InjectedFault::close_after_reading().on("sms_send")),
        says: "unknown outcome, but not written to list.unknown.csv: line {}; the next run lists them",
        code: 5,
    },
    FullJournal {
        list: "list.csv",
        command: IMPORT,
        journal: "list.csv.kandy-import",
        rejected: "list.failures.csv",
        row: |number, is_good| format!("user{number},{}US", if is_good { "" } else { "US," }),
        head: "user_id,user_country_code\n",
        failure: None,
        says: "failed, but not written to list.failures.csv: line {}; the next run retries them",
        code: 8,
    },
];

impl FullJournal {
    const ROWS: usize = 200;

    fn list(&self, bad: Option<usize>) -> String {
        let rows = (0..Self::ROWS).map(|number| (self.row)(number, bad != Some(number)) + "\n");
        rows.fold(self.head.to_owned(), |list, row| list + &row)
    }

    fn run(&self, fixture: &Fixture, limit: &str) -> SendResult {
        SendResult::of(&fixture.shell(&format!("{limit} exec {} {}", self.command, self.list)).end().0)
    }

    fn cramped(&self, fixture: &Fixture) -> SendResult {
        self.run(fixture, "ulimit -f 1;")
    }

    /// The number of rows after which the journal has space for an outcome, but not for an announcement, which is
    /// longer.
    fn room(&self) -> usize {
        let fixture = Fixture::new();
        fixture.write(self.list, &self.list(None));
        assert_eq!(self.cramped(&fixture).code, 1);
        let journal = fixture.read(self.journal);
        journal.lines().filter(|line| line.starts_with("c ")).count() - 1
    }

    /// Returns the number of processed rows: SMS, or users in addition to those of the fixture.
    fn done(&self, fixture: &Fixture, before: usize) -> usize {
        if self.command == SEND { fixture.emulator.sms().len() } else { fixture.emulator.state().users - before }
    }
}

/// A row that the journal does not announce is in no file: the next run would list it again.
#[test]
fn unjournaled_row_is_listed_once() {
    for full in FULL_JOURNALS {
        let bad = full.room();
        let fixture = Fixture::new();
        let before = fixture.emulator.state().users;
        fixture.write(full.list, &full.list(Some(bad)));
        let failure = full.failure.map(|failure| fixture.emulator.inject(failure().nth(bad as u64 + 1)));
        let cramped = full.cramped(&fixture);
        failure.map(|failure| fixture.emulator.remove_fault(failure));
        let line = bad + 1 + full.head.lines().count();
        assert_eq!(cramped.code, 1, "{cramped:?}");
        cramped.assert_stderr(&format!("the journal {} cannot be written: File too large", full.journal));
        cramped.assert_stderr(&full.says.replace("{}", &line.to_string()));
        let is_sent = usize::from(full.failure.is_some());
        assert_eq!(full.done(&fixture, before), bad + is_sent, "{cramped:?}");
        // There was no space for the announcement of the row.
        let journal = fixture.read(full.journal);
        assert!(journal.contains(&format!("c {}\n", bad - 1)) && !journal.contains("\nw "), "{journal}");
        assert_eq!(fixture.files(), [full.list, full.journal].map(str::to_owned).into(), "{cramped:?}");

        let rest = full.run(&fixture, "");
        assert_eq!((rest.code, full.done(&fixture, before)), (full.code, FullJournal::ROWS - 1 + is_sent), "{rest:?}");
        let rejected = fixture.read(full.rejected);
        assert_eq!(rejected.lines().count(), 1 + full.head.lines().count(), "{rejected}");
        let mark = (full.row)(bad, false).trim_end_matches('}').to_owned();
        assert!(rejected.contains(&mark[1..]), "{mark}: {rejected}");
        let files = fixture.files();
        assert!(files.iter().all(|name| !name.contains("-2")), "{files:?}");
    }
}

/// A row that fails when the file for failed rows is full was not sent, and is not unknown.
#[cfg(target_os = "linux")]
#[test]
fn failed_rows_without_room_are_retried() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..6, &[3])));
    // Three calls are rejected after the fourth row, which needs no call, has failed.
    let refused = InjectedFault::status(20).with_latency(std::time::Duration::from_secs(1)).on("sms_send");
    let refused = fixture.emulator.inject(refused);
    let sent = fixture.sent("list.csv", &["--concurrency", "4", "--failures", "/dev/full"]);
    fixture.emulator.remove_fault(refused);
    assert_eq!((sent.code, sent.counts()), (1, [0, 4, 0]), "{sent:?}");
    sent.assert_stderr("failed, but not written to /dev/full: lines 2-5; the next run retries them");
    assert!(!sent.stderr.contains("begun according to the journal"), "{sent:?}");
    let rest = fixture.sent("list.csv", &["--failures", "failures.csv"]);
    assert_eq!((rest.code, rest.counts()), (8, [5, 1, 0]), "{rest:?}");
    fixture.assert_sent_once([0, 1, 2, 4, 5]);
}
