//! Lines such as `KANDY_USER_ID=russ`, of a `.env` or of stdin.

mod read;
mod scan;

use kandy::Secret;

pub(super) use read::read;

/// A character that is left to private use. After a `$` it is no part of a name.
const MARK: char = '\u{E000}';

/// The names and values in a text, or that one cannot be understood: what is wrong with it may be a secret.
///
/// A `$` is a `$`. The parser would put in what the environment has, and so a `.env` that came with the folder of a
/// stranger would have it sent to where that file says; and what is stored of a secret would not be the secret.
pub(crate) fn entries(text: &str) -> Vec<Result<(String, Secret), ()>> {
    let plain = Secret::from(text.replace('$', &format!("${MARK}")));
    let entries = dotenvy::from_read_iter(plain.expose().as_bytes());
    // Where the parser took the `$` away, the mark is left.
    let value = |value: String| Secret::from(value.replace(&format!("${MARK}"), "$").replace(MARK, "$"));
    entries.map(|entry| entry.map(|(name, text)| (name, value(text))).map_err(drop)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_environment_gets_in() {
        let text = r#"
            export A=$PATH
            B="${PATH}x$"
            C='$PATH'
            D=\$PATH # costs $5
            E="one
two $A"
            F=a\\$$b
        "#;
        let entries: Vec<_> = entries(text).into_iter().map(|entry| entry.unwrap()).collect();
        let values: Vec<_> = entries.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        let wanted =
            [("A", "$PATH"), ("B", "${PATH}x$"), ("C", "$PATH"), ("D", "$PATH"), ("E", "one\ntwo $A"), ("F", r"a\$$b")];
        assert_eq!(values, wanted);
        assert!(super::entries("A='s3cret")[0].is_err());
    }
}
