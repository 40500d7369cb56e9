//! Finds the status of an envelope that is still arriving, without decoding the rest.

use memchr::memchr2;
use serde::Deserialize;

use crate::status::Status;

impl Status {
    /// Returns the status of an envelope without decoding the rest: `None` if there is none, or if it has not arrived yet.
    ///
    /// It reads only up to the status, so the cost is small where the status is the first member.
    ///
    /// ```
    /// use kandy_sys::Status;
    ///
    /// assert_eq!(Status::scan(br#"{"result":{"status":5},"status":"10","mess"#), Some(Status::TOKEN_EXPIRED));
    /// assert_eq!(Status::scan(br#"{"result":{"status":5},"stat"#), None);
    /// ```
    pub fn scan(json: &[u8]) -> Option<Self> {
        Scanner { json, at: 0 }.status()
    }
}

/// Skips over the members of an object.
struct Scanner<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn status(&mut self) -> Option<Status> {
        self.expect(b'{')?;
        loop {
            let name = self.string()?;
            self.expect(b':')?;
            match name {
                b"status" => return serde_json::from_slice(self.value()?).ok(),
                // An escaped name may be `status`, so decode the text.
                name if name.contains(&b'\\') => return decoded(self.json),
                _ => drop(self.value()?),
            }
            self.expect(b',')?;
        }
    }

    /// Skips white space and this byte.
    fn expect(&mut self, byte: u8) -> Option<()> {
        while self.json.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        let is_here = self.json[self.at] == byte;
        self.at += usize::from(is_here);
        is_here.then_some(())
    }

    /// Skips a string, and returns the raw text between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let begin = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.json.get(self.at..)?)?;
            if self.json[self.at] == b'"' {
                self.at += 1;
                return Some(&self.json[begin..self.at - 1]);
            }
            self.at += 2;
        }
    }

    /// Skips a value, and returns it with surrounding white space. A number is complete only once something follows it.
    fn value(&mut self) -> Option<&'a [u8]> {
        let begin = self.at;
        let mut depth = 0_usize;
        loop {
            match self.json.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b',' | b'}' | b']' if depth == 0 => return Some(&self.json[begin..self.at]),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// Finds the status by decoding the whole text.
fn decoded(json: &[u8]) -> Option<Status> {
    #[derive(Deserialize)]
    struct Envelope {
        status: Status,
    }
    Some(serde_json::from_slice::<Envelope>(json).ok()?.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_status_at_any_position() {
        for (json, status) in [
            (r#"{"status":0,"message":"success"}"#, Some(0)),
            (r#" { "message" : "\"status\":10, }" , "status" : 55 } "#, Some(55)),
            (r#"{"result":{"status":10,"a":["}",{"b":"\\"}]},"status":"0"}"#, Some(0)),
            (r#"{"st\u0061tus":10}"#, Some(10)),
            (r#"{"result":[],"message":null}"#, None),
            (r#"{"status":{}}"#, None),
            (r#"{"status":[1,2]}"#, None),
            ("", None),
            ("null", None),
        ] {
            assert_eq!(Status::scan(json.as_bytes()).map(|status| status.0), status, "{json}");
            assert_eq!(Status::scan(json.as_bytes()), decoded(json.as_bytes()), "{json}");
        }
        assert_eq!(Status::scan(b"[10]"), None);
    }

    #[test]
    fn an_incomplete_envelope_has_no_wrong_status() {
        let json = r#"{"message":"a \"status\"","result":{"status":7},"status":10,"more":1}"#;
        for end in 0..json.len() {
            let status = Status::scan(&json.as_bytes()[..end]);
            let is_there = end > json.find(",\"more").expect("there");
            assert_eq!(status, is_there.then_some(Status::TOKEN_EXPIRED), "{}", &json[..end]);
        }
    }
}
