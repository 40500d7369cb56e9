//! Each failure of a receiver alone.

use std::{
    collections::{BTreeMap, HashMap},
    sync::mpsc,
    time::{Duration, Instant},
};

use kandy_emulator::{Emulator, Tls};

use super::{Answer, Inbox, Log, Running, run};

/// Short waits.
const QUICK: [&str; 3] = ["--until-empty", "--retry-max-wait", "20ms"];

/// The first attempt of each message fails, and the second succeeds.
#[test]
fn each_failure_is_followed_by_another_attempt() {
    let truncated = "HTTP/1.1 200 OK\r\ncontent-le".to_owned();
    for (first, reason) in [
        (Answer::status("500 Internal Server Error"), "HTTP 500 Internal Server Error"),
        (Answer::status("404 kandy: done \u{e9}"), "(HTTP 404 Not Found)"),
        (Answer::status("404 \u{1b}[2J"), "the connection broke: "),
        (Answer::status("599 odd"), "(HTTP 599)"),
        (Answer::with("302 Found", "location: http://127.0.0.1:1/\r\n"), "redirects are not followed"),
        (Answer::with("429 Too Many Requests", "retry-after: 1\r\n"), "HTTP 429 Too Many Requests"),
        (Answer::with("503 x", "retry-after: Sat, 05 Nov 1994 08:49:47 GMT\r\n"), "HTTP 503 Service Unavailable"),
        (Answer::cut(), "the connection broke: "),
        (Answer::WriteAndClose(truncated), "the connection broke: "),
        (Answer::WriteAndClose("\u{1b}[2J not HTTP\r\n\r\n".to_owned()), "the connection broke: "),
        (Answer::Stall, "no response within 300ms"),
    ] {
        let inbox = Inbox::new(2);
        inbox.send_from_each(3);
        let log = Log::default();
        let answer = first.clone();
        let receiver = log.receiver(move |_, attempt| match attempt {
            1 => answer.clone(),
            _ => Answer::status("200 OK"),
        });
        let mut command = inbox.watch(&receiver.url(), &QUICK);
        command.args(["--forward-timeout", "300ms"]);
        let (code, stderr) = run(command);
        assert_eq!(code, Some(0), "{first:?}: {stderr}");
        assert!(stderr.contains(reason), "{first:?}: {stderr}");
        assert!(!stderr.contains('\u{1b}'), "{stderr:?}");
        assert!(stderr.ends_with("delivered 6, not delivered 0, waiting 0\n"), "{stderr}");
        let (mut in_order, mut ids) = (BTreeMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for request in log.all() {
            let text = request.text();
            ids.entry(text.clone()).or_default().push(request.header("webhook-id").to_owned());
            in_order.entry(text[..1].to_owned()).or_default().push(text);
        }
        for (sender, texts) in in_order {
            let expected = [1, 1, 2, 2, 3, 3].map(|number| format!("{sender}-{number}"));
            assert_eq!(texts, expected, "{first:?}");
        }
        assert!(ids.values().all(|ids| ids.len() == 2 && ids[0] == ids[1]), "{ids:?}");
        assert_eq!(inbox.waiting(), [""; 0]);
    }
}

/// A 2xx status counts, whatever follows.
#[test]
fn any_2xx_delivers() {
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n{}", "x".repeat(100_000));
    for answer in [
        Answer::status("200 OK"),
        Answer::status("204 No Content"),
        Answer::status("299 odd \u{e9}"),
        Answer::WriteAndClose("HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\nhal".to_owned()),
        Answer::Write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhal".to_owned()),
        Answer::Write(endless),
    ] {
        let inbox = Inbox::new(1);
        inbox.send_from_each(1);
        let log = Log::default();
        let given = answer.clone();
        let receiver = log.receiver(move |_, _| given.clone());
        let begun = Instant::now();
        let (code, stderr) = run(inbox.watch(&receiver.url(), &QUICK));
        // The rest of a response is not awaited, which could take as long as the attempt may: 30 s.
        assert!(begun.elapsed() < Duration::from_secs(20), "{answer:?}");
        assert_eq!((code, stderr.as_str()), (Some(0), "delivered 1, not delivered 0, waiting 0\n"), "{answer:?}");
        assert_eq!((log.all().len(), inbox.waiting().len()), (1, 0), "{answer:?}");
    }
}

/// The request as a receiver sees it. The body is what `--json` prints.
#[test]
fn request_has_the_message_as_json() {
    let inbox = Inbox::new(1);
    inbox.send(0, "caf\u{e9} \u{1F600}\n\"quoted\"");
    let mut print = inbox.fixture.kandy();
    print.args(["message", "watch", "--user", "anna", "--until-empty", "--keep", "--json"]);
    let printed = String::from_utf8(print.output().unwrap().stdout).unwrap();
    let log = Log::default();
    let receiver = log.receiver(|_, _| Answer::status("200 OK"));
    let url = format!("http://user:p%40ss@{}/hook?token=secret", receiver.address());
    let mut command = inbox.watch(&url, &QUICK);
    // No proxy is used for this machine.
    command.env("HTTP_PROXY", "http://127.0.0.1:1").env("http_proxy", "http://127.0.0.1:1");
    let (code, stderr) = run(command);
    assert_eq!((code, inbox.waiting().len()), (Some(0), 0), "{stderr}");
    let [request] = &log.all()[..] else { panic!("one request") };
    assert_eq!(String::from_utf8_lossy(&request.body), printed.trim_end());
    assert!(request.head.starts_with("POST /hook?token=secret HTTP/1.1\r\n"), "{}", request.head);
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("kandy-cli/"));
    // RFC 7617: base64 of user:p@ss.
    assert_eq!(request.header("authorization"), "Basic dXNlcjpwQHNz");
    assert!(!request.headers.contains_key("referer") && !request.header("webhook-id").contains('.'));
}

