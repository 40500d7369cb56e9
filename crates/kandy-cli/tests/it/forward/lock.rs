//! The lock of a device: one `kandy message watch` at a time handles its messages.

use std::{fs, process::Command};

use super::{Answer, Inbox, Log, Running};
use crate::fixture::stderr;

const REFUSAL: &str = "another `kandy message watch` handles the messages of device";

/// Returns a watcher that prints, for a user.
fn watch(inbox: &Inbox, user: &str, arguments: &[&str]) -> Command {
    let mut command = inbox.fixture.kandy();
    command.args(["message", "watch", "--user", user, "--until-empty"]).args(arguments);
    command
}

/// Starts a watcher that holds the lock until it ends: its receiver has a message and does not respond.
fn holder(inbox: &Inbox, receiver: &super::Receiver, begun: &std::sync::mpsc::Receiver<()>) -> Running {
    let running = Running::start(inbox.watch(&receiver.url(), &["--forward-timeout", "1h"]));
    begun.recv_timeout(super::LONG_TIMEOUT).unwrap();
    running
}

#[test]
fn second_watcher_fails_at_once() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(1);
    let (begin, begun) = std::sync::mpsc::channel();
    let receiver = Log::default().receiver(move |_, _| {
        begin.send(()).unwrap();
        Answer::Stall
    });
    let mut first = holder(&inbox, &receiver, &begun);
    // However it is named, it is the same device.
    let id = inbox.anna.id().to_string();
    let lower = id.to_ascii_lowercase();
    let slash = format!("{}/", inbox.fixture.emulator.base_url());
    for (arguments, code) in [
        (&[][..], 1),
        (&["--keep"], 1),
        (&["--exec", "true"], 1),
        (&["--device", &id], 1),
        (&["--device", &lower], 1),
        (&["--base-url", &slash], 1),
        (&["--no-lock", "--keep"], 0),
    ] {
        let ended = watch(&inbox, "anna", arguments).output().unwrap();
        let message = stderr(&ended);
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {message}");
        assert_eq!(message.contains(REFUSAL), code == 1, "{message}");
        assert!(code == 0 || (message.contains(&id) || message.contains(&lower)) && message.contains("--no-lock"));
        assert_eq!(ended.stdout.is_empty(), code == 1, "{arguments:?}");
    }
    // Another device has a lock of its own.
    assert_eq!(watch(&inbox, "sender0", &[]).output().unwrap().status.code(), Some(0));
    // The system releases the lock of a killed process.
    first.kill();
    assert_eq!(watch(&inbox, "anna", &[]).output().unwrap().status.code(), Some(0));
    assert_eq!(inbox.waiting(), [""; 0]);
}

/// The name of the lock file shows neither the service nor the device, and only the user can open it.
#[test]
fn lock_file_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let inbox = Inbox::new(1);
    assert_eq!(watch(&inbox, "anna", &[]).output().unwrap().status.code(), Some(0));
    let folder = inbox.path("config/watch");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap()).collect();
    let [file] = &files[..] else { panic!("{files:?}") };
    let name = file.file_name().into_string().unwrap();
    assert!(name.len() == 45 && name.ends_with(".lock"), "{name}");
    assert!(!name.to_ascii_lowercase().contains(&inbox.anna.id().as_str().to_ascii_lowercase()), "{name}");
    let metadata = file.metadata().unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 0));
}

#[test]
fn folder_that_cannot_be_used_is_reported() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(1);
    fs::create_dir(inbox.path("taken")).unwrap();
    fs::write(inbox.path("taken/watch"), "").unwrap();
    for folder in ["taken", "/proc/nothing"] {
        let run =
            |arguments: &[&str]| watch(&inbox, "anna", arguments).env("KANDY_CONFIG_DIR", folder).output().unwrap();
        let refused = run(&[]);
        assert_eq!(refused.status.code(), Some(1), "{folder}: {}", stderr(&refused));
        assert!(stderr(&refused).contains("--no-lock"), "{folder}: {}", stderr(&refused));
        assert!(refused.stdout.is_empty());
        let printed = run(&["--no-lock", "--keep"]);
        assert_eq!(printed.status.code(), Some(0), "{folder}: {}", stderr(&printed));
    }
    assert_eq!(inbox.waiting(), ["0-1"]);
}
