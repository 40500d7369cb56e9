//! The dead-letter file, and `kandy message resend`.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
};

use serde_json::Value;

use super::{Answer, Inbox, LONG_TIMEOUT, Log, Receiver, Running, run};

/// Two attempts, without long waits.
const QUICK: [&str; 4] = ["--max-attempts", "2", "--retry-max-wait", "1ms"];
/// The messages that [`failing`] does not accept.
const FAILING: [&str; 3] = ["0-1", "0-3", "1-2"];

/// A receiver that fails for some messages until the flag is set.
fn failing(log: &Log, heals: &Arc<Mutex<bool>>) -> Receiver {
    let heals = heals.clone();
    log.receiver(move |request, _| match FAILING.contains(&&*request.text()) && !*heals.lock().unwrap() {
        true => Answer::status("500 x"),
        false => Answer::status("200 OK"),
    })
}

/// Sends six messages, of which three are not delivered and are in `dead.jsonl`.
fn with_dead_letters(log: &Log, receiver: &Receiver) -> Inbox {
    let inbox = Inbox::new(2);
    inbox.send_from_each(3);
    let mut command = inbox.watch(&receiver.url(), &QUICK);
    command.args(["--until-empty", "--dead-letter", "dead.jsonl"]);
    let (code, stderr) = run(command);
    assert_eq!(code, Some(8), "{stderr}");
    assert_eq!(stderr.matches("was not delivered after 2 attempts: HTTP 500 Internal Server Error").count(), 3);
    assert!(stderr.contains("delivered 3, not delivered 3, waiting 0"), "{stderr}");
    assert!(stderr.contains("3 of the messages could not be delivered") && stderr.contains("dead.jsonl"), "{stderr}");
    assert_eq!(log.texts().len(), 9);
    inbox
}

/// Returns the texts of the messages in the file.
fn texts_in(inbox: &Inbox, name: &str) -> Vec<String> {
    let lines = inbox.fixture.read(name);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["message"]["message"]["text"].as_str().unwrap().to_owned()).collect()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn undelivered_messages_stay_and_are_not_forwarded_again() {
    let (log, heals) = (Log::default(), Arc::default());
    let receiver = failing(&log, &heals);
    let inbox = with_dead_letters(&log, &receiver);
    assert_eq!(sorted(texts_in(&inbox, "dead.jsonl")), FAILING);
    assert_eq!(sorted(inbox.waiting()), FAILING, "they are not deleted");
    let mode = fs::metadata(inbox.path("dead.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let line: Value = serde_json::from_str(inbox.fixture.read("dead.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!((&line["attempts"], &line["reason"]), (&2.into(), &"HTTP 500 Internal Server Error".into()));
    assert_eq!(line["message_id"], line["message"]["UUID"]);
    // The next `watch` skips them and says so, also where the receiver would accept them.
    *heals.lock().unwrap() = true;
    inbox.send(0, "0-4");
    let mut command = inbox.watch(&receiver.url(), &QUICK);
    command.args(["--until-empty", "--dead-letter", "dead.jsonl"]);
    let (code, stderr) = run(command);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("undelivered messages that are not forwarded: 3 in "), "{stderr}");
    assert_eq!(log.texts()[9..], ["0-4"]);
    assert_eq!(sorted(inbox.waiting()), FAILING);
}

/// The file of a device has a name of its own, and disappears if it is not needed.
#[test]
fn default_file_is_private_to_the_device() {
    let log = Log::default();
    let receiver = log.receiver(|_, attempt| match attempt {
        1 => Answer::status("500 x"),
        _ => Answer::status("200 OK"),
    });
    let inbox = Inbox::new(1);
    inbox.send_from_each(1);
    let files = || {
        let files = fs::read_dir(inbox.path("config/watch")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".jsonl")).collect::<Vec<_>>()
    };
    let mut command = inbox.watch(&receiver.url(), &["--until-empty", "--max-attempts", "1"]);
    assert_eq!(command.output().unwrap().status.code(), Some(8));
    let [file] = &files()[..] else { panic!("{:?}", files()) };
    assert!(file.ends_with(".dead-letter.jsonl"), "{file}");
    let path = inbox.path("config/watch").join(file);
    let (code, stderr) = run(inbox.resend(&receiver.url(), &[path.to_str().unwrap()]));
    assert_eq!((code, inbox.waiting().len()), (Some(0), 0), "{stderr}");
    assert_eq!(files(), [""; 0]);
    command = inbox.watch(&receiver.url(), &["--until-empty"]);
    assert_eq!((command.output().unwrap().status.code(), files().len()), (Some(0), 0));
}

