//! Parses lines such as `KANDY_USER_ID=russ`, in `.env` or on stdin.

mod read;
mod scan;

use kandy::Secret;

pub(super) use read::read;

/// A private-use character. After a `$` it cannot be part of a variable name.
const MARK: char = '\u{E000}';

/// Parses the assignments in a text. An invalid line is `Err(())`, because its text may be a secret.
///
/// A `$` is literal. dotenvy would expand variables, so a `.env` in a folder of a stranger could send the value of any
/// environment variable to its own base URL, and a secret with a `$` would be stored wrong.
pub(crate) fn entries(text: &str) -> Vec<Result<(String, Secret), ()>> {
    let plain = Secret::from(text.replace('$', &format!("${MARK}")));
    let entries = dotenvy::from_read_iter(plain.expose().as_bytes());
    // Where the parser removed the `$`, the mark remains.
    let value = |value: String| Secret::from(value.replace(&format!("${MARK}"), "$").replace(MARK, "$"));
    entries.map(|entry| entry.map(|(name, text)| (name, value(text))).map_err(drop)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_is_not_expanded() {
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
