//! Decoding and encoding of envelopes.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{reader::Head, *};
use crate::{
    SecretMask,
    types::{AccountAccessToken, UserList},
};

fn read<T: DeserializeOwned>(json: &str) -> Envelope<T> {
    serde_json::from_str(json).expect(json)
}

#[test]
fn one_pass_reads_what_two_read() {
    let members = [r#""status":0"#, r#""status":"7""#, r#""result":{"users":[{"user_id":"russ"}]}"#, r#""result":5"#];
    for first in members {
        for second in members {
            let json = format!(r#"{{{first},"message":"m",{second},"status_description":[1]}}"#);
            let two = serde_json::from_str::<Envelope<UserList>>(&json);
            let one = Envelope::<UserList>::read(json.as_bytes());
            assert_eq!(one.ok(), two.ok(), "{json}");
        }
    }
    for text in ["", "[]", r#"{"status":0}}"#, r#"{"result":{},"status":0} 1"#] {
        assert!(Envelope::<UserList>::read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn takes_its_members_in_any_order() {
    let members = [r#""status":0"#, r#""message":"success""#, r#""result":{"users":[{"user_id":"russ"}]}"#];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let json = format!("{{{}}}", order.map(|at| members[at]).join(","));
        let users = read::<UserList>(&json).into_result().expect(&json).users;
        assert_eq!(users.len(), 1, "{json}");
    }
}

#[test]
fn a_fault_with_any_result_is_a_fault() {
    for result in ["{}", "null", "[]", "5", "\"no\"", r#"{"users":7}"#] {
        for json in [
            format!(r#"{{"status":1,"message":"m","result":{result}}}"#),
            format!(r#"{{"result":{result},"message":"m","status":1}}"#),
        ] {
            let fault = read::<UserList>(&json).into_result().expect_err(&json);
            assert_eq!((fault.status, fault.message.as_str()), (Status::INTERNAL_SERVER_ERROR, "m"));
        }
    }
}

#[test]
fn tolerates_what_it_does_not_need() {
    let json = r#"{"status":"0","message":null,"status_description":"fine","more":[1],"result":null}"#;
    let Envelope::Success(success) = read::<NoResult>(json) else {
        panic!("a success");
    };
    assert_eq!(success.message, "");
    assert_eq!(success.status_description.and_then(|d| d.message).as_deref(), Some("fine"));
}

#[test]
fn a_success_without_result_is_an_error_unless_nothing_is_expected() {
    for json in
        [r#"{"status":0,"message":"success"}"#, r#"{"result":null,"status":0}"#, r#"{"status":0,"result":null}"#]
    {
        for problem in [
            Envelope::<AccountAccessToken>::read(json.as_bytes()).err(),
            Envelope::<UserList>::read(json.as_bytes()).err(),
            Envelope::<crate::ExtraFields>::read(json.as_bytes()).err(),
            reader::read(json.as_bytes(), true, &mut reader::ResultSlot::<Value>(None)).err(),
        ] {
            assert_eq!(problem.expect(json).to_string(), "at `result`: it is missing", "{json}");
        }
        assert!(serde_json::from_str::<Envelope<AccountAccessToken>>(json).is_err(), "{json}");
        assert_eq!(read::<NoResult>(json).into_result(), Ok(NoResult), "{json}");
        assert_eq!(read::<Option<AccountAccessToken>>(json).into_result(), Ok(None), "{json}");
        assert_eq!(read::<Value>(json).into_result(), Ok(serde_json::json!({})), "{json}");
    }
    let token = read::<AccountAccessToken>(r#"{"status":0,"result":{}}"#).into_result();
    assert_eq!(token, Ok(AccountAccessToken::default()));
}

#[test]
fn a_result_without_its_list_is_an_error() {
    for (result, problem) in [
        ("{}", "at `result.users`: it is missing"),
        (r#"{"user":[]}"#, "at `result.users`: it is missing"),
        (r#"{"users":null}"#, "at `result.users`: expected a sequence"),
        (r#"{"users":{}}"#, "at `result.users`: expected a sequence"),
        ("[]", "at `result`: expected struct UserList with 1 element"),
    ] {
        for json in [format!(r#"{{"status":0,"result":{result}}}"#), format!(r#"{{"result":{result},"status":0}}"#)] {
            assert!(serde_json::from_str::<Envelope<UserList>>(&json).is_err(), "{json}");
            assert_eq!(Envelope::<UserList>::read(json.as_bytes()).expect_err(&json).to_string(), problem, "{json}");
        }
    }
}

#[test]
fn names_the_place_of_a_problem_but_not_its_value() {
    let problem = |json: &str| Envelope::<UserList>::read(json.as_bytes()).expect_err(json).to_string();
    let users = r#"{"result":{"users":[{},{"user_email":["s3cret, expected nothing"]}]},"status":0}"#;
    assert_eq!(problem(users), "at `result.users[1].user_email`: expected a string");
    assert_eq!(problem(r#"{"message":"s3cret"}"#), "missing field `status`");
    assert_eq!(problem(r#"{"status":"s3cret"}"#), "at `status`: the value cannot be used");
    assert_eq!(problem("<html>s3cret</html>"), "it is not JSON (line 1, column 1)");
    assert_eq!(problem(r#"{"message":"\ud800","status":0}"#), "it is not JSON (line 1, column 19)");
    assert_eq!(problem(r#"{"status":0}:"#), "it is not JSON (line 1, column 13)");
    assert_eq!(problem(r#"{"status":0,"result":{"use"#), "it ends too early (line 1, column 26)");
}

#[test]
fn an_operation_without_result_takes_any() {
    for result in ["null", "5", "\"text\"", "true", "[1,{}]", r#"{"more":{"of":[null]}}"#] {
        for json in [
            format!(r#"{{"status":0,"result":{result},"message":"m"}}"#),
            format!(r#"{{"result":{result},"status":0,"message":"m"}}"#),
        ] {
            for envelope in [Envelope::<NoResult>::read(json.as_bytes()).ok(), serde_json::from_str(&json).ok()] {
                assert_eq!(envelope.expect(&json), Envelope::success_with_message("m", NoResult), "{json}");
            }
        }
    }
}

#[test]
fn an_error_says_what_an_envelope_is() {
    for json in ["[]", "5", "null", "\"text\""] {
        for error in [
            Envelope::<NoResult>::read(json.as_bytes()).expect_err(json).to_string(),
            serde_json::from_str::<Envelope<NoResult>>(json).expect_err(json).to_string(),
        ] {
            assert!(error.contains("expected an object with `status` and `message`"), "{error}");
        }
    }
}

#[test]
fn two_statuses_are_none() {
    for json in [r#"{"status":0,"result":{},"status":1}"#, r#"{"status":1,"result":{},"status":0}"#] {
        assert!(serde_json::from_str::<Envelope<UserList>>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Envelope<NoResult>>(json).is_err(), "{json}");
    }
}

#[test]
fn encodes_what_it_decodes() {
    for json in [r#"{"status":0,"message":"User Deleted"}"#, r#"{"status":55,"message":"invalid credentials"}"#] {
        assert_eq!(serde_json::to_string(&read::<NoResult>(json)).expect(json), json);
    }
}

#[test]
fn a_result_is_encoded_and_a_missing_one_is_left_out() {
    let description = Some(StatusDescription { code: None, message: Some("longer".into()) });
    let success = |result: Value| Success { message: "m".into(), status_description: None, result };
    let fault = ApiFault { status_description: description, ..ApiFault::new(Status::NO_DATA, "none") };
    for (envelope, json) in [
        (Envelope::success(Value::from(1)), r#"{"status":0,"message":"success","result":1}"#),
        (Envelope::success_with_message("m", Value::Null), r#"{"status":0,"message":"m","result":null}"#),
        (Envelope::Success(success(Value::from(true))), r#"{"status":0,"message":"m","result":true}"#),
    ] {
        assert_eq!(serde_json::to_string(&envelope).expect(json), json);
        assert_eq!(envelope.status(), Status::OK);
    }
    let encoded = serde_json::to_value(Envelope::<Value>::from(fault)).expect("JSON");
    assert_eq!(encoded["status_description"]["message"], "longer", "{encoded}");
    assert_eq!(encoded.get("result"), None);
}

#[test]
fn shows_status_and_message_of_a_fault_without_its_secrets() {
    let key = "DAK0123456789abcdef0123456789abcdef";
    for (message, displayed) in [
        ("", "status 7"),
        ("no such user", "status 7: no such user"),
        (key, "status 7: ***"),
        ("key=a1", "status 7: key=***"),
    ] {
        let fault = ApiFault::new(Status(7), message);
        assert_eq!(fault.to_string(), displayed);
        let debug = format!("{fault:?}");
        assert!(debug.starts_with("ApiFault { status: ") && debug.ends_with(", .. }"), "{debug}");
        assert!(!debug.contains(key), "{debug}");
        let envelope = Envelope::<NoResult>::from(fault);
        assert_eq!((envelope.status(), envelope.message()), (Status(7), message));
    }
}

#[test]
fn masks_message_and_description_of_both_kinds() {
    let mut mask = SecretMask::default();
    mask.add("hunter22");
    let description = || Some(StatusDescription { code: None, message: Some("not hunter22".into()) });
    let message = || "hunter22 is wrong".to_owned();
    let success = Head { message: message().into(), status_description: description() };
    let fault = ApiFault { status: Status::NO_DATA, message: message(), status_description: description() };
    for head in [Ok(success), Err(fault)] {
        let (message, status_description) = match reader::masked(head, &mask) {
            Ok(head) => (head.message.into_owned(), head.status_description),
            Err(fault) => (fault.message, fault.status_description),
        };
        assert_eq!(message, "*** is wrong");
        assert_eq!(status_description.and_then(|description| description.message).as_deref(), Some("not ***"));
    }
}

#[test]
fn of_two_results_the_last_one_counts() {
    let users = r#"{"users":[{"user_id":"russ"}]}"#;
    for (first, second, is_read) in
        [("{}", users, true), (users, "{}", false), (users, "null", false), ("null", users, true), ("7", users, true)]
    {
        let json = format!(r#"{{"result":{first},"result":{second},"status":0}}"#);
        let one = Envelope::<UserList>::read(json.as_bytes());
        assert_eq!(one.is_ok(), is_read, "{json}");
        assert_eq!(one.ok(), serde_json::from_str(&json).ok(), "{json}");
        // A result that follows the status is read as what it is.
        let json = format!(r#"{{"result":{first},"status":0,"result":{second}}}"#);
        assert_eq!(Envelope::<UserList>::read(json.as_bytes()).ok(), serde_json::from_str(&json).ok(), "{json}");
    }
}

#[test]
fn no_name_that_the_service_chose_is_in_a_path() {
    let refused = r#"{"s3cret":{"$serde_json::private::RawValue":{"s3cret":7}}}"#;
    for json in [
        format!(r#"{{"status":0,"message":{refused}}}"#),
        format!(r#"{{"status":0,"result":{refused}}}"#),
        format!(r#"{{"result":[{refused}],"status":0}}"#),
    ] {
        let error = Envelope::<Value>::read(json.as_bytes()).expect_err(&json);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}
