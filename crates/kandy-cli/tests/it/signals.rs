//! Signals: the first SIGINT, SIGTERM or SIGHUP lets calls in flight finish; the second exits at once. Closing the
//! terminal sends SIGHUP.

#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kandy_emulator::InjectedFault;

use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, phone, rows},
};

const SIGNALS: [&str; 3] = ["INT", "TERM", "HUP"];
const HEAD: &str = "to,text\n";

/// Returns a command that receives SIGHUP even if the tests ignore it.
fn exposed(fixture: &Fixture, arguments: &[&str]) -> Command {
    let mut command = if cfg!(target_os = "linux") && ignores_hang_up() {
        let mut env = fixture.program("env");
        env.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_kandy")]);
        env
    } else {
        fixture.kandy()
    };
    command.args(arguments);
    command
}

fn ignores_hang_up() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).unwrap() & 1 != 0
}

fn send(fixture: &Fixture, options: &[&str]) -> RunningCommand {
    let sms = ["sms", "send", "--user", "russ", "--json", "--to-file", "list.csv"];
    RunningCommand::start(exposed(fixture, &[&sms[..], options].concat()))
}

#[test]
fn first_signal_waits_for_calls_in_flight() {
    for signal in SIGNALS {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..40, &[])));
        let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(300)).on("sms_send"));
        let mut sending = send(&fixture, &["--concurrency", "4"]);
        sending.wait_until("some are under way", || fixture.request_count("sms_send") >= 6);
        sending.signal(signal);
        let sent = SendResult::of(&sending.end().0);
        fixture.emulator.remove_fault(slow);
        assert_eq!(sent.code, 130, "{signal}: {sent:?}");
        let [done, failed, unknown] = sent.counts();
        assert_eq!((done as usize, failed, unknown), (fixture.emulator.sms().len(), 0, 0), "{signal}: {sent:?}");
        assert!(done < 40, "{signal}");
        let rest = fixture.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (0, [40, 0, 0]), "{signal}: {rest:?}");
        fixture.assert_sent_once(0..40);
        assert_eq!(fixture.files().len(), 2, "{signal}: {:?}", fixture.files());
    }
}

#[test]
fn second_signal_does_not_wait() {
    for (first, second) in [("INT", "HUP"), ("HUP", "TERM"), ("TERM", "INT")] {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..5, &[])));
        let stalled = fixture.emulator.inject(InjectedFault::stall().on("sms_send").nth(3));
        let mut sending = send(&fixture, &["--concurrency", "1"]);
        sending.wait_until("the third is under way", || fixture.request_count("sms_send") == 3);
        sending.signal(first);
        sending.signal(second);
        let sent = SendResult::of(&sending.end().0);
        fixture.emulator.remove_fault(stalled);
        assert_eq!((sent.code, sent.counts()), (130, [2, 0, 1]), "{first} {second}: {sent:?}");
        assert_eq!(fixture.sent("list.csv", &[]).counts(), [4, 0, 1]);
        fixture.assert_sent_once([0, 1, 3, 4]);
    }
}

/// A kill leaves only calls in flight unknown.
#[test]
fn kill_leaves_calls_in_flight_unknown() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..30, &[])));
    let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(100)).on("sms_send"));
    let mut sending = send(&fixture, &["--concurrency", "3"]);
    sending.wait_until("some are sent", || fixture.emulator.sms().len() >= 9);
    sending.signal("KILL");
    sending.end();
    fixture.emulator.remove_fault(slow);
    let sent = fixture.sent("list.csv", &[]);
    let [done, failed, unknown] = sent.counts();
    assert_eq!((sent.code, failed, done + unknown), (5, 0, 30), "{sent:?}");
    assert!((1..=3).contains(&unknown), "{sent:?}");
    assert!(fixture.received().values().all(|times| *times == 1));
}