#[test]
fn refused_connection_is_tried_again() {
    let inbox = Inbox::new(2);
    inbox.send_from_each(2);
    let log = Log::default();
    let mut receiver = log.receiver(|_, _| Answer::status("200 OK"));
    receiver.close();
    let mut watch = Running::start(inbox.watch(&receiver.url(), &[&QUICK[..], &["--max-attempts", "100000"]].concat()));
    watch.wait_for("did not accept a message (no connection: Connection refused");
    receiver.open();
    let (status, stderr) = watch.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert_eq!((log.all().len(), inbox.waiting().len()), (4, 0));
}

/// Standard Webhooks 1.0.0: on 410 the sender stops sending messages.
#[test]
fn gone_ends_the_command() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(3);
    let log = Log::default();
    let receiver = log.receiver(|request, _| match request.text().as_str() {
        "0-1" => Answer::status("200 OK"),
        _ => Answer::status("410 Gone"),
    });
    let (code, stderr) = run(inbox.watch(&receiver.url(), &["--dead-letter", "dead.jsonl"]));
    assert_eq!(code, Some(8), "{stderr}");
    assert!(stderr.contains("answered HTTP 410 Gone"), "{stderr}");
    assert_eq!(log.texts(), ["0-1", "0-2"]);
    assert_eq!(inbox.waiting(), ["0-2", "0-3"]);
    assert!(!inbox.fixture.has("dead.jsonl"), "nothing was dead-lettered");
}

