//! Nothing secret is on stderr, in the dead-letter file or in the list of processes; nothing of the receiver's text is
//! shown.

use std::fs;

use super::{Answer, Inbox, Log, Running, SECRET};
use crate::fixture::canary::leaks;

/// Words that must not appear: of the URL, the secret, and the credentials of the service.
fn canaries(inbox: &Inbox) -> Vec<String> {
    let secret = SECRET.trim_start_matches("whsec_").to_owned();
    let decoded = "canary-forward-secret".to_owned();
    let url = ["canary-user", "canary-pass", "canary-path", "canary-query"].map(str::to_owned);
    let (key, domain_secret) = inbox.fixture.domain.clone();
    url.into_iter().chain([secret, decoded, key, domain_secret, "canary-response".to_owned()]).collect()
}

#[test]
fn nothing_secret_is_shown() {
    let hostile =
        "HTTP/1.1 500 canary-response\r\nx: canary-response\r\ncontent-length: 20\r\n\r\ncanary-response\u{1b}[2J\n";
    for (answer, is_closed) in [
        (Answer::Write(hostile.to_owned()), false),
        (Answer::WriteAndClose("canary-response\r\n\r\n".to_owned()), false),
        (Answer::with("302 Found", "location: http://canary-response/\r\n"), false),
        (Answer::with("410 canary-response", ""), false),
        (Answer::cut(), false),
        (Answer::Stall, false),
        (Answer::cut(), true),
    ] {
        let inbox = Inbox::new(1);
        inbox.send_from_each(2);
        let log = Log::default();
        let given = answer.clone();
        let mut receiver = log.receiver(move |_, _| given.clone());
        if is_closed {
            receiver.close();
        }
        let url = format!("http://canary-user:canary-pass@{}/canary-path?canary-query", receiver.address());
        let common = ["--verbose", "--max-attempts", "2", "--retry-max-wait", "1ms", "--forward-timeout", "300ms"];
        let mut watch = inbox.watch(&url, &["--until-empty", "--dead-letter", "dead.jsonl"]);
        watch.args(common);
        let mut texts = vec![Running::start(watch).end().1];
        if inbox.fixture.has("dead.jsonl") {
            texts.push(inbox.fixture.read("dead.jsonl"));
            let mut resend = inbox.resend(&url, &["dead.jsonl"]);
            resend.args(common);
            texts.push(Running::start(resend).end().1);
            texts.push(inbox.fixture.read("dead.jsonl"));
        }
        for file in fs::read_dir(inbox.path("config/watch")).unwrap() {
            texts.push(file.unwrap().file_name().into_string().unwrap());
        }
        assert!(texts[0].contains(&receiver.address().to_string()), "the host is shown: {}", texts[0]);
        for text in &texts {
            // Also tokens, which have the format of the emulator.
            assert_eq!(leaks(text, &[]).next(), None, "{answer:?}: {text}");
        }
        for canary in canaries(&inbox) {
            for text in &texts {
                assert!(!text.contains(&canary), "{answer:?}: {canary} in {text}");
                assert!(!text.contains('\u{1b}'), "{answer:?}: {text:?}");
            }
        }
    }
}
