//! Finds the lines of this command in a `.env`, which other programs share, each with its own syntax.

/// The prefix of this command's variables.
const OWN_PREFIX: &[u8] = b"KANDY_";

/// An assignment to a variable of this command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    /// The number of its first line.
    pub(super) line: usize,
    /// Its text: several lines if the value is quoted.
    pub(super) text: &'a [u8],
}

/// Returns the assignments to variables of this command, in order.
///
/// Every other line is skipped, whatever is in it. A quoted value of another program is skipped as a whole, including lines
/// in it that look like assignments. A quote that is not closed, or is followed by something other than a comment, is part
/// of its line and does not reach further: `MOTTO='tis so` hides nothing.
pub(super) fn assignments(text: &[u8]) -> Vec<Assignment<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let first_line = &rest[..line_length(rest)];
        let length = statement_length(rest, first_line);
        if without_export(first_line).starts_with(OWN_PREFIX) {
            found.push(Assignment { line, text: &rest[..length] });
        }
        let length = length + line_end_length(&rest[length..]);
        line += count_lines(&rest[..length]);
        at += length;
    }
    found
}

/// Returns the length of the statement at the start of `rest`: one line, or more if a quoted value ends in a later one.
fn statement_length(rest: &[u8], first_line: &[u8]) -> usize {
    let is_comment = first_line.trim_ascii_start().starts_with(b"#");
    let separator = first_line.iter().position(|byte| b"=:".contains(byte)).filter(|_| !is_comment);
    let Some(separator) = separator else { return first_line.len() };
    let blanks = first_line[separator + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let value = separator + 1 + blanks;
    match quoted_length(&rest[value..], first_line.len() - value) {
        Some(length) => value + length + line_length(&rest[value + length..]),
        None => first_line.len(),
    }
}

/// Returns the length of the well-formed quoted value at the start of `text`, if there is one. Its first line has
/// `first_line` bytes.
fn quoted_length(text: &[u8], first_line: usize) -> Option<usize> {
    let quote = *text.first().filter(|byte| b"\"'`".contains(byte))?;
    let ends_well = |length: &usize| ends_statement(&text[*length..]);
    if text.starts_with(&[quote; 3]) {
        let close = text[3..].windows(3).position(|window| window == [quote; 3]);
        return close.map(|close| close + 6).filter(ends_well);
    }
    // Programs disagree on escapes, so try the readings in turn and take the first after which the statement ends.
    // A backslash does not always escape a quote: `'C:\folder\'`.
    let plain = text[1..].iter().position(|byte| *byte == quote).map(|close| close + 2);
    let mut escaped = false;
    let close = text[1..].iter().position(|byte| {
        let closes = *byte == quote && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    let plain_in_line = plain.filter(|length| *length <= first_line);
    let candidates = [plain_in_line, close.map(|close| close + 2), plain.filter(|_| quote == b'\'')];
    candidates.into_iter().flatten().find(ends_well)
}

/// Returns whether only a comment follows in the line.
fn ends_statement(rest: &[u8]) -> bool {
    let rest = rest[..line_length(rest)].trim_ascii();
    rest.is_empty() || rest.starts_with(b"#")
}

/// Returns a line without `export` and leading blanks.
fn without_export(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_start();
    match line.strip_prefix(b"export") {
        Some(rest) if rest.first().is_some_and(u8::is_ascii_whitespace) => rest.trim_ascii_start(),
        _ => line,
    }
}

/// Returns the length of a line without its line end.
fn line_length(text: &[u8]) -> usize {
    text.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(text.len())
}

/// Returns the length of a line end: LF, CR LF, or CR.
fn line_end_length(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] => 2,
        [_, ..] => 1,
        [] => 0,
    }
}

fn count_lines(text: &[u8]) -> usize {
    let is_end = |(at, byte): &(usize, &u8)| **byte == b'\n' || (**byte == b'\r' && text.get(at + 1) != Some(&b'\n'));
    text.iter().enumerate().filter(is_end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &str)> {
        let found = assignments(text.as_bytes()).into_iter();
        found.map(|found| (found.line, std::str::from_utf8(found.text).expect("UTF-8"))).collect()
    }

    /// None of these lines affects the line before or after it.
    #[test]
    fn foreign_lines_hide_nothing() {
        let others = [
            "",
            "# KANDY_A=1",
            "  # it's",
            "not an assignment at all",
            "MOTTO='tis so",
            "MOTTO=it's",
            "MOTTO=\"unclosed",
            "MOTTO=`unclosed",
            "PATH='C:\\folder\\'",
            "PATH=\"C:\\folder\\\"",
            "JSON={\"a\": \"b\"",
            "A=\"b\"c\"",
            "A=\"\"\"",
            "A=''''",
            "A B=C",
            "=",
            "= \"",
            "NAME: value",
            "NAME: \"",
            "[section]",
            "$env:KANDY_A = \"x\"",
            "set KANDY_A=1",
            "XKANDY_A=1",
            "KANDYA=1",
            "kandy_a=1",
            "exportKANDY_A=1",
            "A=KANDY_B=1",
            "LIST=(a b",
            "DOLLAR=${HOME",
            "\u{FEFF}",
            "ÄÖ='ü",
        ];
        for other in others {
            for end in ["\n", "\r\n", "\r"] {
                let text = ["KANDY_A=a", other, "KANDY_B='b'", "KANDY_C=\"c\"", "KANDY_D=`d`"].join(end);
                let wanted = [(1, "KANDY_A=a"), (3, "KANDY_B='b'"), (4, "KANDY_C=\"c\""), (5, "KANDY_D=`d`")];
                assert_eq!(found(&text), wanted, "{text:?}");
            }
        }
    }

    #[test]
    fn foreign_quoted_values_are_skipped() {
        let others = [
            "KEY=\"-----BEGIN\nKANDY_X=1\n-----END\"",
            "KEY='first\nKANDY_X=1'  # it's a comment",
            "KEY=`first\n  KANDY_X=1\n`",
            "KEY = \"\nexport KANDY_X=1\n\"",
            "export KEY=\"{\\\"a\\\":\nKANDY_X=\\\"1\\\"\n}\"",
            "KEY=\"\"\"\nKANDY_X=\"1\"\n\"\"\"",
            "KEY: \"\nKANDY_X=1\n\"",
            "KEY='it\\'s\nKANDY_X=1\nso'",
        ];
        for other in others {
            let text = format!("{other}\nKANDY_Y=2\n");
            let line = other.lines().count() + 1;
            assert_eq!(found(&text), [(line, "KANDY_Y=2")], "{text:?}");
            let crlf = text.replace('\n', "\r\n");
            assert_eq!(found(&crlf), [(line, "KANDY_Y=2")], "{crlf:?}");
        }
    }

    #[test]
    fn own_assignments_are_found_in_every_spelling() {
        for text in [
            "KANDY_A=1",
            "  KANDY_A=1",
            "\tKANDY_A = 1",
            "export KANDY_A=1",
            "  export \t KANDY_A=1",
            "KANDY_A='1'",
            "KANDY_A='1' # it's one",
            "KANDY_A=\"one\ntwo\"",
            "KANDY_A",
            "KANDY_A: 1",
            "KANDY_A='unclosed",
        ] {
            let whole = format!("A=b\n\n{text}\nB=\"c\"");
            assert_eq!(found(&whole), [(3, text)], "{whole:?}");
        }
    }

    #[test]
    fn skips_invalid_text() {
        let text = b"A=\xFF\xFE\0\nKANDY_A=1\n\x80KANDY_B=1\nKANDY_C=\xFF";
        let lines: Vec<_> = assignments(text).iter().map(|found| (found.line, found.text)).collect();
        assert_eq!(lines, [(2, &b"KANDY_A=1"[..]), (4, b"KANDY_C=\xFF")]);
    }
}
