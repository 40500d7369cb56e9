//! What users are told about a row whose call is refused before it is sent.

use kandy::{CallBuilder, Kandy};

use super::{read_csv, read_json};
use crate::bulk::read::{RawRow, ReadArguments};

/// Returns why a call is refused before it is sent.
fn refused<C: CallBuilder>(call: C) -> kandy::Error {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(call.preview()).map(drop).expect_err("it is refused")
}

fn of_csv(list: &str) -> RawRow {
    read_csv(list, 64, ReadArguments::default()).unwrap().remove(0).raw
}

fn of_json(object: &str) -> RawRow {
    read_json(object).unwrap().remove(0).raw
}

/// Users find the value by the column as their file spells it, and a password stays out of messages and files.
#[test]
fn refused_value_is_shown_with_its_column_unless_it_is_a_credential() {
    let kandy = Kandy::new().unwrap();
    let device = kandy.user_with_token("token").device("A149");
    let domain = kandy.domain("key", "secret");
    let destination = refused(device.send_sms("12a", "Hello"));
    let source = refused(device.send_sms("+12245556666", "Hello").from("1.2246E+10"));
    let password = refused(domain.create_user("russ").password("short"));
    for (error, row, shown) in [
        (&destination, of_csv("To,text\n12a,Hello\n"), "column \"To\": \"12a\" cannot be used: "),
        (&destination, of_csv("text, DESTINATION \nHello,12a\n"), "column \"DESTINATION\": \"12a\" cannot be used: "),
        (&destination, of_csv("to,text\n12a\n"), "column \"to\": \"12a\" cannot be used: "),
        (&source, of_csv("to;from\n1;\"1\u{1b}2\"\n"), "column \"from\": \"1\\u{1b}2\" cannot be used: "),
        (&password, of_csv("to,User_Password\nruss,short\n"), "column \"User_Password\": its value cannot be used: "),
        (&destination, of_json(r#"{"text":"Hello","To":"12a"}"#), "column \"To\": \"12a\" cannot be used: "),
        (&source, of_json(r#"{"to":"1","from":12}"#), "column \"from\": \"12\" cannot be used: "),
        (&source, of_json(r#"{"error":"a","from":"\u006112"}"#), "column \"from\": \"a12\" cannot be used: "),
        (&password, of_json(r#"{"user_password":"short"}"#), "column \"user_password\": its value cannot be used: "),
        (&password, of_json(r#"{"user_password":1234}"#), "column \"user_password\": its value cannot be used: "),
    ] {
        let kandy::Error::Argument(argument) = error else { panic!("{error}") };
        assert_eq!(row.explain(error), format!("{shown}{}", argument.reason()), "{row:?}");
    }
}

/// A value that the row leaves out is one of the command line, so the row is not to blame for it.
#[test]
fn error_about_no_value_of_the_row_stays_as_it_is() {
    let device = Kandy::new().unwrap().user_with_token("token").device("A149");
    let source = refused(device.send_sms("+12245556666", "Hello").from("1.2246E+10"));
    let country = refused(device.send_sms("2245556666", "Hello").default_country("XX"));
    for (error, row) in [
        (&source, of_csv("to,text\n1,Hello\n")),
        (&source, of_csv("to,source\n1,\n")),
        (&source, of_csv("to,source\n1\n")),
        (&source, of_json(r#"{"to":"1"}"#)),
        (&source, of_json(r#"{"to":"1","source":""}"#)),
        (&source, of_json(r#"{"to":"1","source":null}"#)),
        (&source, of_json(r#"{"to":"1","source":["1"]}"#)),
        (&source, of_json("{")),
        (&country, of_csv("to,source\n1,12a\n")),
        (&country, of_json(r#"{"to":"1","source":"12a"}"#)),
    ] {
        assert!(matches!(error, kandy::Error::Argument(_)), "{error}");
        assert_eq!(row.explain(error), error.to_string(), "{row:?}");
    }
}
