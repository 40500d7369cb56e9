//! Long lists: limits, searches, and rows that are readable on a terminal of 80 columns.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
    thread,
};

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::fixture::{Fixture, canned_service, on_terminal, stderr};

/// A device id, in the form of the service.
const DEVICE: &str = "A149EBB9A69D4E66B62D26FBDEF440C5";
/// The rules of Central Europe in the notation of POSIX, so that no zone has to be installed.
const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const FAMILY: &str = "👩\u{200d}👩\u{200d}👧";

fn message(sender: &str, text: &str) -> Value {
    json!({
        "messageType": "chat", "contentType": "text", "UUID": "0c67b2f15f1d4a0d9a4f5b7c8d9e0f1a",
        "timestamp": "1400510413000", "sender": {"full_user_id": sender},
        "message": {"mimeType": "text/plain", "text": text},
    })
}

fn service(messages: &[Value]) -> String {
    canned_service::json(&canned_service::success(json!({"messages": messages})))
}

fn kandy(fixture: &Fixture, base_url: &str, arguments: &[&str]) -> Command {
    let mut command = fixture.kandy();
    command.env("KANDY_BASE_URL", base_url).args(arguments);
    for level in ["DOMAIN", "USER"] {
        command.env(format!("KANDY_{level}_ACCESS_TOKEN"), "token");
    }
    command
}

fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `kandy message list` on a terminal.
fn shown(fixture: &Fixture, base_url: &str, columns: u16, options: &str, zone: &str) -> Option<String> {
    let line = format!("kandy message list --device {DEVICE} {options}");
    let variables = [("KANDY_BASE_URL", base_url), ("KANDY_USER_ACCESS_TOKEN", "token"), ("TZ", zone)];
    on_terminal::shown(fixture, columns, &line, &variables)
}