#[test]
fn resend_delivers_deletes_and_removes() {
    let (log, heals) = (Log::default(), Arc::default());
    let receiver = failing(&log, &heals);
    let inbox = with_dead_letters(&log, &receiver);
    let first = log.all();
    // While the receiver fails, the lines stay.
    let before = inbox.fixture.read("dead.jsonl");
    let (code, stderr) = run(inbox.resend(&receiver.url(), &[&["dead.jsonl"], &QUICK[..]].concat()));
    assert_eq!(code, Some(8), "{stderr}");
    assert!(
        stderr.contains("3 of the lines stay in dead.jsonl: 3 could not be delivered, 0 were not sent"),
        "{stderr}"
    );
    assert_eq!(inbox.fixture.read("dead.jsonl"), before);
    // Then they are delivered with the same ids and bodies, in order, deleted, and removed.
    *heals.lock().unwrap() = true;
    let sent = log.all().len();
    inbox.send(1, "1-4");
    let (code, stderr) = run(inbox.resend(&receiver.url(), &["dead.jsonl"]));
    assert_eq!((code, stderr.as_str()), (Some(0), "delivered 3, not delivered 0, waiting 0\n"));
    let again = &log.all()[sent..];
    let of_first: Vec<_> = again.iter().map(super::Request::text).filter(|text| text.starts_with('0')).collect();
    assert_eq!((again.len(), of_first), (3, vec!["0-1".to_owned(), "0-3".to_owned()]));
    for request in again {
        let before = first.iter().find(|before| before.text() == request.text()).unwrap();
        assert_eq!(request.header("webhook-id"), before.header("webhook-id"));
        assert_eq!(request.body, before.body);
    }
    assert!(!inbox.fixture.has("dead.jsonl"));
    assert_eq!(inbox.waiting(), ["1-4"], "what was not forwarded is not deleted");
}

/// Whenever it is killed, `resend` loses nothing, and at most the message in flight is sent again.
#[test]
fn killed_resend_continues() {
    const COUNT: usize = 30;
    let inbox = Inbox::new(1);
    inbox.send_from_each(COUNT);
    let closed = Log::default().receiver(|_, _| Answer::status("500 x"));
    let options = ["--until-empty", "--max-attempts", "1", "--dead-letter", "dead.jsonl"];
    assert_eq!(run(inbox.watch(&closed.url(), &options)).0, Some(8));

    let log = Log::default();
    let (arrived, arrivals) = std::sync::mpsc::channel();
    let (resume, resumed) = std::sync::mpsc::channel::<()>();
    let receiver = log.receiver(move |_, _| {
        arrived.send(()).unwrap();
        // The channel ends before the last run, which nothing holds up.
        let _ = resumed.recv();
        Answer::status("200 OK")
    });
    let mut attempts = 0;
    for kill_at in [1, 2, 5, 1, 9] {
        let mut resend = Running::start(inbox.resend(&receiver.url(), &["dead.jsonl"]));
        for number in 1..=kill_at {
            arrivals.recv_timeout(LONG_TIMEOUT).unwrap();
            if number == kill_at {
                resend.kill();
            }
            resume.send(()).unwrap();
        }
        attempts += kill_at;
    }
    drop(resume);
    // A `watch` deletes what was delivered instead of forwarding it.
    let mut command = inbox.watch(&closed.url(), &["--until-empty", "--dead-letter", "dead.jsonl"]);
    command.args(["--max-attempts", "1"]);
    let (code, stderr) = run(command);
    assert_eq!(code, Some(0), "{stderr}");
    let delivered = attempts - 5;
    assert_eq!(inbox.waiting().len(), COUNT - delivered);
    let (code, stderr) = run(inbox.resend(&receiver.url(), &["dead.jsonl"]));
    assert_eq!(code, Some(0), "{stderr}");
    let mut texts = log.texts();
    assert_eq!(texts.len(), COUNT + 5, "one more for each kill");
    texts.dedup();
    assert_eq!(texts, (1..=COUNT).map(|number| format!("0-{number}")).collect::<Vec<_>>());
    assert_eq!((inbox.waiting().len(), inbox.fixture.has("dead.jsonl")), (0, false));
}

