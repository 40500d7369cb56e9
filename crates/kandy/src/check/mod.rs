//! Checks of arguments, before anything is sent. Each error names the argument, the problem and a valid form. Most
//! checks only accept or reject; those in `phone_number.rs` also normalise. Depends on `error` and `id`.

mod phone_number;

use kandy_sys::{NEW_PASSWORD, Secret};
pub(crate) use phone_number::{
    default_country, destination, national_number, number_without_country, numbering_plan, phone_number, source,
};

use crate::{ContentId, FullUserId, MessageId, Result, UserId, error::Error};

/// Checks that a text is not empty.
pub(crate) fn given(argument: &'static str, text: &str) -> Result<()> {
    match text.is_empty() {
        true => Err(Error::argument(argument, "it is empty")),
        false => Ok(()),
    }
}

/// The maximum length of a text in the query, in bytes. The HTTP stack limits a URL to 64 KiB, and three such texts,
/// percent-encoded at up to three bytes per byte, must fit.
pub(crate) const LONGEST_IN_QUERY: usize = 6 * 1024;

/// Checks that a text is not empty, and fits into the query.
pub(crate) fn fits_query(argument: &'static str, text: &str) -> Result<()> {
    given(argument, text)?;
    match text.len() > LONGEST_IN_QUERY {
        true => Err(Error::argument(argument, format!("it is longer than {LONGEST_IN_QUERY} bytes"))),
        false => Ok(()),
    }
}

/// Encodes texts as JSON lists for the query: at most `max_items` in each list, and each list short enough for the
/// query. No text may be empty.
pub(crate) fn lists_for_query<T>(
    argument: &'static str,
    items: &[T],
    text: impl Fn(&T) -> &str,
    max_items: usize,
) -> Result<Vec<String>> {
    let mut lists = Vec::<Vec<&str>>::new();
    // Of the texts only. Quotes and commas add a few bytes per item, for which the limit leaves room.
    let mut length = 0;
    for item in items {
        let text = text(item);
        fits_query(argument, text)?;
        match lists.last_mut() {
            Some(list) if list.len() < max_items && length + text.len() <= LONGEST_IN_QUERY => {
                length += text.len();
                list.push(text);
            }
            _ => {
                length = text.len();
                lists.push(vec![text]);
            }
        }
    }
    Ok(lists.into_iter().map(|list| serde_json::Value::from(list).to_string()).collect())
}

/// Checks that texts fit into one query together. They may be empty.
pub(crate) fn fit_query(texts: &[(&'static str, Option<&str>)]) -> Result<()> {
    let mut left = LONGEST_IN_QUERY;
    for (argument, text) in texts {
        let Some(rest) = left.checked_sub(text.map_or(0, str::len)) else {
            return Err(Error::argument(argument, format!("together they are longer than {LONGEST_IN_QUERY} bytes")));
        };
        left = rest;
    }
    Ok(())
}

/// Checks a user id without the domain.
pub(crate) fn user_id(argument: &'static str, user_id: &UserId) -> Result<()> {
    fits_query(argument, user_id.as_str())?;
    match user_id.as_str().contains('@') {
        true => Err(Error::argument(argument, "it contains `@`; give the part before it, without the domain name")),
        false => Ok(()),
    }
}

/// Checks a user id with the domain.
pub(crate) fn full_user_id(argument: &'static str, full_user_id: &FullUserId) -> Result<()> {
    given(argument, full_user_id.as_str())?;
    let parts: Vec<&str> = full_user_id.as_str().split('@').collect();
    match parts[..] {
        [user_id, domain_name] if !user_id.is_empty() && !domain_name.is_empty() => Ok(()),
        _ => Err(Error::argument(argument, "it is not of the form `user@domain.name`")),
    }
}

/// Checks a country: two letters of ISO 3166-1, or a country code with or without `+`.
pub(crate) fn country_code(argument: &'static str, code: &str) -> Result<()> {
    numbering_plan(argument, code).map(drop)
}

/// Checks the password of a new user.
pub(crate) fn new_password(argument: &'static str, password: &Secret) -> Result<()> {
    NEW_PASSWORD.check(password.expose()).map_err(|error| Error::argument(argument, error.to_string()))
}

/// Checks the id of a message: a UUID, unless it was received from the service.
pub(crate) fn message_id(argument: &'static str, id: &MessageId) -> Result<()> {
    fits_query(argument, id.as_str())?;
    match id.is_received() || uuid::Uuid::try_parse(id.as_str()).is_ok() {
        true => Ok(()),
        false => Err(Error::argument(argument, "it is not a UUID (32 hexadecimal digits, with or without hyphens)")),
    }
}

/// Checks the id of a file: a UUID.
pub(crate) fn content_id(argument: &'static str, id: &ContentId) -> Result<()> {
    fits_query(argument, id.as_str())?;
    match uuid::Uuid::try_parse(id.as_str()) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::argument(argument, "it is not a UUID (32 hexadecimal digits, with or without hyphens)")),
    }
}

