//! [`FrameMask`]: masks credentials in frames, and changes nothing else in them.

use std::borrow::Cow;

use kandy_sys::{MASK, SecretMask, holds_credential, mask_credentials, may_hold_credential};
use serde::de::IgnoredAny;

/// Masks credentials in the frames of a channel: members with the name of a credential, the access tokens of the user,
/// words that have the form of a credential, and values after a name such as `password` in a text.
pub(crate) struct FrameMask {
    /// The access tokens of the user.
    tokens: SecretMask,
    shows_secrets: bool,
}

impl FrameMask {
    pub(crate) fn new(shows_secrets: bool) -> Self {
        Self { tokens: SecretMask::default(), shows_secrets }
    }

    /// Adds an access token.
    pub(crate) fn add(&mut self, token: &str) {
        self.tokens.add(token);
    }

    /// Masks a frame. JSON stays JSON, with its order, its numbers and its blanks.
    pub(crate) fn frame<'a>(&self, frame: &'a str) -> Cow<'a, str> {
        if self.shows_secrets {
            return frame.into();
        }
        match serde_json::from_str::<IgnoredAny>(frame) {
            Ok(_) => self.json(frame).into(),
            Err(_) => self.text(frame),
        }
    }

    /// Masks the scalars in valid JSON, token by token: a parsed value would lose digits of numbers and equal names.
    fn json(&self, json: &str) -> String {
        let mut masked = String::with_capacity(json.len());
        // Of each open object or list, whether it belongs to a member that holds a credential; and of the next value.
        let (mut open, mut is_secret) = (Vec::new(), false);
        let mut rest = json;
        while let Some(first) = rest.bytes().next() {
            let (token, after) = rest.split_at(token_length(rest));
            let is_name = first == b'"' && after.trim_start().starts_with(':');
            match first {
                b'{' | b'[' => open.push(is_secret),
                b'}' | b']' => drop(open.pop()),
                _ => {}
            }
            if is_name {
                is_secret |= serde_json::from_str::<String>(token).is_ok_and(|name| holds_credential(&name));
            } else if matches!(first, b'}' | b']' | b',') {
                is_secret = open.last().copied().unwrap_or_default();
            }
            match first {
                b'"' | b'-' | b'0'..=b'9' if is_secret && !is_name => masked.push_str(&quoted(MASK)),
                b'"' | b'-' | b'0'..=b'9' => masked.push_str(&self.scalar(token)),
                _ => masked.push_str(token),
            }
            rest = after;
        }
        masked
    }

    /// Masks a string or a number.
    fn scalar<'a>(&self, token: &'a str) -> Cow<'a, str> {
        // What is no text, such as a number or half of a surrogate pair, is kept or replaced as a whole.
        let text = serde_json::from_str::<String>(token);
        match self.text(text.as_deref().unwrap_or(token)) {
            masked if masked == text.as_deref().unwrap_or(token) => token.into(),
            masked if text.is_ok() => quoted(&masked).into(),
            _ => quoted(MASK).into(),
        }
    }

    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let masked = self.tokens.text(text);
        // That also masks 32 hexadecimal digits, which most ids are. They stay, unless the text may hold a credential.
        if may_hold_credential(text) || masked != SecretMask::default().text(text) {
            return masked;
        }
        mask_credentials(text)
    }
}

/// Returns the length of the string, the number or literal, the blanks or the sign that JSON begins with.
fn token_length(json: &str) -> usize {
    let is_sign = |c: char| "{}[]:,\"".contains(c);
    let first = json.chars().next().unwrap_or_default();
    match first {
        '"' => {
            let mut is_escaped = false;
            let end = json[1..].find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            end.map_or(json.len(), |end| 1 + end + 1)
        }
        first if is_sign(first) => first.len_utf8(),
        first => {
            let is_blank = first.is_ascii_whitespace();
            json.find(|c: char| is_sign(c) || c.is_ascii_whitespace() != is_blank).unwrap_or(json.len())
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn mask() -> FrameMask {
        let mut mask = FrameMask::new(false);
        mask.add("own.tok\"en/7");
        mask
    }

    #[test]
    fn credentials_are_masked_and_nothing_else() {
        for (frame, expected) in [
            (r#"{"payload":{"text":"password=hunter22, ok"}}"#, r#"{"payload":{"text":"password=***, ok"}}"#),
            (r#"{"payload":"password=a\\\"b\"c"}"#, r#"{"payload":"password=***\"b\"c"}"#),
            (r#"{"user_password" : "a", "b":1}"#, r#"{"user_password" : "***", "b":1}"#),
            (
                r#"{"tokens":["a",1,null,{"x":{}},[2]],"b":"a"}"#,
                r#"{"tokens":["***","***",null,{"x":{}},["***"]],"b":"a"}"#,
            ),
            (r#"{"to\u006ben":-1.5e3,"b":[1]}"#, r#"{"to\u006ben":"***","b":[1]}"#),
            (r#"{"a":"an own.tok\"en/7."}"#, r#"{"a":"an ***."}"#),
            (r#"{"a":"an own\u002etok\u0022en\/7."}"#, r#"{"a":"an ***."}"#),
            (r#"{"own.tok\"en/7":1}"#, r#"{"***":1}"#),
            (r#"{"a":"\ud800 own.tok\"en/7"}"#, r#"{"a":"***"}"#),
            ("no JSON: own.tok\"en/7, password=a", "no JSON: ***, password=***"),
        ] {
            assert_eq!(mask().frame(frame), expected);
        }
        let (token, other) = (format!("UAT{ID}"), format!("{{\"a\":\"xUAT{ID}y\",\"id\":\"{ID}\"}}"));
        assert_eq!(mask().frame(&token), "***");
        assert_eq!(mask().frame(&other), format!("{{\"a\":\"x***y\",\"id\":\"{ID}\"}}"));
    }

    #[test]
    fn other_frames_are_unchanged() {
        for frame in [
            "",
            "ping",
            "{\"message_type\":\"ping\"",
            " {\"b\" : 1.0,\n\"a\":[1e3,-0,12345678901234567890123, true,null],\t\"b\":\"\\u001b\u{202e}\\/\" } ",
            r#"{"session_id":"0123456789abcdef0123456789abcdef","full_user_id":"a@b.c"}"#,
            r#""\ud800""#,
            r#"{"a":"\\"}"#,
        ] {
            assert_eq!(mask().frame(frame), frame);
        }
        let mut all = FrameMask::new(true);
        all.add("own.token");
        assert_eq!(all.frame(r#"{"token":"own.token"}"#), r#"{"token":"own.token"}"#);
    }

    #[test]
    fn deep_frames_are_masked() {
        let depth = 400_000;
        let frame = format!("{}\"own.tok\\\"en/7\"{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(mask().frame(&frame), format!("{}\"***\"{}", "[".repeat(depth), "]".repeat(depth)));
    }

    proptest! {
        /// The same members are masked as in other output.
        #[test]
        fn members_are_masked_as_elsewhere(text in r#"[\[{"a]{0,3}[{"a:,0\\ \]}ü-]{0,40}"#, name in "token|a|key|secret") {
            let json = serde_json::json!({name: [{text.clone(): 1, "x": text}, 2], "other": 3});
            let mut expected = json.clone();
            kandy_sys::mask_json(&mut expected);
            let masked = FrameMask::new(false).frame(&json.to_string()).into_owned();
            prop_assert_eq!(serde_json::from_str::<Value>(&masked).expect("JSON"), expected);
        }
    }
}