/// Lines that cannot be sent stay as they are.
#[test]
fn unreadable_lines_stay() {
    let (log, heals) = (Log::default(), Arc::default());
    let receiver = failing(&log, &heals);
    let inbox = with_dead_letters(&log, &receiver);
    *heals.lock().unwrap() = true;
    let lines = inbox.fixture.read("dead.jsonl");
    let lines: Vec<_> = lines.lines().collect();
    let foreign = lines[1].replace(inbox.anna.id().as_str(), "0123456789ABCDEF0123456789ABCDEF");
    let injection = lines[2].replace("\"msg_", "\"msg.1.\\r\\nx: ");
    let damaged = ["\u{1b}[2Jnot JSON", "{}", "[1]", &foreign, &injection, &lines[0][..40]];
    let file = format!("{}\n\n{}\r\n{}", lines[0], lines[2], damaged.join("\n"));
    inbox.fixture.write("dead.jsonl", &file);
    let sent = log.all().len();
    let (code, stderr) = run(inbox.resend(&receiver.url(), &["dead.jsonl"]));
    assert_eq!(code, Some(8), "{stderr}");
    for number in [4, 5, 6, 8, 9] {
        assert!(stderr.contains(&format!("kandy: line {number} cannot be read; it stays in the file")), "{stderr}");
    }
    assert!(stderr.contains("line 7 is of device \"0123456789ABCDEF0123456789ABCDEF\""), "{stderr}");
    assert!(
        stderr.contains("6 of the lines stay in dead.jsonl: 0 could not be delivered, 6 were not sent"),
        "{stderr}"
    );
    assert!(!stderr.contains('\u{1b}') && !stderr.contains("not JSON"), "{stderr:?}");
    assert_eq!(log.all().len(), sent + 2);
    assert_eq!(inbox.fixture.read("dead.jsonl"), damaged.join("\n") + "\n");
}

/// A path that names another file by mistake: nothing is appended to it. A partial line of a killed process is no such file.
#[test]
fn file_of_another_kind_is_left_alone() {
    let inbox = Inbox::new(1);
    inbox.send(0, "one");
    for (text, is_taken) in [
        ("root:x:0:0:root:/root:/bin/sh\n", false),
        ("a note without a line end", false),
        ("{\"id\": 1}\n", false),
        ("", true),
        ("\n \n", true),
        ("{\"webhook_id\":\"msg_12", true),
        ("{\"web", true),
    ] {
        inbox.fixture.write("letters", text);
        // Nothing listens there.
        let arguments = ["--dead-letter", "letters", "--max-attempts", "1", "--until-empty", "--keep"];
        let (code, stderr) = run(inbox.watch("http://127.0.0.1:1", &arguments));
        assert_eq!(code, Some(if is_taken { 8 } else { 2 }), "{text:?}: {stderr}");
        assert_eq!(stderr.contains("name another file"), !is_taken, "{text:?}: {stderr}");
        assert_eq!(inbox.fixture.read("letters") == text, !is_taken, "{text:?}");
    }
}

