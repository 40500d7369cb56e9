//! Quoting for a POSIX shell.

/// Quotes a text so that a shell takes it literally.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Quotes a text that a shell would change, and returns any other unchanged.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) { text.to_owned() } else { quoted(text) }
}

/// Stands for the `$` of a variable in a text for [`in_double_quotes`]: a private-use character, which occurs in no request.
pub(crate) const MARK: char = '\u{E000}';

/// Escapes a text for double quotes, with [`MARK`] as the `$` of a variable.
pub(crate) fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            MARK => quoted.push('$'),
            '\\' | '"' | '$' | '`' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted
}