/// However often the run is killed, no SMS is sent twice, and every failed or unknown row is listed once.
#[test]
fn repeated_kills_process_each_row_once() {
    const ALL: usize = 200;
    let fixture = Fixture::new();
    let bad: Vec<_> = (0..ALL).filter(|number| number % 4 == 1).collect();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..ALL, &bad)));
    fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(20)).on("sms_send"));
    let ended = loop {
        let mut sending = send(&fixture, &["--concurrency", "5"]);
        let asked = fixture.request_count("sms_send");
        // Each run is killed a little later than the previous one.
        let more = 3 + asked % 17;
        while sending.child.try_wait().unwrap().is_none() && fixture.request_count("sms_send") < asked + more {
            std::thread::yield_now();
        }
        if sending.child.try_wait().unwrap().is_some() {
            break SendResult::of(&sending.end().0);
        }
        sending.signal("KILL");
        sending.end();
    };
    let [done, failed, unknown] = ended.counts();
    assert_eq!((ended.code, done + failed + unknown), (5, ALL as u64), "{ended:?}");
    let received = fixture.received();
    assert!(received.values().all(|times| *times == 1), "{received:?}");
    // The text of each row contains its number.
    let listed = |name: &str, count: u64| -> BTreeSet<usize> {
        let file = fixture.read(name);
        let rows: Vec<_> = file.lines().skip(1).collect();
        let numbers = rows.iter().map(|row| row.split("no. ").nth(1).unwrap().split(',').next().unwrap());
        let numbers: BTreeSet<_> = numbers.map(|number| number.parse().unwrap()).collect();
        assert_eq!((rows.len(), numbers.len()), (count as usize, count as usize), "{name}: {file}");
        numbers
    };
    let (failed, unknown) = (listed("list.failures.csv", failed), listed("list.unknown.csv", unknown));
    for number in 0..ALL {
        let (is_bad, is_failed, is_unknown) =
            (bad.contains(&number), failed.contains(&number), unknown.contains(&number));
        let is_received = received.contains_key(&phone(number));
        // A call in flight at the kill is unknown, whatever its result was.
        assert!(is_unknown || if is_bad { is_failed } else { is_received }, "{number}");
        assert!(!(is_failed && (is_unknown || is_received)), "{number}");
    }
    assert_eq!(fixture.files().len(), 4, "{:?}", fixture.files());
}

/// The terminal is closed while calls are in flight: SIGHUP arrives, and writing to stderr fails.
#[cfg(target_os = "linux")]
#[test]
fn sighup_waits_for_calls_in_flight() {
    for options in ["", "--quiet"] {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}nobody,Hello\n", rows(0..40, &[])));
        let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(300)).on("sms_send"));
        // A shell that ignores SIGHUP records the exit code.
        let send = format!("kandy sms send --user russ --concurrency 4 --to-file list.csv {options}");
        fixture.write("run.sh", &format!("trap : HUP\n{send}\necho $? > code.new && mv code.new code\n"));
        // The first shell in the terminal has to die of SIGHUP, or the command gets none: not so under `nohup`.
        let mut script = fixture.program(if ignores_hang_up() { "env" } else { "script" });
        if ignores_hang_up() {
            script.args(["--default-signal=HUP", "script"]);
        }
        script.args(["-qec", "sh run.sh", "/dev/null"]).env("TERM", "xterm");
        let Ok(mut terminal) = script.stdin(Stdio::null()).stdout(Stdio::null()).spawn() else { return };
        wait("some are under way", || fixture.request_count("sms_send") >= 6);
        terminal.kill().unwrap();
        terminal.wait().unwrap();
        wait("it has ended", || fixture.files().contains("code"));
        fixture.emulator.remove_fault(slow);
        assert_eq!(fixture.read("code").trim(), "130", "{options}");
        let sent = fixture.emulator.sms().len();
        assert!((1..40).contains(&sent), "{options}: {sent}");
        let rest = fixture.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (8, [40, 1, 0]), "{options}: {rest:?}");
        fixture.assert_sent_once(0..40);
    }
}

/// `nohup` is respected.
#[cfg(target_os = "linux")]
#[test]
fn nohup_is_respected() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[])));
    fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(100)).on("sms_send"));
    let mut sending = fixture.shell("exec nohup $SEND list.csv --concurrency 2");
    sending.wait_until("some are under way", || fixture.request_count("sms_send") >= 4);
    sending.signal("HUP");
    let sent = SendResult::of(&sending.end().0);
    assert_eq!((sent.code, sent.counts()), (0, [20, 0, 0]), "{sent:?}");
}

