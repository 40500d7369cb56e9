//! What a system sends to make a command end: SIGINT, SIGTERM and SIGHUP come to the same. The first is a wish, which
//! leaves nothing in doubt; the second does not wait. A closed terminal is such a wish.

#![cfg(unix)]

mod support;

use std::{
    collections::BTreeSet,
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kandy_emulator::InjectedFault;

use support::{
    Stage,
    process::Running,
    sms_list::{Sent, SmsLists, phone, rows},
};

const SIGNALS: [&str; 3] = ["INT", "TERM", "HUP"];
const HEAD: &str = "to,text\n";

/// A command that gets SIGHUP even if the tests themselves were started to survive it.
fn exposed(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = if cfg!(target_os = "linux") && ignores_hang_up() {
        let mut env = stage.program("env");
        env.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_kandy")]);
        env
    } else {
        stage.kandy()
    };
    command.args(arguments);
    command
}

fn ignores_hang_up() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).unwrap() & 1 != 0
}

fn send(stage: &Stage, options: &[&str]) -> Running {
    let sms = ["sms", "send", "--user", "russ", "--json", "--to-file", "list.csv"];
    Running::start(exposed(stage, &[&sms[..], options].concat()))
}

#[test]
fn the_first_signal_waits_for_what_is_under_way() {
    for signal in SIGNALS {
        let stage = Stage::new();
        stage.write("list.csv", &format!("{HEAD}{}", rows(0..40, &[])));
        let slow = stage.emulator.inject(InjectedFault::latency(Duration::from_millis(300)).on("sms_send"));
        let mut sending = send(&stage, &["--concurrency", "4"]);
        sending.until("some are under way", || stage.asked("sms_send") >= 6);
        sending.signal(signal);
        let sent = Sent::of(&sending.end().0);
        stage.emulator.remove_fault(slow);
        assert_eq!(sent.code, 130, "{signal}: {sent:?}");
        let [done, failed, unknown] = sent.counts();
        assert_eq!((done as usize, failed, unknown), (stage.emulator.sms().len(), 0, 0), "{signal}: {sent:?}");
        assert!(done < 40, "{signal}");
        let rest = stage.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (0, [40, 0, 0]), "{signal}: {rest:?}");
        stage.got_once(0..40);
        assert_eq!(stage.files().len(), 2, "{signal}: {:?}", stage.files());
    }
}

#[test]
fn the_second_signal_does_not_wait() {
    for (first, second) in [("INT", "HUP"), ("HUP", "TERM"), ("TERM", "INT")] {
        let stage = Stage::new();
        stage.write("list.csv", &format!("{HEAD}{}", rows(0..5, &[])));
        let stalled = stage.emulator.inject(InjectedFault::stall().on("sms_send").nth(3));
        let mut sending = send(&stage, &["--concurrency", "1"]);
        sending.until("the third is under way", || stage.asked("sms_send") == 3);
        sending.signal(first);
        sending.signal(second);
        let sent = Sent::of(&sending.end().0);
        stage.emulator.remove_fault(stalled);
        assert_eq!((sent.code, sent.counts()), (130, [2, 0, 1]), "{first} {second}: {sent:?}");
        assert_eq!(stage.sent("list.csv", &[]).counts(), [4, 0, 1]);
        stage.got_once([0, 1, 3, 4]);
    }
}

/// A kill leaves in doubt what was under way, and nothing else.
#[test]
fn after_a_kill_what_was_under_way_is_in_doubt() {
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..30, &[])));
    let slow = stage.emulator.inject(InjectedFault::latency(Duration::from_millis(100)).on("sms_send"));
    let mut sending = send(&stage, &["--concurrency", "3"]);
    sending.until("some are sent", || stage.emulator.sms().len() >= 9);
    sending.signal("KILL");
    sending.end();
    stage.emulator.remove_fault(slow);
    let sent = stage.sent("list.csv", &[]);
    let [done, failed, unknown] = sent.counts();
    assert_eq!((sent.code, failed, done + unknown), (5, 0, 30), "{sent:?}");
    assert!((1..=3).contains(&unknown), "{sent:?}");
    assert!(stage.received().values().all(|times| *times == 1));
}

