//! `--queue`, `kandy worker` and `kandy queue`, with a real Redis.

#![cfg(unix)]

// That of the tests of kandy-redis, which break it in more ways.
#[path = "../../../kandy-redis/tests/it/support/redis_server.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod redis_server;

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use self::redis_server::RedisServer;
use crate::fixture::{
    Fixture, exit_code_and_summary,
    running_command::RunningCommand,
    sms_list::{SmsListExt, phone, rows},
    stderr,
};

const HEAD: &str = "to,text\n";

/// What a worker needs of Redis.
const DURABLE: [&str; 6] = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];

/// A fixture with a Redis.
struct Queue {
    fixture: Fixture,
    redis: RedisServer,
}

impl Queue {
    fn new() -> Option<Self> {
        Some(Self { redis: RedisServer::with(&DURABLE)?, fixture: Fixture::new() })
    }

    fn with_variables(&self, mut command: Command) -> Command {
        command.env("KANDY_REDIS_URL", self.redis.url()).env("KANDY_USER_ID", "russ");
        command
    }

    fn start(&self, arguments: &[&str]) -> RunningCommand {
        let mut command = self.fixture.kandy();
        command.args(arguments);
        RunningCommand::start(self.with_variables(command))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.start(arguments).end().0
    }

    /// Queues a list, and returns the exit code and the summary.
    #[track_caller]
    fn queue(&self, list: &str, options: &[&str]) -> (i32, [u64; 3]) {
        let arguments = ["sms", "send", "--to-file", list, "--queue", "spring", "--json"];
        let (code, summary) = exit_code_and_summary(&self.run(&[&arguments, options].concat()));
        (code, ["queued", "known", "failed"].map(|name| summary[name].as_u64().expect("a number")))
    }

    fn worker(&self, options: &[&str]) -> RunningCommand {
        self.start(&[&["worker", "--queue", "spring", "--until-settled", "--json"], options].concat())
    }

    /// Returns how many rows wait, are in progress, were sent, failed, and are unknown.
    #[track_caller]
    fn status(&self) -> [u64; 5] {
        let (code, status) = exit_code_and_summary(&self.run(&["queue", "status", "spring", "--json"]));
        assert_eq!(code, 0);
        ["waiting", "in_progress", "sent", "failed", "unknown"].map(|name| status[name].as_u64().expect("a number"))
    }

    #[track_caller]
    fn list(&self, name: &str) -> Vec<Value> {
        let output = self.run(&["queue", name, "spring", "--json"]);
        let text = String::from_utf8(output.stdout).unwrap();
        match serde_json::from_str(&text) {
            Ok(Value::Array(rows)) => rows,
            _ => text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
        }
    }
}

#[test]
fn workers_share_a_list_and_send_each_row_once() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..60, &[7])));
    assert_eq!(queue.queue("list.csv", &[]), (8, [59, 0, 1]));
    // The same rows are known, under any name and in any order, and further ones are not.
    let all = rows(0..61, &[]);
    let reversed: Vec<_> = all.lines().rev().collect();
    queue.fixture.write("sorted.csv", &format!("{HEAD}{}\n", reversed.join("\n")));
    assert_eq!(queue.queue("sorted.csv", &[]), (0, [2, 59, 0]));
    assert_eq!(queue.status(), [61, 0, 0, 0, 0]);
    let workers = [(); 3].map(|()| queue.worker(&["--concurrency", "4"]));
    let sent = workers.map(|worker| {
        let (code, summary) = exit_code_and_summary(&worker.end().0);
        assert_eq!(code, 0, "{summary}");
        summary["sent"].as_u64().expect("a number")
    });
    assert_eq!(sent.iter().sum::<u64>(), 61);
    queue.fixture.assert_sent_once(0..61);
    assert_eq!(queue.status(), [0, 0, 61, 0, 0]);
    // Sent rows are known, too.
    assert_eq!(queue.queue("list.csv", &[]), (8, [0, 59, 1]));
    assert!(!queue.fixture.has("list.csv.kandy-sms"), "there is no journal");
}

