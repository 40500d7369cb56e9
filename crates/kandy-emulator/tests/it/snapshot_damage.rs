//! Snapshots that are damaged, or that no emulator wrote: they are refused with the place, and change nothing.

use serde_json::{Value, json};

use crate::{
    fixture::{Kandy, envelope, users},
    snapshot::{assert_same, fill, records},
};

#[tokio::test]
async fn damaged_snapshot_changes_nothing() {
    let before = Kandy::start();
    fill(&before).await;
    let snapshot = before.snapshot().await;
    let lines: Vec<_> = snapshot.split_inclusive('\n').collect();
    let kandy = Kandy::start();
    kandy.domain("kept.example.com").await;
    let mut kinds = std::collections::HashSet::new();
    let mut damaged =
        vec![(String::new(), 1), ("\u{feff}".to_owned() + &snapshot, 1), (snapshot.clone() + "{}\n", lines.len() + 1)];
    for (index, line) in lines.iter().enumerate() {
        // Cut before it, within it, and without it.
        damaged.push((lines[..index].concat(), index + 1));
        damaged.push((lines[..index].concat() + &line[..line.len() / 2], index + 1));
        let kind = line.split('"').nth(1).expect("a kind");
        if !kinds.insert(kind) {
            continue;
        }
        damaged.push((lines[..index].concat() + line + line + &lines[index + 1..].concat(), 0));
        damaged.push((lines[..index].concat() + &lines[index + 1..].concat(), 0));
        // A byte of a value that stays valid JSON, and one of the name of a member.
        let member = line.replacen("\":", "x\":", 2).replacen("x\":", "\":", 1);
        damaged.push((lines[..index].concat() + &member + &lines[index + 1..].concat(), 0));
        damaged.push((
            lines[..index].concat() + &line.replacen("{\"", "{\"other_", 1) + &lines[index + 1..].concat(),
            index + 1,
        ));
        if index > 0 {
            damaged.push((lines[0].to_owned() + line + &lines[1..].concat(), 0));
        }
    }
    damaged.push((snapshot.replace("\"user_id\":\"russ\"", "\"user_id\":\"rust\""), lines.len()));
    damaged.push((snapshot.replace('\n', "\r\n"), lines.len()));
    damaged.push((snapshot.replace("\"version\":1", "\"version\":2"), 1));
    damaged.push((lines[0].to_owned() + &"x".repeat(100_000), 2));
    let state = records(&kandy.snapshot().await);
    for (text, line) in damaged {
        let begin = text.chars().take(300).collect::<String>();
        let (http, response) = kandy.upload_snapshot(text).await;
        let message = response["message"].as_str().expect("a message");
        assert_eq!((http, &response["status"]), (400, &json!(14)), "{message} of {begin}");
        assert!(message.starts_with("line ") && message.ends_with("; the state is unchanged"), "{message}");
        assert!(
            line == 0
                || message.starts_with(&format!("line {line}:"))
                || message.starts_with(&format!("line {line} column ")),
            "{line}: {message}"
        );
        assert!(!message.contains("DAK") && !message.contains("example.com"), "{message}");
    }
    assert_same(&records(&kandy.snapshot().await), &state);
    assert_eq!(kandy.upload_snapshot(snapshot).await.0, 200);
}