/// Whenever it is killed, nobody gets it twice, and every row that failed or is unknown is listed once.
#[test]
fn however_often_it_is_killed_every_row_is_settled_once() {
    const ALL: usize = 200;
    let stage = Stage::new();
    let bad: Vec<_> = (0..ALL).filter(|number| number % 4 == 1).collect();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..ALL, &bad)));
    stage.emulator.inject(InjectedFault::latency(Duration::from_millis(20)).on("sms_send"));
    let ended = loop {
        let mut sending = send(&stage, &["--concurrency", "5"]);
        let asked = stage.asked("sms_send");
        // Each is killed a little later than the one before.
        let more = 3 + asked % 17;
        while sending.child.try_wait().unwrap().is_none() && stage.asked("sms_send") < asked + more {
            std::thread::yield_now();
        }
        if sending.child.try_wait().unwrap().is_some() {
            break Sent::of(&sending.end().0);
        }
        sending.signal("KILL");
        sending.end();
    };
    let [done, failed, unknown] = ended.counts();
    assert_eq!((ended.code, done + failed + unknown), (5, ALL as u64), "{ended:?}");
    let received = stage.received();
    assert!(received.values().all(|times| *times == 1), "{received:?}");
    // Every row has its number in its text.
    let listed = |name: &str, count: u64| -> BTreeSet<usize> {
        let file = stage.read(name);
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
        // One that was begun when the kill came is unknown, whatever it came to.
        assert!(is_unknown || if is_bad { is_failed } else { is_received }, "{number}");
        assert!(!(is_failed && (is_unknown || is_received)), "{number}");
    }
    assert_eq!(stage.files().len(), 4, "{:?}", stage.files());
}

/// The terminal goes away while calls are under way: that is a signal, and every line that is said fails.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_leaves_nothing_in_doubt() {
    for options in ["", "--quiet"] {
        let stage = Stage::new();
        stage.write("list.csv", &format!("{HEAD}{}nobody,Hello\n", rows(0..40, &[])));
        let slow = stage.emulator.inject(InjectedFault::latency(Duration::from_millis(300)).on("sms_send"));
        // Its exit code is written down by a shell that does not mind the signal.
        let send = format!("kandy sms send --user russ --concurrency 4 --to-file list.csv {options}");
        let default = if ignores_hang_up() { "env --default-signal=HUP " } else { "" };
        stage.write("run.sh", &format!("trap : HUP\n{default}{send}\necho $? > code.new && mv code.new code\n"));
        let mut script = stage.program("script");
        script.args(["-qec", "sh run.sh", "/dev/null"]).env("TERM", "xterm");
        let Ok(mut terminal) = script.stdin(Stdio::null()).stdout(Stdio::null()).spawn() else { return };
        wait("some are under way", || stage.asked("sms_send") >= 6);
        terminal.kill().unwrap();
        terminal.wait().unwrap();
        wait("it has ended", || stage.files().contains("code"));
        stage.emulator.remove_fault(slow);
        assert_eq!(stage.read("code").trim(), "130", "{options}");
        let sent = stage.emulator.sms().len();
        assert!((1..40).contains(&sent), "{options}: {sent}");
        let rest = stage.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (8, [40, 1, 0]), "{options}: {rest:?}");
        stage.got_once(0..40);
    }
}

/// Who wants a command to survive the terminal has it survive.
#[cfg(target_os = "linux")]
#[test]
fn nohup_is_respected() {
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[])));
    stage.emulator.inject(InjectedFault::latency(Duration::from_millis(100)).on("sms_send"));
    let mut sending = stage.shell("exec nohup $SEND list.csv --concurrency 2");
    sending.until("some are under way", || stage.asked("sms_send") >= 4);
    sending.signal("HUP");
    let sent = Sent::of(&sending.end().0);
    assert_eq!((sent.code, sent.counts()), (0, [20, 0, 0]), "{sent:?}");
}