#[test]
fn duplicates_are_queued_as_often_as_they_occur() {
    let Some(queue) = Queue::new() else { return };
    let two = rows(0..2, &[]).repeat(3);
    queue.fixture.write("list.csv", &format!("{HEAD}{two}"));
    let refused = queue.run(&["sms", "send", "--to-file", "list.csv", "--queue", "spring"]);
    assert!(stderr(&refused).contains("--allow-duplicates"), "{}", stderr(&refused));
    assert_eq!(queue.status(), [0; 5]);
    assert_eq!(queue.queue("list.csv", &["--allow-duplicates"]), (0, [6, 0, 0]));
    assert_eq!(queue.queue("list.csv", &["--allow-duplicates"]), (0, [0, 6, 0]));
    queue.worker(&[]).end();
    assert_eq!(queue.fixture.received(), [(phone(0), 3), (phone(1), 3)].into());
}

#[test]
fn interrupted_worker_ends_in_order_and_another_goes_on() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[])));
    assert_eq!(queue.queue("list.csv", &[]), (0, [20, 0, 0]));
    queue.fixture.fail(r#"{"kind":"latency","operation":"sms_send","latency_ms":300}"#);
    let mut worker = queue.worker(&["--concurrency", "2"]);
    worker.wait_until("a row is sent", || !queue.fixture.emulator.sms().is_empty());
    worker.signal("INT");
    let (code, summary) = exit_code_and_summary(&worker.end().0);
    let sent = summary["sent"].as_u64().expect("a number");
    assert_eq!((code, queue.fixture.emulator.sms().len() as u64), (130, sent), "{summary}");
    assert_eq!(queue.status(), [20 - sent, 0, sent, 0, 0]);
    queue.fixture.fail("{}");
    assert_eq!(queue.worker(&[]).end().0.status.code(), Some(0));
    queue.fixture.assert_sent_once(0..20);
}

#[test]
fn failures_and_unknown_rows_are_listed_and_sent_again_only_when_asked() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..6, &[])));
    queue.queue("list.csv", &[]);
    queue.fixture.fail(r#"{"kind":"status","status":29,"operation":"sms_send","times":2}"#);
    queue.fixture.fail(r#"{"kind":"http","http":500,"applied":true,"operation":"sms_send","times":1}"#);
    let (code, summary) = exit_code_and_summary(&queue.worker(&["--concurrency", "1"]).end().0);
    assert_eq!((code, &summary["failed"], &summary["unknown"]), (5, &json!(2), &json!(1)), "{summary}");
    assert_eq!(queue.status(), [0, 0, 3, 2, 1]);

    let failures = queue.list("failures");
    assert_eq!(failures.len(), 2);
    for failure in &failures {
        assert!(failure["error"].as_str().unwrap().contains("29"), "{failure}");
        assert!(failure["row"]["text"].as_str().unwrap().starts_with("Hello no."), "{failure}");
    }

    // A worker sends neither.
    queue.worker(&[]).end();
    assert_eq!(queue.status(), [0, 0, 3, 2, 1]);
    assert_eq!(queue.run(&["queue", "send-again", "spring", "--failures"]).status.code(), Some(0));
    assert_eq!(queue.status(), [2, 0, 3, 0, 1]);
    queue.worker(&[]).end();
    assert_eq!(queue.status(), [0, 0, 5, 0, 1]);
    queue.fixture.assert_sent_once(0..6);
    let unknown = queue.list("unknown");
    let id = unknown[0]["id"].as_str().expect("an id");
    assert_eq!(queue.run(&["queue", "send-again", "spring", id, "nothing"]).status.code(), Some(4));
    assert_eq!(queue.status(), [1, 0, 5, 0, 0]);

    // What is forgotten is sent again, so that is asked.
    let refused = queue.run(&["queue", "purge", "spring", "--yes"]);
    assert!(stderr(&refused).contains("still to be sent"), "{}", stderr(&refused));
    let refused = queue.run(&["queue", "purge", "spring", "--state", "sent"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert_eq!(queue.status(), [1, 0, 5, 0, 0]);
    assert_eq!(queue.run(&["queue", "purge", "spring", "--state", "sent", "--yes"]).status.code(), Some(0));
    assert_eq!(queue.status(), [1, 0, 0, 0, 0]);
}

#[test]
fn a_queue_is_of_one_kind_and_one_sender() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
    queue.fixture.write("users.csv", "user_id\nzoe\n");
    queue.queue("list.csv", &[]);
    for (arguments, reason) in [
        (&["worker", "--queue", "spring", "--user", "anna"][..], "another device"),
        (&["sms", "send", "--to-file", "list.csv", "--queue", "spring", "--user", "anna"], "another device"),
        (&["user", "import", "users.csv", "--queue", "spring"], "of kind \"sms\""),
    ] {
        let refused = queue.run(arguments);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&refused).contains(reason), "{arguments:?}: {}", stderr(&refused));
    }
    assert_eq!(queue.status(), [3, 0, 0, 0, 0]);
    assert!(queue.fixture.emulator.sms().is_empty());
}