/// Two messages with one id are two messages: the delivery of one does not delete the other.
#[test]
fn id_that_two_messages_share_is_deleted_after_both() {
    let inbox = Inbox::new(2);
    let send = |sender: usize, text: &str| {
        inbox.runtime.block_on(async {
            let message = inbox.senders[sender]
                .send_message("anna@example.com", text)
                .message_id("0123456789abcdef0123456789abcdef");
            message.await.unwrap();
        });
    };
    send(0, "one");
    let log = Log::default();
    let receiver = log.receiver(|request, attempt| match (&*request.text(), attempt) {
        ("one", 1) => Answer::status("500 x"),
        _ => Answer::status("200 OK"),
    });
    let options = ["--until-empty", "--max-attempts", "1", "--dead-letter", "dead.jsonl"];
    assert_eq!(run(inbox.watch(&receiver.url(), &options)).0, Some(8));
    send(1, "two");
    assert_eq!(run(inbox.resend(&receiver.url(), &["dead.jsonl"])).0, Some(0));
    assert_eq!(inbox.waiting(), ["one", "two"], "the second is not forwarded");
    assert_eq!(run(inbox.watch(&receiver.url(), &options)).0, Some(0));
    // A receiver that drops known ids gets both, although the senders chose the same id.
    let ids = |text: &str| {
        let requests = log.all().into_iter().filter(|request| request.text() == text);
        requests.map(|request| request.header("webhook-id").to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!((ids("one").len(), ids("two").len()), (1, 1));
    assert_ne!(ids("one"), ids("two"));
    assert_eq!(inbox.waiting(), [""; 0]);
}

/// A dead-letter file has one user at a time.
#[test]
fn file_is_locked() {
    let (log, heals) = (Log::default(), Arc::default());
    let receiver = failing(&log, &heals);
    let inbox = with_dead_letters(&log, &receiver);
    std::os::unix::fs::symlink("dead.jsonl", inbox.path("link.jsonl")).unwrap();
    let (begin, begun) = std::sync::mpsc::channel();
    let stalling = Log::default().receiver(move |_, _| {
        begin.send(()).unwrap();
        Answer::Stall
    });
    let mut first = Running::start(inbox.resend(&stalling.url(), &["dead.jsonl"]));
    begun.recv_timeout(LONG_TIMEOUT).unwrap();
    for name in ["dead.jsonl", "link.jsonl"] {
        let (code, stderr) = run(inbox.resend(&receiver.url(), &[name]));
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("another `kandy message watch` or `resend` uses the dead-letter file"), "{stderr}");
        let (code, stderr) = run(inbox.watch(&receiver.url(), &["--until-empty", "--dead-letter", name]));
        assert_eq!(code, Some(1), "{stderr}");
    }
    first.kill();
    *heals.lock().unwrap() = true;
    assert_eq!(run(inbox.resend(&receiver.url(), &["dead.jsonl"])).0, Some(0));
    let (code, stderr) = run(inbox.resend(&receiver.url(), &["missing.jsonl"]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(!inbox.fixture.has("missing.jsonl.lock"));
}

/// A message counts as settled only after its line is written: on a full disk the command ends, and no part of the line
/// stays.
#[test]
fn full_disk_ends_the_command() {
    let inbox = Inbox::new(1);
    inbox.send(0, "first");
    inbox.send(0, &"long ".repeat(800));
    inbox.send(0, "third");
    let log = Log::default();
    let receiver = log.receiver(|_, _| Answer::status("500 x"));
    let mut command = inbox.fixture.program("sh");
    command.env("KANDY_FORWARD_SECRET", super::SECRET).env("URL", receiver.url());
    // 1,024 or 2,048 bytes, depending on the shell: enough for the first line.
    command.args([
        "-c",
        "ulimit -f 2; exec kandy message watch --user anna --poll --forward-to $URL --max-attempts 1 --dead-letter dead.jsonl",
    ]);
    let (code, stderr) = run(command);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("dead.jsonl: File too large"), "{stderr}");
    assert_eq!((log.all().len(), inbox.waiting().len()), (2, 3));
    assert_eq!(texts_in(&inbox, "dead.jsonl"), ["first"]);
}