/// Checks a MIME type: two names with a slash between them, and optional parameters.
pub(crate) fn mime_type(argument: &'static str, mime_type: &str) -> Result<()> {
    fits_query(argument, mime_type)?;
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    // The essence is the type without its parameters.
    let essence = mime_type.split(';').next().unwrap_or_default().trim_end();
    let is_one = essence.split_once('/').is_some_and(|(kind, name)| is_name(kind) && is_name(name));
    match is_one && mime_type.chars().all(|c| (' '..='~').contains(&c)) {
        true => Ok(()),
        false => Err(Error::argument(argument, "it is not a MIME type such as `image/png`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the reason of a refusal, without the name of the argument.
    fn refusal(checked: Result<()>) -> String {
        let error = checked.expect_err("refused").to_string();
        error.split_once("`argument` cannot be used: ").expect(&error).1.to_owned()
    }

    #[test]
    fn user_ids() {
        let check = |text: &str| user_id("argument", &text.into());
        assert!(check("russ").is_ok());
        assert!(check("13524096582").is_ok());
        assert!(refusal(check("")).contains("empty"));
        assert!(refusal(check("russ@example.com")).contains("before it"));
    }

    #[test]
    fn full_user_ids() {
        let check = |text: &str| full_user_id("argument", &text.into());
        assert!(check("russ@example.com").is_ok());
        for text in ["russ", "@example.com", "russ@", "russ@a@b", "@"] {
            assert!(refusal(check(text)).contains("user@domain.name"), "{text}");
        }
    }

    #[test]
    fn texts_that_share_a_query() {
        let half = "a".repeat(LONGEST_IN_QUERY / 2);
        let half = Some(half.as_str());
        assert!(fit_query(&[("first", half), ("second", None), ("argument", half)]).is_ok());
        assert!(refusal(fit_query(&[("first", half), ("second", half), ("argument", Some("a"))])).contains("together"));
        assert!(fit_query(&[("argument", Some(""))]).is_ok());
    }

    #[test]
    fn phone_numbers() {
        let check = |text: &str| phone_number("argument", text);
        for text in ["+12245556666", "2245556666", "+1 (224) 555-6666"] {
            assert!(check(text).is_ok(), "{text}");
        }
        assert!(refusal(check("+ ()")).contains("no digits"));
        assert!(refusal(check("12a")).contains("'a'"));
        assert!(refusal(check("12\u{1b}")).contains("'\\u{1b}'"));
        assert!(refusal(check("12\n34")).contains("more than one number"));
    }

    #[test]
    fn passwords_are_refused_without_being_shown() {
        let check = |text: &str| new_password("argument", &text.into());
        for text in ["b0e4c71d674744", "abcdef12", "(a)&'-.,?^_!@12"] {
            assert!(check(text).is_ok(), "{text}");
        }
        for text in
            ["", "abcde12", "abcdefghijklmnopqrs12", "abcdefg1", "12345678", "abcdef 12", "abcdéf12", "abcdef12\n"]
        {
            let refusal = refusal(check(text));
            assert!(text.is_empty() || !refusal.contains(text), "{refusal}");
        }
    }

    #[test]
    fn lists_are_short() {
        let lists = |texts: &[&str], most| lists_for_query("argument", texts, |text| text, most);
        assert_eq!(lists(&[], 2).expect("nothing"), Vec::<String>::new());
        assert_eq!(lists(&["a", "\"", "c"], 2).expect("fits"), [r#"["a","\""]"#, r#"["c"]"#]);
        let long = "a".repeat(LONGEST_IN_QUERY / 2 + 1);
        assert_eq!(lists(&[&long, &long], 2).expect("fits").len(), 2);
        assert!(refusal(lists(&["a", ""], 2).map(drop)).contains("empty"));
        assert!(refusal(lists(&[&long.repeat(2)], 2).map(drop)).contains("longer"));
    }

    #[test]
    fn message_ids() {
        let check = |text: &str| message_id("argument", &text.into());
        assert!(check("abc2fa752c3c4edf97de8b0a12f622f0").is_ok());
        assert!(check("abc2fa75-2c3c-4edf-97de-8b0a12f622f0").is_ok());
        assert!(check("no").is_err());
        assert!(message_id("argument", &MessageId::received("no".into())).is_ok());
        assert!(message_id("argument", &MessageId::received(String::new())).is_err());
    }

    #[test]
    fn texts_of_the_query_are_neither_empty_nor_too_long() {
        for (length, reason) in [
            (0, Some("it is empty")),
            (1, None),
            (LONGEST_IN_QUERY - 1, None),
            (LONGEST_IN_QUERY, None),
            (LONGEST_IN_QUERY + 1, Some("it is longer than 6144 bytes")),
        ] {
            let text = "a".repeat(length);
            let found = fits_query("argument", &text).err().map(|error| refusal(Err(error)));
            assert_eq!(found.as_deref(), reason, "{length}");
            let found = fit_query(&[("argument", Some(&text))]).is_ok();
            assert_eq!(found, length <= LONGEST_IN_QUERY, "{length}");
        }
    }

    #[test]
    fn a_list_is_full_at_its_limits() {
        let quarter = "a".repeat(LONGEST_IN_QUERY / 4);
        let more = "a".repeat(LONGEST_IN_QUERY / 4 + 1);
        for (texts, most, lengths) in [
            (&["a"; 6][..], 2, &[2, 2, 2][..]),
            (&["a"; 3], 3, &[3]),
            (&["a"; 4], 3, &[3, 1]),
            (&[&*quarter; 5], 9, &[4, 1]),
            (&[&*more, &quarter, &quarter, &quarter], 9, &[3, 1]),
            (&[&*more, &more, &more, &more, &more], 9, &[3, 2]),
        ] {
            let lists = lists_for_query("argument", texts, |text| text, most).expect("fits");
            let items = |list: &String| serde_json::from_str::<Vec<String>>(list).expect("a list").len();
            assert_eq!(lists.iter().map(items).collect::<Vec<_>>(), lengths, "{most}");
        }
    }

    #[test]
    fn files_and_their_types() {
        let is_id = |text: &str| content_id("argument", &text.into());
        assert!(is_id("abc2fa75-2c3c-4edf-97de-8b0a12f622f0").is_ok());
        assert!(refusal(is_id("")).contains("empty"));
        assert!(refusal(is_id("abc2fa75")).contains("not a UUID"));
        for (text, is_valid) in [
            ("image/png", true),
            ("text/plain; charset=utf-8", true),
            ("text/plain ;charset=utf-8", true),
            ("application/vnd.a+b-c_d", true),
            ("", false),
            ("image", false),
            ("image/", false),
            ("/png", false),
            ("/", false),
            ("image/png/x", false),
            ("image/p ng", false),
            ("image/png;\r\nX: y", false),
            ("image/png; ü", false),
        ] {
            assert_eq!(mime_type("argument", text).is_ok(), is_valid, "{text:?}");
        }
    }

    #[test]
    fn countries() {
        for (text, is_known) in [("US", true), ("gb", true), ("1", true), ("+44", true), ("", false), ("XX", false)] {
            assert_eq!(country_code("argument", text).is_ok(), is_known, "{text:?}");
            assert_eq!(default_country("argument", Some(text)).is_ok(), is_known && text.len() == 2 && text != "+1");
        }
        assert!(default_country("argument", None).is_ok_and(|plan| plan.is_none()));
    }
}
