//! The secret that signs forwarded messages: where it is read from, and which forms it has.

use std::{fs, process::Command};

use super::{Answer, Inbox, Log, SECRET};
use crate::fixture::stderr;

const OTHER: &str = "whsec_b3RoZXItZm9yd2FyZC1zZWNyZXQtb2YtMzItYnl0ZXM=";

/// A source of the secret.
#[derive(Clone, Copy, Debug)]
enum Place {
    Option,
    Stdin,
    Variable,
    VariableFile,
}

/// Returns a watcher that reads the text from this place.
fn watch(inbox: &Inbox, url: &str, place: Place, text: &[u8]) -> Command {
    let mut command = inbox.watch(url, &["--until-empty", "--keep"]);
    command.env_remove("KANDY_FORWARD_SECRET");
    fs::write(inbox.path("secret"), text).unwrap();
    match place {
        Place::Option => command.args(["--forward-secret-file", "secret"]),
        Place::Stdin => {
            command.args(["--forward-secret-file", "-"]).stdin(fs::File::open(inbox.path("secret")).unwrap())
        }
        Place::Variable => {
            use std::os::unix::ffi::OsStringExt;
            command.env("KANDY_FORWARD_SECRET", std::ffi::OsString::from_vec(text.to_vec()))
        }
        Place::VariableFile => command.env("KANDY_FORWARD_SECRET_FILE", "secret"),
    };
    command
}

#[test]
fn every_place_and_form_signs() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(1);
    let utf16: Vec<u8> = format!("\u{FEFF}{SECRET}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let unpadded = SECRET.trim_end_matches('=');
    let all = [Place::Option, Place::Stdin, Place::Variable, Place::VariableFile];
    for (text, places) in [
        (SECRET.as_bytes().to_vec(), &all[..]),
        (format!(" \t{SECRET} \r\n").into_bytes(), &all),
        (format!("{unpadded}\n").into_bytes(), &all),
        (format!("{OTHER} {SECRET}\n").into_bytes(), &all),
        (format!("\u{FEFF}{SECRET}\n").into_bytes(), &[Place::Option, Place::Stdin, Place::VariableFile]),
        (format!("{OTHER}\r\n{SECRET}\r\n").into_bytes(), &[Place::Option, Place::VariableFile]),
        (utf16, &[Place::Option, Place::VariableFile]),
    ] {
        for place in places {
            // The receiver verifies with one secret.
            let log = Log::default();
            let receiver = log.receiver(|_, _| Answer::status("200 OK"));
            let ended = watch(&inbox, &receiver.url(), *place, &text).output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "{place:?}: {}", stderr(&ended));
            let [request] = &log.all()[..] else { panic!("{place:?}: one request") };
            let signatures = request.header("webhook-signature").split(' ').count();
            assert_eq!(signatures, String::from_utf8_lossy(&text).matches("whsec_").count().max(1), "{place:?}");
        }
    }
}

/// Nothing is sent, nothing is fetched, and no part of the secret is shown.
#[test]
fn unusable_secret_is_rejected_before_anything_is_sent() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(1);
    let log = Log::default();
    let receiver = log.receiver(|_, _| Answer::status("200 OK"));
    let before = inbox.fixture.emulator.requests().len();
    let short = "whsec_c2hvcnQtY2FuYXJ5";
    for place in [Place::Option, Place::Stdin, Place::Variable, Place::VariableFile] {
        for (text, reason) in [
            (short.as_bytes(), "bytes"),
            (&SECRET.as_bytes()[6..], "does not begin with whsec_"),
            (b"whsec_canary-canary-canary-canary!", "not base64"),
            (b"\xFFcanary", "UTF-8"),
            (b" \n", "it has no secret"),
        ] {
            let ended = watch(&inbox, &receiver.url(), place, text).output().unwrap();
            let message = stderr(&ended);
            assert!(matches!(ended.status.code(), Some(1 | 2)), "{place:?}: {message}");
            assert!(message.contains(reason), "{place:?}: {message}");
            let told = ["c2hv", "Y2Fu", "canary"].iter().find(|part| message.contains(**part));
            assert_eq!(told, None, "{place:?}: {message}");
        }
    }
    let without = inbox.watch(&receiver.url(), &[]).env_remove("KANDY_FORWARD_SECRET").output().unwrap();
    assert_eq!(without.status.code(), Some(7), "{}", stderr(&without));
    assert!(stderr(&without).contains("--forward-secret-file"), "{}", stderr(&without));
    for [first, second] in [
        ["--forward-secret-file", "KANDY_FORWARD_SECRET"],
        ["--forward-secret-file", "KANDY_FORWARD_SECRET_FILE"],
        ["KANDY_FORWARD_SECRET", "KANDY_FORWARD_SECRET_FILE"],
    ] {
        let mut command = inbox.watch(&receiver.url(), &[]);
        command.env_remove("KANDY_FORWARD_SECRET");
        for name in [first, second] {
            match name {
                "--forward-secret-file" => command.args([name, "secret"]),
                "KANDY_FORWARD_SECRET" => command.env(name, SECRET),
                _ => command.env(name, "secret"),
            };
        }
        let ended = command.output().unwrap();
        let message = stderr(&ended);
        assert_eq!(ended.status.code(), Some(2), "{message}");
        assert!(message.contains(&format!("given twice, by {first} and by {second}")), "{message}");
    }
    assert_eq!(log.all().len(), 0);
    assert_eq!(inbox.fixture.emulator.requests().len(), before);
    assert_eq!(inbox.waiting(), ["0-1"]);
}

/// Options that cannot be used together, or not at all; the URL is never repeated.
#[test]
fn unusable_options_are_rejected() {
    let inbox = Inbox::new(1);
    for (url, options, reason) in [
        ("https://user:canary@", &[][..], "--forward-to: it is not a URL"),
        ("canary.example.com/hook", &[], "it has no scheme"),
        ("ftp://canary.example.com", &[], "neither http nor https"),
        ("http://canary.example.com", &[], "--allow-plain-http"),
        ("https://example.com/?canary", &["--exec", "true"], "cannot be used with"),
        ("https://example.com/?canary", &["--json"], "--forward-to prints no messages"),
        ("https://example.com/?canary", &["--jq", "."], "--forward-to prints no messages"),
        ("https://example.com/?canary", &["--dry-run"], "--dry-run: not supported"),
        ("https://example.com/?canary", &["--forward-timeout", "0s"], "it leaves no time"),
        ("https://example.com/?canary", &["--max-attempts", "0"], "--max-attempts"),
        ("https://example.com/?canary", &["--concurrency", "0"], "--concurrency"),
        ("https://example.com/?canary", &["--dead-letter", "/dev/null"], "it is not a regular file"),
    ] {
        let ended = inbox.watch(url, options).output().unwrap();
        let message = stderr(&ended);
        assert_eq!(ended.status.code(), Some(2), "{options:?}: {message}");
        assert!(message.contains(reason) && !message.contains("canary"), "{options:?}: {message}");
    }
    // The options belong to --forward-to.
    for option in [
        ["--forward-secret-file", "x"],
        ["--concurrency", "1"],
        ["--max-attempts", "1"],
        ["--forward-timeout", "1s"],
        ["--retry-max-wait", "1s"],
        ["--dead-letter", "x"],
    ] {
        let ended = inbox.fixture.kandy().args(["message", "watch", "--user", "anna"]).args(option).output().unwrap();
        assert_eq!(ended.status.code(), Some(2), "{option:?}");
        assert!(stderr(&ended).contains("--forward-to <URL>"), "{}", stderr(&ended));
    }
}