/// `Retry-After` holds up the message, and with 429 or 503 all senders. Without a limit the wait is the whole second, and
/// no backoff after the first attempt is longer.
#[test]
fn retry_after_is_respected() {
    for (status, pauses_all) in [("429 x", true), ("503 x", true), ("500 x", false)] {
        let inbox = Inbox::new(3);
        inbox.send_from_each(1);
        let (arrived, arrivals) = mpsc::channel();
        let mut is_first = true;
        let receiver = Log::default().receiver(move |request, _| {
            arrived.send((request.text(), Instant::now())).unwrap();
            match std::mem::take(&mut is_first) {
                true => Answer::with(status, "retry-after: 1\r\n"),
                false => Answer::status("200 OK"),
            }
        });
        // One at a time, so that no other attempt is under way when the pause begins.
        let (code, stderr) = run(inbox.watch(&receiver.url(), &["--until-empty", "--concurrency", "1"]));
        assert_eq!(code, Some(0), "{status}: {stderr}");
        let arrivals: Vec<_> = arrivals.try_iter().collect();
        assert_eq!(arrivals.len(), 4, "{status}");
        let (first, begun) = &arrivals[0];
        let again = arrivals.iter().rposition(|(text, _)| text == first).unwrap();
        assert!(arrivals[again].1 - *begun >= Duration::from_secs(1), "{status}: {arrivals:?}");
        match pauses_all {
            true => assert!(arrivals[1].1 - *begun >= Duration::from_secs(1), "{status}: {arrivals:?}"),
            false => assert_eq!(again, 3, "{status}: others do not wait: {arrivals:?}"),
        }
    }
}

/// A failure that concerns one message does not hold up other senders, but the next messages of its sender.
#[test]
fn failing_sender_holds_up_no_other() {
    let inbox = Inbox::new(2);
    inbox.send_from_each(3);
    let log = Log::default();
    let (done, delivered) = mpsc::channel();
    let receiver = log.receiver(move |request, _| match &request.text()[..1] {
        "0" => Answer::with("500 x", "retry-after: 3600\r\n"),
        _ => {
            done.send(()).unwrap();
            Answer::status("200 OK")
        }
    });
    let mut watch = Running::start(inbox.watch(&receiver.url(), &[]));
    for _ in 0..3 {
        delivered.recv_timeout(super::LONG_TIMEOUT).unwrap();
    }
    watch.signal("INT");
    let (status, stderr) = watch.end();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("delivered 3, not delivered 0, waiting 3 (last failure: HTTP 500"), "{stderr}");
    assert_eq!(log.texts().iter().filter(|text| text.starts_with('0')).count(), 1);
    assert_eq!(inbox.waiting(), ["0-1", "0-2", "0-3"]);
}

/// Ctrl-C waits for the attempt that is under way; a second signal does not.
#[test]
fn signals_end_it() {
    for (signals, code, left) in [(&["INT"][..], Some(130), 1), (&["INT", "TERM"], Some(130), 2)] {
        let inbox = Inbox::new(1);
        inbox.send_from_each(2);
        let (begun, begin) = mpsc::channel();
        let (finish, finished) = mpsc::channel::<()>();
        let receiver = Log::default().receiver(move |_, _| {
            begun.send(()).unwrap();
            // Ends when the test sends, or drops the sender.
            let _ = finished.recv();
            Answer::status("200 OK")
        });
        let mut watch = Running::start(inbox.watch(&receiver.url(), &["--poll", "--forward-timeout", "1h"]));
        begin.recv_timeout(super::LONG_TIMEOUT).unwrap();
        watch.signal(signals[0]);
        // Not before: the next delivery would begin if the response arrived first.
        watch.wait_for("waiting for the deliveries in progress; press Ctrl-C again");
        match signals.get(1) {
            Some(second) => watch.signal(second),
            None => finish.send(()).unwrap(),
        }
        let (status, stderr) = watch.end();
        drop(finish);
        assert_eq!((status.code(), inbox.waiting().len()), (code, left), "{signals:?}: {stderr}");
    }
}

/// However many messages there are, a thousand are read.
#[test]
fn reads_no_more_than_it_can_hold() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(1_500);
    let (arrived, arrivals) = mpsc::channel();
    let receiver = Log::default().receiver(move |_, _| {
        arrived.send(()).unwrap();
        Answer::status("500 x")
    });
    let mut watch =
        Running::start(inbox.watch(&receiver.url(), &["--retry-max-wait", "1ms", "--max-attempts", "100000"]));
    for _ in 0..300 {
        arrivals.recv_timeout(super::LONG_TIMEOUT).unwrap();
    }
    watch.signal("INT");
    let (status, stderr) = watch.end();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("delivered 0, not delivered 0, waiting 1000 "), "{stderr}");
}

