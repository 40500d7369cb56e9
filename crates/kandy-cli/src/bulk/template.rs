//! Texts with placeholders, which the columns of a row fill: `Hello {first_name|there}`.
//!
//! Depends on the columns and on rows as they were read. Begin with [`Template::parse`].

use super::{column::shown, read::RawRow};

/// The maximum length of a filled text: as long as a row may be.
const MAX_LENGTH: usize = 1 << 20;

/// A text with placeholders.
///
/// `{name}` is the value of a column, `{name|default}` the default if that value is empty. `{{` and `}}` are braces. A value
/// is inserted as it is: braces in it have no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value { column: String, default: Option<String> },
}

impl Template {
    /// Parses a text. Returns why it is no template, and what to write instead.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let brace = if rest[at..].starts_with('{') { '{' } else { '}' };
            if let Some(doubled) = after.strip_prefix(brace) {
                plain.push(brace);
                rest = doubled;
                continue;
            }
            if brace == '}' {
                return Err(format!("`}}` at {} closes no placeholder; write }}}} for a brace", shown(&rest[at..])));
            }
            let Some((inside, behind)) = after.split_once('}') else {
                return Err(format!("the `{{` at {} is not closed; write {{{{ for a brace", shown(&rest[at..])));
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(placeholder(inside)?);
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Returns a text without placeholders.
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// Returns the names of the columns that it uses.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Value { column, .. } => Some(column.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Fills the placeholders from a row. Returns why that is not possible.
    pub(crate) fn fill(&self, row: &RawRow) -> Result<String, String> {
        let values = row.values();
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value { column, default } => {
                    // A value of blanks is as good as none: `Hello  !`.
                    let value = values.get(column)?.filter(|value| !value.trim().is_empty());
                    match (&value, default) {
                        (Some(value), _) => text.push_str(value),
                        (None, Some(default)) => text.push_str(default),
                        (None, None) => {
                            return Err(format!(
                                "column {} is empty, and the text needs it; write a value, or a default as in {{name|there}}",
                                shown(column)
                            ));
                        }
                    }
                }
            }
            if text.len() > MAX_LENGTH {
                return Err("the text is longer than 1 MiB".into());
            }
        }
        if text.is_empty() {
            return Err("the text is empty".into());
        }
        Ok(text)
    }
}

/// Parses what is between two braces.
fn placeholder(inside: &str) -> Result<Part, String> {
    let whole = || shown(&format!("{{{inside}}}"));
    let (name, default) = match inside.split_once('|') {
        Some((name, default)) => (name.trim(), Some(default.to_owned())),
        None => (inside.trim(), None),
    };
    if inside.contains('{') {
        return Err(format!(
            "the placeholder {} contains a brace; write {{{{ for a brace outside of placeholders",
            whole()
        ));
    }
    if name.is_empty() {
        return Err(format!("the placeholder {} names no column; write {{{{ and }}}} for braces", whole()));
    }
    Ok(Part::Value { column: name.to_owned(), default })
}

/// Returns the first placeholder in a text that names one of these columns: where the text is no template, its author may
/// think that it is one.
pub(crate) fn apparent_placeholder(text: &str, is_column: impl Fn(&str) -> bool) -> Option<String> {
    if !text.contains('{') {
        return None;
    }
    let candidates = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let mut names = candidates.map(|(inside, _)| inside.split_once('|').map_or(inside, |(name, _)| name).trim());
    names.find(|name| !name.is_empty() && is_column(name)).map(str::to_owned)
}

#[cfg(test)]
mod tests;
