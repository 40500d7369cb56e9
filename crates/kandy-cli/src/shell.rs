//! Quoting for a POSIX shell.

/// Quotes a text so that a shell takes it literally.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
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
