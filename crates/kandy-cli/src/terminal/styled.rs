//! Texts of this program with styles, such as bold headings of help.

use super::{Lines, escape};

/// Keeps or removes styles, and escapes everything else that could control a terminal.
pub(super) fn shown(mut text: &str, styled: bool) -> String {
    let mut shown = String::new();
    while let Some(at) = text.find('\x1b') {
        shown.push_str(&escape(&text[..at], Lines::Many));
        text = &text[at..];
        let style = style(text);
        match style {
            Some(style) if styled => shown.push_str(style),
            Some(_) => {}
            None => shown.push_str(&escape(&text[..1], Lines::Many)),
        }
        text = &text[style.map_or(1, str::len)..];
    }
    shown.push_str(&escape(text, Lines::Many));
    shown
}

/// Removes the styles of a text.
pub(crate) fn without_styles(text: &str) -> String {
    shown(text, false)
}

/// Returns the style that a text begins with, such as `ESC [1;31m`: it can change the appearance only.
fn style(text: &str) -> Option<&str> {
    let numbers = text.strip_prefix("\x1b[")?;
    let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    numbers[end..].starts_with('m').then(|| &text[.."\x1b[".len() + end + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_styles_only() {
        let text = "\x1b[1merror:\x1b[0m a\x1b[2Jb\x1b]0;t\x07\u{9b}31m\n";
        assert_eq!(shown(text, true), "\x1b[1merror:\x1b[0m a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}\\u{9b}31m\n");
        assert_eq!(shown(text, false), "error: a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}\\u{9b}31m\n");
        assert_eq!(shown("\x1b", true), "\\u{1b}");
        assert_eq!(shown("\x1b[", true), "\\u{1b}[");
        assert_eq!(shown("\x1b[1", true), "\\u{1b}[1");
    }
}