/// `--count` counts messages, not attempts, and ends after the last one is settled.
#[test]
fn count_ends_after_the_last_delivery() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(3);
    let log = Log::default();
    let receiver = log.receiver(|_, attempt| match attempt {
        1 => Answer::cut(),
        _ => Answer::status("200 OK"),
    });
    let (code, stderr) = run(inbox.watch(&receiver.url(), &["--count", "2", "--retry-max-wait", "20ms"]));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!((log.texts().len(), inbox.waiting()), (4, vec!["0-3".to_owned()]));
}

#[test]
fn kept_messages_stay() {
    let inbox = Inbox::new(1);
    inbox.send_from_each(2);
    let log = Log::default();
    let receiver = log.receiver(|_, _| Answer::status("200 OK"));
    let (code, stderr) = run(inbox.watch(&receiver.url(), &["--until-empty", "--keep"]));
    assert_eq!((code, inbox.waiting().len()), (Some(0), 2), "{stderr}");
    // A later run sends them with the same ids.
    assert_eq!(run(inbox.watch(&receiver.url(), &["--until-empty"])).0, Some(0));
    let ids: Vec<_> = log.all().iter().map(|request| request.header("webhook-id").to_owned()).collect();
    assert_eq!((ids.len(), &ids[..2]), (4, &ids[2..]));
    assert_ne!(ids[0], ids[1]);
}

/// A message is forwarded when it is pushed, although the inbox is not polled for it.
#[test]
fn pushed_messages_are_forwarded() {
    let inbox = Inbox::new(1);
    let (arrived, arrivals) = mpsc::channel();
    let receiver = Log::default().receiver(move |request, _| {
        arrived.send(request.text()).unwrap();
        Answer::status("200 OK")
    });
    let mut watch = Running::start(inbox.watch(&receiver.url(), &[]));
    watch.wait_for("data channel: connected");
    for number in 0..20 {
        inbox.send(0, &number.to_string());
        assert_eq!(arrivals.recv_timeout(super::LONG_TIMEOUT).unwrap(), number.to_string());
    }
    watch.signal("INT");
    let (status, stderr) = watch.end();
    assert_eq!((status.code(), inbox.waiting().len()), (Some(130), 0), "{stderr}");
    assert!(stderr.contains("delivered 20, not delivered 0, waiting 0"), "{stderr}");
    let requests = inbox.fixture.emulator.requests();
    let polls = requests.iter().filter(|request| request.operation == Some("message_list")).count();
    // Some until the channel was established, and one then, and that of this test.
    assert!(polls < 11, "{polls}");
}

/// A receiver with TLS is trusted by its authority in `--ca-file`.
#[test]
fn receiver_with_tls_needs_a_known_authority() {
    // It responds with 404: a client that receives it has checked the certificate.
    let receiver = Emulator::builder().tls(Tls::temporary()).start().unwrap();
    let url = format!("{}/hook", receiver.base_url());
    for (options, reason) in [
        (&[][..], "no connection: invalid peer certificate: UnknownIssuer"),
        (&["--ca-file", "ca.pem"], "HTTP 404 Not Found"),
    ] {
        let inbox = Inbox::new(1);
        inbox.fixture.write("ca.pem", receiver.ca_certificate().unwrap());
        inbox.send_from_each(1);
        let mut command = inbox.watch(&url, &["--until-empty", "--max-attempts", "1"]);
        command.args(options);
        let (code, stderr) = run(command);
        assert_eq!(code, Some(8), "{stderr}");
        assert!(stderr.contains(reason), "{options:?}: {stderr}");
    }
}
