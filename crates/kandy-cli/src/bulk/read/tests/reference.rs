//! An independent reader of RFC 4180, by recursive descent over the whole text, as the reference for the bulk reader.
//!
//! ```text
//! file   = *line-end [record *(1*line-end record)] *line-end
//! record = field *("," field)
//! field  = %x22 *(text / "," / CR / LF / 2%x22) %x22  /  *(text / quote that no blank comes before)
//! ```

/// Returns the records with their first lines; `Err` with the line that is rejected.
pub(super) fn read(text: &str, delimiter: char) -> Result<Vec<(u64, Vec<String>)>, ()> {
    let mut records = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(['\r', '\n']);
        if rest.is_empty() {
            return Ok(records);
        }
        let line = line_of(&text[..text.len() - rest.len()]);
        let mut values = Vec::new();
        loop {
            let (value, after) = field(rest, delimiter)?;
            values.push(value);
            match after.strip_prefix(delimiter) {
                Some(next) => rest = next,
                None => {
                    rest = after;
                    break;
                }
            }
        }
        records.push((line, values));
        if !(rest.is_empty() || rest.starts_with(['\r', '\n'])) {
            return Err(());
        }
    }
}

/// Returns the line after a text.
fn line_of(before: &str) -> u64 {
    before.replace("\r\n", "\n").chars().filter(|c| matches!(c, '\r' | '\n')).count() as u64 + 1
}

fn field(text: &str, delimiter: char) -> Result<(String, &str), ()> {
    let Some(mut quoted) = text.strip_prefix('"') else {
        let end = text.find([delimiter, '\r', '\n']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        let parts: Vec<&str> = value.split('"').collect();
        let opens = |before: &&str| before.ends_with(char::is_whitespace);
        return if parts[..parts.len() - 1].iter().any(opens) { Err(()) } else { Ok((value.to_owned(), rest)) };
    };
    let mut value = String::new();
    loop {
        let (inside, after) = quoted.split_once('"').ok_or(())?;
        value.push_str(inside);
        match after.strip_prefix('"') {
            Some(more) => {
                value.push('"');
                quoted = more;
            }
            None if after.is_empty() || after.starts_with([delimiter, '\r', '\n']) => return Ok((value, after)),
            None => return Err(()),
        }
    }
}

#[test]
fn accepts_only_strict_csv() {
    assert_eq!(
        read("a,b\r\n\r\n\"c\"\"\r\n\",\rd", ','),
        Ok(vec![(1, vec!["a".into(), "b".into()]), (3, vec!["c\"\r\n".into(), String::new()]), (5, vec!["d".into()]),])
    );
    for broken in ["\"a", "\"a\"b", "\"a\" ,b", "a, \"b\"", "a,x \"y\"", "\"a\"\"", "a\n\"b\nc\"d\n"] {
        assert_eq!(read(broken, ','), Err(()), "{broken:?}");
    }
    assert!(read("5\" pipe,b\"\"", ',').is_ok());
}
