//! Values of CSV that spreadsheets would take for formulas.
//!
//! Spreadsheets evaluate a cell that begins with one of a few characters, even in quotes, so a value of another user could run
//! there as a formula (OWASP, "CSV Injection"). A leading apostrophe prevents that. It stays in the file, so reading has to
//! remove it again: [`escape`] and [`unescape`] are inverse for every value. Depends on nothing.

use std::borrow::Cow;

/// Returns whether a cell with this first character is evaluated: those of OWASP with their full-width forms.
fn begins_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// Returns whether a value is, after any number of apostrophes, one that a spreadsheet would evaluate.
fn is_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(begins_formula)
}

/// Returns whether a value has the form that [`escape`] returns for formulas.
pub(crate) fn is_escaped(value: &str) -> bool {
    value.starts_with('\'') && is_formula(value)
}

/// Puts an apostrophe before a formula, and before an escaped one, so that [`unescape`] returns each value as it was.
pub(crate) fn escape(value: &str) -> Cow<'_, str> {
    if is_formula(value) { format!("'{value}").into() } else { value.into() }
}

/// Removes the apostrophe of [`escape`].
pub(crate) fn unescape(value: &str) -> &str {
    if is_escaped(value) { &value[1..] } else { value }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The characters of OWASP's page on CSV injection.
    #[test]
    fn formulas_get_an_apostrophe() {
        for formula in
            ["=1+1", "+14055671234", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "＝1+1", "＠SUM", "'=1", "''+1", "="]
        {
            let escaped = escape(formula);
            assert_eq!(escaped, format!("'{formula}"));
            assert!(is_escaped(&escaped), "{formula:?}");
            assert_eq!(unescape(&escaped), formula);
        }
        for text in ["", "'", "''", "O'Neil", "'tis", "a=1", " =1", "1-2", "anna@example.com"] {
            assert_eq!((&*escape(text), unescape(text), is_escaped(text)), (text, text, false));
        }
    }

    proptest! {
        #[test]
        fn escaping_is_undone(value in "['=+@\\-\\t\\r\\nax]{0,6}") {
            let escaped = escape(&value);
            prop_assert_eq!(unescape(&escaped), &value);
            prop_assert!(!escaped.starts_with(begins_formula));
        }
    }
}