#[test]
fn message_list_has_one_readable_line_per_message() {
    let fixture = Fixture::empty();
    let texts = [
        "let's meet tonight".to_owned(),
        "a rather long message of many words ".repeat(20),
        "北京".repeat(300),
        FAMILY.repeat(100),
        "e\u{301}".repeat(300),
        "two\nlines\u{1b}[2J\u{202e}end".to_owned(),
        String::new(),
    ];
    let long = format!("{}@a-rather-long-domain-name.example.com", "anna".repeat(10));
    let senders = ["russ@example.com", "北京@example.com", long.as_str()];
    let messages: Vec<_> = texts.iter().flat_map(|text| senders.map(|sender| message(sender, text))).collect();
    let base_url = service(&messages);
    for columns in [40, 80, 120] {
        let Some(text) = shown(&fixture, &base_url, columns, "", "UTC") else { return };
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 1 + messages.len(), "{text}");
        let widest = lines.iter().map(|line| line.width()).max().unwrap();
        assert!(widest <= columns.into(), "{widest}: {text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
    let text = shown(&fixture, &base_url, 80, "", "UTC").unwrap();
    // The time is whole, and of long values enough is shown to recognize them.
    assert!(text.lines().skip(1).all(|line| line.starts_with("2014-05-19 14:40:13Z  ")), "{text}");
    for part in ["let's meet tonight", "a rather long message", "北京北京北京", "annaannaanna", r"two\nlines\u{1b}[2J"]
    {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // Clusters of several characters are shown as a whole or not at all.
    for (cluster, text) in [(FAMILY, &text), ("e\u{301}", &text)] {
        for line in text.lines().filter(|line| line.contains(cluster)) {
            let (_, cut) = line.split_once(cluster).unwrap();
            assert!(cut.ends_with('…'), "{line}");
            assert!(cut.graphemes(true).all(|part| part == cluster || part == "…"), "{line}");
        }
    }
}

#[test]
fn wide_list_json_and_pipe_have_whole_messages() {
    let fixture = Fixture::empty();
    let long = "word ".repeat(60);
    let base_url = service(&[message("russell@example.com", long.trim_end())]);
    let id = "0c67b2f15f1d4a0d9a4f5b7c8d9e0f1a";
    if let Some(cut) = shown(&fixture, &base_url, 80, "", "UTC") {
        assert!(!cut.contains(id) && cut.contains('…'), "{cut}");
        let whole = shown(&fixture, &base_url, 80, "--wide", "UTC").unwrap();
        assert!(whole.contains(id) && !whole.contains('…'), "{whole}");
        assert_eq!(whole.matches("word").count(), 60, "{whole}");
        // A terminal with room for it shows the id.
        assert!(shown(&fixture, &base_url, 200, "", "UTC").unwrap().contains(id));
    }
    let list = ["message", "list", "--device", DEVICE];
    assert_eq!(
        printed(&mut kandy(&fixture, &base_url, &list)),
        format!("{id}\t1400510413000\trussell@example.com\tchat\t{}\n", long.trim_end())
    );
    let json = printed(kandy(&fixture, &base_url, &list).arg("--json"));
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()[0]["message"]["text"], long.trim_end());
}

/// Times are local on a terminal only. `TZ` as POSIX describes it.
#[test]
fn times_are_local_on_a_terminal() {
    let fixture = Fixture::empty();
    let base_url = service(&[message("russ@example.com", "hello")]);
    for (options, zone, time) in [
        ("", BERLIN, "2014-05-19 16:40:13  "),
        ("--utc", BERLIN, "2014-05-19 14:40:13Z  "),
        ("", "UTC", "2014-05-19 14:40:13Z  "),
        ("", "", "2014-05-19 14:40:13Z  "),
        ("", "Nowhere/City", "2014-05-19 14:40:13Z  "),
        ("", "/etc/passwd", "2014-05-19 14:40:13Z  "),
        ("", "\u{1b}[31m", "2014-05-19 14:40:13Z  "),
        // JSON has the time as it was sent.
        ("--json=timestamp", BERLIN, "\"1400510413000\""),
        ("--jq '.[].timestamp'", BERLIN, "1400510413000"),
    ] {
        let Some(text) = shown(&fixture, &base_url, 80, options, zone) else { return };
        assert!(text.contains(time), "{options} {zone:?}: {text}");
    }
    let mut list = kandy(&fixture, &base_url, &["message", "list", "--device", DEVICE]);
    assert!(printed(list.env("TZ", BERLIN)).contains("\t1400510413000\t"));
}

#[test]
fn lists_are_limited_and_searched() {
    let fixture = Fixture::with(&["russ", "anna", "Hannah", "lisa"]);
    let run = |arguments: &[&str]| printed(fixture.kandy().args(arguments));
    for (options, ids) in [
        (&[][..], &["russ", "anna", "Hannah", "lisa"][..]),
        (&["--limit", "2"], &["russ", "anna"]),
        (&["--limit", "4"], &["russ", "anna", "Hannah", "lisa"]),
        (&["--limit", "1000000"], &["russ", "anna", "Hannah", "lisa"]),
        (&["--search", "ANNA"], &["anna", "Hannah"]),
        (&["--search", "anna", "--limit", "1"], &["anna"]),
        // Only columns are searched: every user has the country code US, and a token or key has any letters.
        (&["--search", "US"], &["russ"]),
        (&["--search", ""], &["russ", "anna", "Hannah", "lisa"]),
        (&["--search", ".*"], &[]),
    ] {
        let list: Vec<_> = ["user", "list"].iter().chain(options).copied().collect();
        let quiet: Vec<_> = list.iter().chain(&["--quiet"]).copied().collect();
        assert_eq!(run(&quiet).lines().collect::<Vec<_>>(), ids, "{options:?}");
        assert_eq!(run(&list).lines().count(), ids.len(), "{options:?}");
        let json: Vec<_> = list.iter().chain(&["--json=user_id"]).copied().collect();
        let users: Vec<Value> = serde_json::from_str(&run(&json)).unwrap();
        assert_eq!(users, ids.iter().map(|id| json!({"user_id": id})).collect::<Vec<_>>(), "{options:?}");
        let jq: Vec<_> = list.iter().chain(&["--jq", "length"]).copied().collect();
        assert_eq!(run(&jq).trim(), ids.len().to_string(), "{options:?}");
    }
    // In a pipe there is no remark.
    let output = fixture.kandy().args(["user", "list", "--limit", "1"]).output().unwrap();
    assert_eq!(stderr(&output), "");
    for wrong in ["0", "-1", "many", "99999999999999999999"] {
        let output = fixture.kandy().args(["user", "list", "--limit", wrong]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn remark_says_on_a_terminal_that_there_are_more() {
    let fixture = Fixture::with(&["russ", "anna", "lisa"]);
    let lines = [
        ("kandy user list --limit 2", Some("…and more: showing the first 2")),
        ("kandy user list --limit 3", None),
        ("kandy user list --limit 2 2> /dev/null", None),
        ("kandy user list --limit 2 --quiet", None),
        ("kandy user list --limit 2 | cat", None),
        ("kandy directory list --user russ --limit 1", Some("…and more: showing 1 of 3")),
        ("kandy directory list --user russ --search S --limit 1", Some("…and more: showing 1 of 2")),
        ("kandy directory list --user russ --search LISA --limit 1", None),
    ];
    for (line, remark) in lines {
        let Some(text) = on_terminal::shown(&fixture, 100, line, &[]) else { return };
        match remark {
            Some(remark) => assert!(text.trim_end().lines().last().unwrap().starts_with(remark), "{line}: {text}"),
            None => assert!(!text.contains("and more"), "{line}: {text}"),
        }
    }
}

/// A service that stops in the middle of the list: a limit is reached before.
#[test]
fn limit_stops_reading_the_response() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/v1.2", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            let mut reader = BufReader::new(connection.unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let users = (0..3).map(|n| format!(r#"{{"user_id":"user{n}"}},"#)).collect::<String>();
            let body = format!(r#"{{"status":0,"message":"success","result":{{"users":[{users}"#);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n";
            reader.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
            // The connection stays open, and nothing follows.
            open.push(reader);
        }
    });
    let fixture = Fixture::empty();
    let list = ["user", "list", "--quiet", "--timeout", "60s", "--limit", "2"];
    assert_eq!(printed(&mut kandy(&fixture, &base_url, &list)), "user0\nuser1\n");
}
