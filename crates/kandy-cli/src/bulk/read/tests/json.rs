//! JSON Lines files: what is read, and what is rejected.

use proptest::prelude::*;

use super::{read_json, refused};
use crate::bulk::read::text::MAX_ROW_LENGTH;

/// Returns the destination of one object, or why it is rejected.
fn destination(object: &str) -> Result<Option<String>, String> {
    let rows = read_json(object).unwrap();
    let [mut row] = <[_; 1]>::try_from(rows).expect("one row");
    match &mut row.fields {
        Ok(fields) => Ok(fields.take("destination")),
        Err(reason) => Err(reason.clone()),
    }
}

#[test]
fn integers_keep_their_spelling() {
    for number in
        ["7", "0", "-5", "12245550101", "90071992547409931", "123456789012345678901234567890", "-18446744073709551617"]
    {
        assert_eq!(destination(&format!("{{\"to\": {number} }}")), Ok(Some(number.into())));
    }
}

#[test]
fn rejects_non_text_and_non_integer() {
    for value in
        ["1001.0", "1e3", "1E+3", "1.5", "-0", "-0.0", "0e0", "true", "false", "[1]", "[]", "{\"to\":\"1\"}", "{}"]
    {
        let reason = destination(&format!("{{\"text\":\"a\",\"to\":{value}}}")).unwrap_err();
        assert!(reason.starts_with("\"to\" is ") && reason.contains("as an integer"), "{value}: {reason}");
    }
    // These numbers are not JSON.
    for value in ["007", "+1", "1.", ".5", "0x1", "NaN", "1_000"] {
        let reason = destination(&format!("{{\"to\":{value}}}")).unwrap_err();
        assert!(reason.contains("it is not a JSON object (column "), "{value}: {reason}");
    }
    assert!(destination(r#"{"to":"\ud83d"}"#).unwrap_err().contains("half a surrogate pair"));
    assert_eq!(destination(r#"{"to":"\ud83d\ude00","x":1}"#.replace(",\"x\":1", "").as_str()), Ok(Some("😀".into())));
    // Of a password nothing is shown, not even its type.
    let reason = destination(r#"{"to":"1","user_password":12345678.0}"#).unwrap_err();
    assert_eq!(reason, "\"user_password\" is not a string; put it in quotes");
}

/// A value is named by its kind: its contents may be long, or belong to somebody else.
#[test]
fn other_values_are_described() {
    for (value, what) in [
        ("1.50", "the number 1.50"),
        ("-1e3", "the number -1e3"),
        ("-0", "the number -0"),
        ("[\"a\"]", "an array"),
        ("{\"a\":1}", "an object"),
        ("true", "true"),
    ] {
        let reason = destination(&format!("{{\"to\":{value}}}")).unwrap_err();
        assert_eq!(reason, format!("\"to\" is {what}; write the value as a string in quotes, or as an integer"));
    }
}

#[test]
fn lines_may_have_one_mebibyte() {
    let line = |length: usize| format!("{{\"to\":1,\"text\":\"{}\"}}", "x".repeat(length - 18));
    for (length, is_read) in [(MAX_ROW_LENGTH, true), (MAX_ROW_LENGTH + 1, false)] {
        let line = line(length);
        assert_eq!(line.len(), length);
        let read = read_json(format!("\n{line}\n"));
        let reason = read.as_ref().err().map_or("", |reason| reason);
        assert_eq!(reason.contains("line 2: the row is longer than 1 MiB"), !is_read, "{reason}");
    }
}

#[test]
fn rejects_duplicate_members() {
    for (object, what) in [
        (r#"{"to":"1","to":"2"}"#, "\"to\" occurs twice"),
        (r#"{"to":"1","to":"1"}"#, "\"to\" occurs twice"),
        (r#"{"to":"1","\u0074o":"2"}"#, "\"to\" occurs twice"),
        (r#"{"to":"1","to":null}"#, "\"to\" occurs twice"),
        (r#"{"to":null,"destination":"2"}"#, "\"to\" and \"destination\" have the same meaning"),
        (r#"{"to":"1","TO":"2"}"#, "\"to\" and \"TO\" have the same meaning"),
        (r#"{"to":"1","message":"a","text":"b"}"#, "\"message\" and \"text\" have the same meaning"),
        (r#"{"to":"","destination":""}"#, "have the same meaning"),
    ] {
        let reason = destination(object).unwrap_err();
        assert!(reason.contains(what), "{object}: {reason}");
    }
    // Unused members may occur more than once.
    assert_eq!(destination(r#"{"error":"a","to":"1","error":"b","Error":{"a":1,"a":2}}"#), Ok(Some("1".into())));
}

#[test]
fn lines_are_counted_with_all_ends() {
    let list = "{\"to\":1}\n\n  \n{\"to\":1.5}\n{\"to\":2}\n{\n";
    for end in ["\n", "\r\n", "\r"] {
        let rows = read_json(list.replace('\n', end)).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 4, 5, 6], "{end:?}");
        assert_eq!(refused(&rows).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 6], "{end:?}");
    }
    let utf_16: Vec<u8> = format!("\u{feff}{list}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(refused(&read_json(utf_16).unwrap()).len(), 2);
    let reason = read_json(&b"{\"to\":1}\r\n{\"to\":\"\xfc\"}\r\n"[..]).unwrap_err();
    assert!(reason.starts_with("list.jsonl, line 2: it is not UTF-8 (byte 0xFC)"), "{reason}");
}

#[test]
fn non_objects_have_specific_errors() {
    for (line, what) in [
        ("[{\"to\":\"1\"}]", "it is a JSON array; expected one object per line"),
        ("{\"to\":\"1\"", "the JSON object is not complete in this line"),
        ("{\"to\":\"1\"},", "it is not a JSON object (column 11)"),
        ("\"to\"", "it is not a JSON object"),
        ("{'to':1}", "it is not a JSON object (column 2)"),
    ] {
        let reason = destination(line).unwrap_err();
        assert!(reason.contains(what), "{line}: {reason}");
    }
}

proptest! {
    #[test]
    fn numbers_are_exact_or_rejected(number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?") {
        let is_integer = number.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) && number != "-0";
        match destination(&format!("{{\"to\":{number}}}")) {
            Ok(text) => prop_assert!(is_integer && text.as_deref() == Some(&*number), "{number} became {text:?}"),
            Err(_) => prop_assert!(!is_integer, "{number} was refused"),
        }
    }

    #[test]
    fn every_text_is_itself(text in any::<String>().prop_filter("an id", |text| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric()))) {
        let object = serde_json::json!({"to": text, "text": "a\"b\\\n"}).to_string();
        prop_assert_eq!(destination(&object), Ok(Some(text)));
    }
}
