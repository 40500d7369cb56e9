//! Lists that arrive in chunks of different sizes.

use super::*;
use crate::{
    Envelope,
    types::{User, UserList},
};

/// Reads a text that arrives in chunks of this length.
fn read(json: &str, length: usize) -> (Vec<User>, Result<(), String>) {
    read_bytes(json.as_bytes(), length)
}

fn read_bytes(json: &[u8], length: usize) -> (Vec<User>, Result<(), String>) {
    let mut reader = ListReader::<User>::new("users");
    let mut users = Vec::new();
    let mut chunks = json.chunks(length);
    loop {
        match (reader.next(), reader.is_closed) {
            (Some(Ok(user)), _) => users.push(user),
            (Some(Err(problem)), _) => {
                assert!(reader.next().is_none(), "an error is returned once");
                return (users, Err(problem.to_string()));
            }
            (None, true) => return (users, reader.fault().map_or(Ok(()), |fault| Err(fault.to_string()))),
            (None, false) => match chunks.next() {
                Some(chunk) => reader.add(chunk),
                None => reader.close(),
            },
        }
    }
}

const LENGTHS: [usize; 5] = [1, 2, 7, 64, usize::MAX];

#[test]
fn reads_what_the_envelope_reads() {
    let list =
        r#""result": {"more":[1,{"users":[]}],"users": [ {"user_id":"russ, }]"} ,{}, {"user_id":12}],"count":3}"#;
    let members =
        [r#""status":0"#, r#""message":"success \"users\":[""#, list, r#""status_description":{"code":2000}"#];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 2, 0, 3]] {
        let json = format!(" {{ {} }} ", order.map(|at| members[at]).join(" , "));
        let whole = Envelope::<UserList>::read(json.as_bytes()).expect(&json).into_result().expect(&json);
        for length in LENGTHS {
            assert_eq!(read(&json, length), (whole.users.clone(), Ok(())), "{length}: {json}");
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_wherever_chunks_end() {
    let names: [(&[u8], &str); 8] = [
        ("Jürgen 😀".as_bytes(), "Jürgen 😀"),
        (b"M\xfcller", "M\u{fffd}ller"),
        (b"\xff", "\u{fffd}"),
        (b"\xf0\x9f\x98", "\u{fffd}"),
        (b"\xf0\x9fa", "\u{fffd}a"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
        (b"a\x80\xe2\x82\xac", "a\u{fffd}\u{20ac}"),
    ];
    for (sent, expected) in names {
        let parts: [&[u8]; 5] =
            [b"{\"", sent, b"\":1,\"status\":0,\"result\":{\"users\":[{\"user_first_name\":\"", sent, b"\"}]}}"];
        let json = parts.concat();
        let whole = Envelope::<UserList>::read(&json).expect(expected).into_result().expect(expected);
        assert_eq!(whole.users.first().and_then(|user| user.user_first_name.as_deref()), Some(expected));
        for length in LENGTHS {
            assert_eq!(read_bytes(&json, length), (whole.users.clone(), Ok(())), "{length}: {expected}");
        }
    }
    let (users, end) = read_bytes(b"{\"status\":0,\"result\":{\"users\":[{}]}}\xe2\x82", 1);
    assert_eq!((users.len(), end.is_err()), (1, true), "what follows the end is an error");
}

#[test]
fn incomplete_number_is_no_error() {
    for number in ["-1.5e+10", "-7", "0.25", "1E-3", "12"] {
        let json = format!("{{\n\"a\":{number},\n\"result\":{{\"users\":[{{\"x\":{number} }}]}},\"status\":0}}");
        for length in 1..20 {
            assert_eq!(read(&json, length), (vec![User::default()], Ok(())), "{length}: {json}");
        }
    }
    let json = r#"{"status":5.3e1,"message":"m"}"#;
    for length in LENGTHS {
        assert_eq!(read(json, length).1, Err("status 53 (DOES_NOT_EXIST): m".to_owned()), "{length}");
    }
    assert!(read(r#"{"a":-}"#, 6).1.is_err() && read(r#"{"a":-"#, 6).1.is_err());
}

#[test]
fn success_without_its_list_is_an_error() {
    for (json, problem) in [
        (r#"{"status":0}"#, "at `result`: it is missing"),
        (r#"{"status":"0","result":null}"#, "at `result`: it is missing"),
        (r#"{"result":null,"status":0}"#, "at `result`: it is missing"),
        (r#"{"result":{},"status":0}"#, "at `result.users`: it is missing"),
        (r#"{"status":0,"result":{"user":[]}}"#, "at `result.users`: it is missing"),
        (r#"{"status":0,"result":{"users":null}}"#, "at `result.users`: it is missing"),
        (r#"{"status":0,"result":{"users":"none"}}"#, "at `result.users`: expected a list"),
    ] {
        for length in LENGTHS {
            assert_eq!(read(json, length), (Vec::new(), Err(problem.to_owned())), "{json}");
        }
    }
    for json in [r#"{"status":0,"result":{"users":[]}}"#, r#"{"result":{"users":[ ]},"status":0}"#] {
        for length in LENGTHS {
            assert_eq!(read(json, length), (Vec::new(), Ok(())), "{json}");
        }
    }
    for json in [r#"{"status":19}"#, r#"{"result":null,"status":19}"#, r#"{"result":{},"status":19}"#] {
        for length in LENGTHS {
            assert_eq!(read(json, length).1, Err("status 19 (NO_DATA)".to_owned()), "{json}");
        }
    }
}

#[test]
fn fault_is_found_at_any_position() {
    let first = r#"{"status":53,"message":"gone","result":{"users":[{"user_id":"russ"}]}}"#;
    let last = r#"{"result":{"users":[{"user_id":"russ"}]},"message":"gone","status":53}"#;
    for length in LENGTHS {
        let (users, outcome) = read(first, length);
        assert_eq!((users.len(), outcome), (0, Err("status 53 (DOES_NOT_EXIST): gone".to_owned())));
        let (users, outcome) = read(last, length);
        assert_eq!((users.len(), outcome), (1, Err("status 53 (DOES_NOT_EXIST): gone".to_owned())));
    }
}

#[test]
fn error_names_the_path() {
    for (json, expected) in [
        (
            r#"{"result":{"users":[{},{"user_email":["s3cret"]}]},"status":0}"#,
            "at `result.users[1].user_email`: expected a string",
        ),
        (r#"{"status":0,"result":{"users":[[["s3cret"],7.5e+192]]}}"#, "at `result.users[0][0]`: expected a string"),
        (r#"{"status":[7.5e+149]}"#, "at `status`: expected a number or a string"),
        (r#"{"status":0,"result":[]}"#, "at `result`: expected an object"),
        (r#"{"status":0,"result":{"users":{}}}"#, "at `result.users`: expected a list"),
        (r#"{"status":"s3cret"}"#, "at `status`: the value cannot be used"),
        (r#"{"status":0,"status":0}"#, "duplicate field `status`"),
        (r#"{"message":"s3cret"}"#, "missing field `status`"),
        (r#"{"status":0,"result":{"users":[{"user_id":"russ"}"#, "it ends too early"),
        (r#"{"status":0} {"#, "something follows its end"),
        ("", "it ends too early"),
        ("[]", "expected an object"),
        (r#"{"status":0,"result":{"users":[{} {}]}}"#, "expected a comma"),
        (r#"{"status" 0}"#, "expected a colon"),
    ] {
        for length in LENGTHS {
            assert_eq!(read(json, length).1, Err(expected.to_owned()), "{length}: {json}");
        }
    }
}

#[test]
fn item_in_many_chunks_is_scanned_a_few_times() {
    let json = format!(r#"{{"status":0,"result":{{"users":[{{"user_email":"{}"}}]}}}}"#, "x".repeat(1_000_000));
    let mut reader = ListReader::<User>::new("users");
    let mut scans = 0;
    for chunk in json.as_bytes().chunks(10) {
        reader.add(chunk);
        scans += usize::from(reader.buffer.len() >= reader.enough);
        if reader.next().is_some() {
            break;
        }
    }
    assert!(scans < 40, "{scans} scans at 100,000 chunks");
}