#[test]
fn users_are_imported_by_workers() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("users.csv", "user_id,user_password\nzoe,S3cret-zoe1\nrob,S3cret-rob1\nrob,S3cret-bob1\n");
    let output = queue.run(&["user", "import", "users.csv", "--queue", "spring", "--json"]);
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, &summary["queued"]), (0, &json!(3)), "{summary}");
    let (code, summary) = exit_code_and_summary(&queue.worker(&[]).end().0);
    assert_eq!((code, &summary["sent"], &summary["failed"]), (8, &json!(2), &json!(1)), "{summary}");
    assert_eq!(queue.fixture.emulator.state().users, 4);
    for arguments in [&["queue", "failures", "spring", "--json"][..], &["queue", "failures", "spring", "--wide"]] {
        let listed = String::from_utf8(queue.run(arguments).stdout).unwrap();
        assert!(listed.contains("rob") && !listed.contains("S3cret"), "{listed}");
    }
}

#[test]
fn no_row_begins_outside_of_the_window() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
    queue.queue("list.csv", &[]);
    // Whatever the time is, it is not within the hour that begins in two.
    let clock = |hours: i64| {
        let then = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC) + jiff::Span::new().hours(hours);
        then.strftime("%H:%M").to_string()
    };
    let (from, until) = (clock(2), clock(3));
    let window = ["--not-before", &from, "--not-after", &until, "--time-zone", "UTC"];
    let mut shell = queue.fixture.program("sh");
    let line = "exec kandy worker --queue spring --until-settled \"$@\" 2> said";
    shell.args(["-c", line, "sh"]).args(window);
    let mut worker = RunningCommand::start(queue.with_variables(shell));
    let has_said = || queue.fixture.has("said") && queue.fixture.read("said").contains("waiting until");
    worker.wait_until("it waits", has_said);
    worker.signal("INT");
    assert_eq!(worker.end().0.status.code(), Some(130));
    assert!(queue.fixture.read("said").contains(" UTC"), "{}", queue.fixture.read("said"));
    assert_eq!(queue.status(), [3, 0, 0, 0, 0]);
    let (from, until) = (clock(-2), clock(2));
    let window = ["--not-before", &from, "--not-after", &until, "--time-zone", "UTC"];
    assert_eq!(queue.worker(&window).end().0.status.code(), Some(0));
    queue.fixture.assert_sent_once(0..3);
    // A time that has passed is no window, which would end.
    queue.fixture.write("more.csv", &format!("{HEAD}{}", rows(3..6, &[])));
    queue.queue("more.csv", &[]);
    let at = ["--at", "2020-01-01T00:00", "--time-zone", "UTC"];
    assert_eq!(queue.worker(&at).end().0.status.code(), Some(0));
    queue.fixture.assert_sent_once(0..6);
}

#[test]
fn workers_share_a_rate() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..30, &[])));
    queue.queue("list.csv", &[]);
    let began = Instant::now();
    let workers = [(); 3].map(|()| queue.worker(&["--shared-rate", "20/s"]));
    for worker in workers {
        assert_eq!(worker.end().0.status.code(), Some(0));
    }
    // 29 intervals of 50 ms. How much longer it takes depends on the machine.
    assert!(began.elapsed() >= Duration::from_millis(1440), "{:?}", began.elapsed());
    queue.fixture.assert_sent_once(0..30);
}

