//! Words of shell lines.
//!
//! Depends on nothing. Begin with `Word`.

use std::fmt;

/// A word of a line for a POSIX shell: in quotes if it needs them.
pub(super) struct Word<'a>(pub(super) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte);
        match !self.0.is_empty() && self.0.bytes().all(is_plain) {
            true => f.write_str(self.0),
            false => f.write_str(&quoted(self.0)),
        }
    }
}

/// Quotes a text so that a POSIX shell takes it literally.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_shell_would_change() {
        for (text, word) in [
            ("/home/russ/ca/cert.pem", "/home/russ/ca/cert.pem"),
            ("", "''"),
            ("/home/a b", "'/home/a b'"),
            ("a'b", r"'a'\''b'"),
            ("$HOME", "'$HOME'"),
            ("a\nb", "'a\nb'"),
            ("~/x", "'~/x'"),
            ("é", "'é'"),
        ] {
            assert_eq!(Word(text).to_string(), word);
        }
    }
}