/// What is half written is removed, whichever signal it is.
#[test]
fn half_a_file_is_removed() {
    for signal in SIGNALS {
        let stage = Stage::new();
        let get = ["file", "get", "--user", "russ", "0f0e0d0c-0b0a-4908-8706-050403020100", "-o", "photo.jpg"];
        for (operation, arguments) in [("user_list", &["user", "export", "users.csv"][..]), ("content_download", &get)]
        {
            for failure in [InjectedFault::stall(), InjectedFault::stall_during_response()] {
                let asked = stage.asked(operation);
                let failure = stage.emulator.inject(failure.on(operation));
                let mut running = Running::start(exposed(&stage, arguments));
                running.until("it is under way", || stage.asked(operation) > asked);
                assert_eq!(stage.files().len(), 1, "the file that is begun: {:?}", stage.files());
                running.signal(signal);
                let ended = Sent::of(&running.end().0);
                assert_eq!(ended.code, 130, "{signal} {arguments:?}: {ended:?}");
                assert_eq!(stage.files(), BTreeSet::new(), "{signal} {arguments:?}");
                stage.emulator.remove_fault(failure);
            }
        }
    }
}

/// A single call says that it may have been made.
#[test]
fn a_single_call_says_what_is_not_known() {
    for signal in SIGNALS {
        let stage = Stage::new();
        stage.emulator.inject(InjectedFault::stall());
        for arguments in [&["user", "create", "bert"][..], &["sms", "send", "--user", "russ", "+12245550001", "Hello"]]
        {
            let before = stage.emulator.requests().len();
            let mut running = Running::start(exposed(&stage, arguments));
            running.until("it is under way", || stage.emulator.requests().len() > before);
            running.signal(signal);
            let ended = Sent::of(&running.end().0);
            assert_eq!(ended.code, 130, "{signal}: {ended:?}");
            ended.says("may have been applied");
        }
    }
}

/// One that waits for what is typed or piped does not wait for ever.
#[test]
fn a_command_that_reads_stdin_ends_too() {
    let stage = Stage::new();
    for signal in SIGNALS {
        for arguments in [
            &["sms", "send", "--user", "russ", "+12245550001", "-"][..],
            &["user", "create", "bert", "--password-file", "-"],
            &["file", "put", "--user", "russ", "-", "--name", "x"],
        ] {
            let mut command = exposed(&stage, arguments);
            let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut running = Running { child, most_memory: 0 };
            let stdin = running.child.stdin.take();
            #[cfg(target_os = "linux")]
            {
                let id = running.child.id();
                running.until("it reads", || reads_stdin(id));
            }
            running.signal(signal);
            let (output, _) = running.end();
            drop(stdin);
            // The signal itself ends a command that does not listen yet.
            let code = output.status.code();
            assert!(code.is_none() || code == Some(130), "{signal} {arguments:?}: {output:?}");
        }
    }
}

/// Whether a thread of a process is in a call of `read` on descriptor 0, whose number is 0 or 63.
#[cfg(target_os = "linux")]
fn reads_stdin(id: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{id}/task")) else { return false };
    let call_of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("syscall")).unwrap_or_default();
    threads.flatten().map(call_of).any(|call| call.starts_with("0 0x0 ") || call.starts_with("63 0x0 "))
}

#[test]
fn the_emulator_ends_well() {
    for signal in SIGNALS {
        let stage = Stage::new();
        let mut command = exposed(&stage, &["emulator", "--listen", "127.0.0.1:0"]);
        let out = fs::File::create(stage.folder.path().join("out")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
        let mut running = Running { child, most_memory: 0 };
        running.until("it listens", || stage.read("out").contains("http://"));
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