#[test]
fn options_and_lists_that_do_not_go_with_a_queue_are_refused() {
    let Some(queue) = Queue::new() else { return };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..2, &[])));
    for (options, reason) in [
        (&["--rate", "10/s"][..], "kandy worker"),
        (&["--concurrency", "3"], "kandy worker"),
        (&["--not-before", "09:00"], "kandy worker"),
        (&["--restart"], "--restart"),
        (&["--journal", "j"], "--journal"),
        (&["--failures", "f.csv"], "--failures"),
    ] {
        let arguments = ["sms", "send", "--to-file", "list.csv", "--queue", "spring"];
        let refused = queue.run(&[&arguments, options].concat());
        assert_eq!(refused.status.code(), Some(2), "{options:?}");
        assert!(stderr(&refused).contains(reason), "{options:?}: {}", stderr(&refused));
    }
    // Its rows were sent already.
    assert_eq!(queue.run(&["sms", "send", "--to-file", "list.csv"]).status.code(), Some(0));
    let refused = queue.run(&["sms", "send", "--to-file", "list.csv", "--queue", "spring"]);
    assert!(stderr(&refused).contains("sent without a queue"), "{}", stderr(&refused));
    assert_eq!(queue.status(), [0; 5]);
}

#[test]
fn a_redis_that_forgets_or_is_away_is_named_and_nothing_is_sent() {
    let Some(redis) = RedisServer::with(&["--requirepass", "s3cret-redis"]) else { return };
    let queue = Queue { redis, fixture: Fixture::new() };
    queue.fixture.write("list.csv", &format!("{HEAD}{}", rows(0..2, &[])));
    let with_password = format!("{}?pass=s3cret-redis", queue.redis.url());
    for (url, arguments, reason) in [
        (queue.redis.url(), &["queue", "status", "spring"][..], "password"),
        (format!("{}?pass=s3cret-wrong", queue.redis.url()), &["queue", "status", "spring"], "password"),
        ("redis://127.0.0.1:1".to_owned(), &["queue", "status", "spring"], "connection refused"),
        ("http://s3cret".to_owned(), &["queue", "status", "spring"], "KANDY_REDIS_URL"),
        (with_password.clone(), &["sms", "send", "--to-file", "list.csv", "--queue", "spring"], "2 rows queued"),
        (with_password.clone(), &["worker", "--queue", "spring", "--until-settled"], "appendonly"),
        (
            with_password,
            &["worker", "--queue", "spring", "--until-settled", "--trust-durability"],
            "2 rows of spring sent",
        ),
    ] {
        let mut command = queue.fixture.kandy();
        command.args(arguments).env("KANDY_REDIS_URL", url).env("KANDY_USER_ID", "russ");
        let output = command.output().unwrap();
        let said = stderr(&output);
        assert!(said.contains(reason) && !said.contains("s3cret"), "{arguments:?}: {said}");
        assert_eq!(queue.fixture.emulator.sms().len(), if reason.contains("sent") { 2 } else { 0 });
    }
}

#[test]
fn interrupt_ends_a_list_from_stdin_that_goes_on() {
    let Some(queue) = Queue::new() else { return };
    // As many rows as are added at once.
    queue.fixture.write("begin.csv", &format!("{HEAD}{}", rows(0..1000, &[])));
    let mut command = queue.fixture.program("sh");
    // The pipe stays open. `exec` makes the command the process that gets the signal.
    let line = "mkfifo list; (cat begin.csv; exec sleep 600) > list 2> none & echo $! > writer; \
                exec kandy sms send --to-file - --format csv --queue spring < list";
    command.args(["-c", line]);
    let mut adding = RunningCommand::start(queue.with_variables(command));
    adding.wait_until("rows are added", || queue.status()[0] == 1000);
    adding.signal("INT");
    let ended = adding.end().0;
    assert_eq!(ended.status.code(), Some(130), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("1,000 rows queued"), "{}", stderr(&ended));
    Command::new("kill").arg(queue.fixture.read("writer").trim()).status().unwrap();
}