/// Objects as deep as a request may have them.
#[tokio::test]
async fn deep_objects_survive() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let key = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let mut kept = 0;
    for levels in [100, 120, 122, 123, 124, 125, 126, 127, 128] {
        for (operation, body) in [
            ("group_create", format!(r#"{{"group_name": "deep", "group_image": {{"a": {}}}}}"#, deep(levels))),
            (
                "personal_contact_create",
                format!(r#"{{"contact": {{"name": "a", "nickname": "a", "email": {}}}}}"#, deep(levels)),
            ),
            (
                "message_send",
                format!(
                    r#"{{"message": {{"contentType": "text", "destination": "{}", "UUID": "1", "message": {{"mimeType": "text/plain", "text": "a"}}, "a": {}}}}}"#,
                    anna.full_id,
                    deep(levels)
                ),
            ),
        ] {
            let request = kandy.request(operation, &key).header("content-type", "application/json").body(body);
            kept += usize::from(envelope(request).await.json["status"] == 0);
        }
    }
    assert!(kept > 9, "{kept}");
    let written = kandy.snapshot().await;
    assert_eq!(Kandy::start().upload_snapshot(written).await, (200, json!({"status": "ok"})), "{kept}");
}

/// Writes the last line anew, so that only what was changed is wrong.
fn signed(records: &[Value]) -> String {
    let lines: String = records[..records.len() - 1].iter().map(|record| format!("{record}\n")).collect();
    let mut crc32 = crc32fast::Hasher::new();
    crc32.update(lines.as_bytes());
    let end = json!({"end": {"records": records.len() - 1, "crc32": crc32.finalize()}});
    format!("{lines}{end}\n")
}

/// Each of them has a right checksum.
#[tokio::test]
async fn records_are_checked() {
    let before = Kandy::start();
    fill(&before).await;
    before.account_token().await;
    let mut written = records(&before.snapshot().await);
    written[0]["kandy_emulator_snapshot"]["written"] = json!("2026-01-31T12:00:00Z");
    let kandy = Kandy::start();
    assert_eq!(kandy.upload_snapshot(signed(&written)).await.0, 200);
    let state = records(&kandy.snapshot().await);
    let at =
        |kind: &str| written.iter().position(|record| record.get(kind).is_some()).unwrap_or_else(|| panic!("{kind}"));
    let twice = "the object is there twice";
    let no_user = "its user is not in the snapshot";
    let no_domain = "its domain is not in the snapshot";
    let before_others = "the record is at the wrong place: it belongs before others";

    let mut cases = Vec::new();
    // Values.
    for (kind, member, value, reason) in [
        ("domain", "no", json!(1), "its number is not below next_domain of the first line"),
        ("domain", "key", json!("7"), "expected 32 of the digits 0-9 and a-f"),
        ("domain", "users", json!([]), "unknown field; a newer version of the emulator may have written it"),
        ("domain", "name", json!(7), "expected a string"),
        ("user", "domain", json!(7), no_domain),
        ("user", "no", json!(99), "its number is not below next_user of the first line"),
        ("user", "no", json!(-1), "expected u32"),
        ("user", "dialling_code", json!("00"), "no country has its dialling code"),
        ("device", "user", json!(3), no_user),
        ("device", "no", json!(u64::MAX), "its number is too large"),
        ("device", "registered", json!(1.5), "expected u64"),
        ("pending", "message", json!(4711), "its message is not before it"),
        ("pending", "no", json!(4711), "its number is not below next_message of its device"),
        ("group", "members", json!([]), "a group has members"),
        (
            "group",
            "members",
            json!([{"no": 1, "user": 99, "is_owner": true, "is_muted": false, "has_muted": false}]),
            no_user,
        ),
        ("content", "owner", json!(99), no_user),
        ("content", "domain", json!(99), no_domain),
        ("content", "length", json!(1_u64 << 40), "the file is longer than the emulator takes"),
        ("content", "length", json!(1), "bytes of the file before it are missing"),
        ("part", "base64", json!("~"), "not base64"),
        ("session", "admin", json!(99), no_user),
        ("session", "domain", json!(99), no_domain),
        ("session", "participants", json!([]), "the admin is none of the participants"),
        ("hunt_group", "domain", json!(99), no_domain),
        ("hunt_group", "users", json!([99]), no_user),
        ("hunt_group", "admins", json!([0, 0]), twice),
        ("verification", "domain", json!(99), no_domain),
        ("verification", "code", json!(7), "a code has six digits"),
        ("conversation", "user", json!(99), no_user),
        ("entry", "message", json!(4711), "its message is not before it"),
        (
            "entry",
            "number",
            json!(4711),
            "its number is not between that of the entry before and the last of the conversation",
        ),
        ("personal_contact", "user", json!(99), no_user),
        ("token", "owner", json!({"user": 99}), "the number of its owner was not given"),
        (
            "token",
            "owner",
            json!("nobody"),
            "unknown kind of record; a newer version of the emulator may have written it",
        ),
        ("token", "no", json!(u64::MAX), "its number is too large"),
    ] {
        let mut changed = written.clone();
        changed[at(kind)][kind][member] = value;
        cases.push((format!("{kind} {member}"), changed, reason));
    }
    // The same object again, with parts of their own.
    for kind in [
        "domain",
        "user",
        "device",
        "group",
        "content",
        "session",
        "hunt_group",
        "verification",
        "conversation",
        "personal_contact",
        "token",
    ] {
        let mut changed = written.clone();
        let last = written.iter().rposition(|record| record.get(kind).is_some()).expect("one");
        let follows = |record: &Value| {
            ["contacts", "pending", "part", "entry", "message"].iter().any(|part| record.get(part).is_some())
        };
        let end = (last + 1..).find(|at| !follows(&written[*at])).expect("an end");
        changed.insert(end, written[last].clone());
        cases.push((format!("{kind} twice"), changed, twice));
    }
    // Parts without what they belong to, and records in another order.
    for (kind, to, reason) in [
        ("contacts", "user", "contacts follow their device"),
        ("pending", "user", "its message is not before it"),
        ("part", "session", "the file has more bytes than its length"),
        ("entry", "personal_contact", "its number is not between"),
        ("user", "hunt_group", before_others),
        ("device", "token", before_others),
    ] {
        let mut changed = written.clone();
        let moved = written[at(kind)].clone();
        changed.insert(at(to), moved);
        cases.push((format!("{kind} moved"), changed, reason));
    }
    for (what, changed, reason) in cases {
        let (http, response) = kandy.upload_snapshot(signed(&changed)).await;
        let message = response["message"].as_str().expect("a message");
        assert_eq!(http, 400, "{what}: {message}");
        assert!(message.contains(reason), "{what}: {message}");
    }
    assert_same(&records(&kandy.snapshot().await), &state);
}