/// A partial file is removed on each signal.
#[test]
fn partial_download_is_removed() {
    for signal in SIGNALS {
        let fixture = Fixture::new();
        let get = ["file", "get", "--user", "russ", "0f0e0d0c-0b0a-4908-8706-050403020100", "-o", "photo.jpg"];
        for (operation, arguments) in [("user_list", &["user", "export", "users.csv"][..]), ("content_download", &get)]
        {
            for failure in [InjectedFault::stall(), InjectedFault::stall_during_response()] {
                let asked = fixture.request_count(operation);
                let failure = fixture.emulator.inject(failure.on(operation));
                let mut running = RunningCommand::start(exposed(&fixture, arguments));
                running.wait_until("it is under way", || fixture.request_count(operation) > asked);
                assert_eq!(fixture.files().len(), 1, "the file that is begun: {:?}", fixture.files());
                running.signal(signal);
                let ended = SendResult::of(&running.end().0);
                assert_eq!(ended.code, 130, "{signal} {arguments:?}: {ended:?}");
                assert_eq!(fixture.files(), BTreeSet::new(), "{signal} {arguments:?}");
                fixture.emulator.remove_fault(failure);
            }
        }
    }
}

/// An interrupted call is reported as possibly applied.
#[test]
fn interrupted_call_reports_unknown_outcome() {
    for signal in SIGNALS {
        let fixture = Fixture::new();
        fixture.emulator.inject(InjectedFault::stall());
        for arguments in [&["user", "create", "bert"][..], &["sms", "send", "--user", "russ", "+12245550001", "Hello"]]
        {
            let before = fixture.emulator.requests().len();
            let mut running = RunningCommand::start(exposed(&fixture, arguments));
            running.wait_until("it is under way", || fixture.emulator.requests().len() > before);
            running.signal(signal);
            let ended = SendResult::of(&running.end().0);
            assert_eq!(ended.code, 130, "{signal}: {ended:?}");
            ended.assert_stderr("may have been applied");
        }
    }
}

/// A command that reads a terminal or a pipe exits, too.
#[test]
fn signal_ends_a_command_that_reads_stdin() {
    let fixture = Fixture::new();
    for signal in SIGNALS {
        for arguments in [
            &["sms", "send", "--user", "russ", "+12245550001", "-"][..],
            &["user", "create", "bert", "--password-file", "-"],
            &["file", "put", "--user", "russ", "-", "--name", "x"],
        ] {
            let mut command = exposed(&fixture, arguments);
            let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut running = RunningCommand { child, most_memory: 0 };
            let stdin = running.child.stdin.take();
            #[cfg(target_os = "linux")]
            {
                let id = running.child.id();
                running.wait_until("it reads", || reads_stdin(id));
            }
            running.signal(signal);
            let (output, _) = running.end();
            drop(stdin);
            // Before the command listens, the signal kills it.
            let code = output.status.code();
            assert!(code.is_none() || code == Some(130), "{signal} {arguments:?}: {output:?}");
        }
    }
}

/// Returns whether a thread of a process is in the system call `read` (0 or 63) on descriptor 0.
#[cfg(target_os = "linux")]
fn reads_stdin(id: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{id}/task")) else { return false };
    let call_of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("syscall")).unwrap_or_default();
    threads.flatten().map(call_of).any(|call| call.starts_with("0 0x0 ") || call.starts_with("63 0x0 "))
}

#[test]
fn emulator_exits_cleanly() {
    for signal in SIGNALS {
        let fixture = Fixture::new();
        let mut command = exposed(&fixture, &["emulator", "--listen", "127.0.0.1:0"]);
        let out = fs::File::create(fixture.folder.path().join("out")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
        let mut running = RunningCommand { child, most_memory: 0 };
        running.wait_until("it listens", || fixture.read("out").contains("http://"));
        running.signal(signal);
        assert_eq!(ended(running.child), Some(0), "{signal}");
    }
}

fn ended(child: Child) -> Option<i32> {
    child.wait_with_output().unwrap().status.code()
}

#[cfg(target_os = "linux")]
fn wait(what: &str, happened: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(120), "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
