use kandy_sys::SECRET_FIELDS;

use crate::failure::{Failure, Result};

/// What helps where unknown columns are in the way.
pub(super) const IGNORE_UNKNOWN: &str = "; --ignore-unknown-columns ignores others";

/// The columns of a file, or the members of its objects. Their names may be written in any case and with blanks around.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// What is used: each with its name, and others that it may be called.
    pub(crate) used: &'static [&'static [&'static str]],
    /// What has to be there, by name.
    pub(crate) required: &'static [&'static str],
    /// What is known and not used.
    pub(crate) ignored: &'static [&'static str],
    /// RejectedKind of the used ones are ids, by name. They are taken as they are, so what cannot be seen in them is refused.
    pub(crate) ids: &'static [&'static str],
}

/// The values of one row, in the order of the columns that are used.
#[derive(Debug)]
pub(crate) struct Fields {
    columns: Columns,
    values: Vec<Option<String>>,
}

impl Columns {
    /// RejectedKind of the used columns a name stands for.
    fn position(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        self.used.iter().position(|names| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Whether a name is that of a column, used or not.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.position(name).is_some() || self.ignored.iter().any(|known| known.eq_ignore_ascii_case(name.trim()))
    }

    /// RejectedKind of the used columns a name stands for; none if it is passed over.
    pub(super) fn find(&self, name: &str, ignore_unknown: bool) -> Result<Option<usize>, String> {
        if ignore_unknown || self.is_known(name) {
            return Ok(self.position(name));
        }
        let names = || self.used.iter().flat_map(|names| names.iter().copied());
        let near = names()
            .map(|known| (strsim::damerau_levenshtein(known, &name.trim().to_lowercase()), known))
            .min()
            .filter(|(distance, known)| *distance <= known.len() / 3)
            .map(|(_, known)| format!("did you mean {known:?}? "))
            .unwrap_or_default();
        let known = names().collect::<Vec<_>>().join(", ");
        Err(format!("column {} is not known; {near}known columns: {known}", shown(name)))
    }

    /// That what has to be there is among the columns of a file.
    pub(super) fn complete(&self, header: &[Option<usize>]) -> Result<(), String> {
        match self.required.iter().find(|name| !header.iter().flatten().any(|at| self.used[*at][0] == **name)) {
            Some(missing) => Err(format!("column {} is missing", self.called(missing))),
            None => Ok(()),
        }
    }

    /// The used column that an argument of the SDK comes from.
    pub(super) fn of_argument(&self, argument: &str) -> Option<usize> {
        self.used.iter().position(|names| {
            names
                .iter()
                .any(|name| *name == argument || name.strip_prefix("user_").is_some_and(|name| name == argument))
        })
    }

    /// Whether values of a used column must not be shown.
    pub(super) fn is_secret(&self, at: usize) -> bool {
        self.used[at].iter().any(|name| SECRET_FIELDS.contains(name))
    }

    /// A name with others for the same.
    fn called(&self, name: &str) -> String {
        let names = self.used.iter().find(|names| names[0] == name).copied().unwrap_or_default();
        names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" or ")
    }
}

impl Fields {
    pub(super) fn new(columns: Columns) -> Self {
        Self { columns, values: vec![None; columns.used.len()] }
    }

    /// Sets a value. An empty one is none, as CSV cannot tell them apart.
    pub(super) fn set(&mut self, at: usize, value: String) {
        self.values[at] = Some(value).filter(|value| !value.is_empty());
    }

    /// That what has to be there is, and that ids are such. `name_of` is what a used column is called in the file, where
    /// it is there.
    pub(super) fn complete(self, name_of: impl Fn(usize) -> Option<String>) -> Result<Self, String> {
        for (at, (names, value)) in self.columns.used.iter().zip(&self.values).enumerate() {
            let name = names[0];
            match value {
                None if self.columns.required.contains(&name) => {
                    return Err(match name_of(at) {
                        Some(name) => format!("column {} is empty", shown(&name)),
                        None => format!("{} is missing", self.columns.called(name)),
                    });
                }
                Some(value) if self.columns.ids.contains(&name) => {
                    if let Some(reason) = invisible(value) {
                        let name = name_of(at).unwrap_or_else(|| name.to_owned());
                        return Err(refusal(&name, Some(value), &reason));
                    }
                }
                _ => {}
            }
        }
        Ok(self)
    }

    /// Takes a value out, by the name of its column.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.columns.used.iter().position(|names| names[0] == name)?;
        self.values[at].take()
    }

    /// Takes out a value that has to be there.
    pub(crate) fn require(&mut self, name: &str) -> Result<String> {
        self.take(name).ok_or_else(|| Failure::local(format!("internal error: a row without {name:?} was accepted")))
    }
}

/// That a value cannot be used. It is not given where it must not be shown.
pub(super) fn refusal(column: &str, value: Option<&str>, reason: &str) -> String {
    let column = shown(column);
    match value {
        Some(value) => format!("column {column}: {} cannot be used: {reason}", shown(value)),
        None => format!("column {column}: its value cannot be used: {reason}"),
    }
}

/// A text in quotes, for one line of a message: what cannot be printed is escaped, and what is long is cut.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Why an id looks like another that it is not.
fn invisible(id: &str) -> Option<String> {
    if id.starts_with(char::is_whitespace) || id.ends_with(char::is_whitespace) {
        return Some("it starts or ends with a space; remove the space".into());
    }
    let is_invisible = |c: &char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    id.chars().find(is_invisible).map(|c| format!("it contains the invisible character {c:?}; remove it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_with_blanks() {
        let columns = Columns { used: &[&["to", "destination"]], required: &[], ignored: &["error"], ids: &[] };
        for name in ["to", "TO", " to", "Destination\t", "\u{a0}DESTINATION "] {
            assert_eq!(columns.find(name, false), Ok(Some(0)), "{name:?}");
        }
        assert_eq!(columns.find(" Error", false), Ok(None));
        // Names are compared as ASCII: this one begins with the sign of Kelvin.
        let kelvin = Columns { used: &[&["key"]], ..columns };
        assert!(kelvin.find("\u{212a}ey", false).is_err());
    }

    #[test]
    fn what_cannot_be_printed_is_escaped_and_what_is_long_is_cut() {
        assert_eq!(shown("a\u{1b}[31m\n\u{202e}\"b"), r#""a\u{1b}[31m\n\u{202e}\"b""#);
        assert_eq!(shown(&"é".repeat(61)), format!("{:?}…", "é".repeat(60)));
        assert_eq!(shown(&"é".repeat(60)), format!("{:?}", "é".repeat(60)));
    }

    #[test]
    fn ids_that_look_like_others_are_refused() {
        for id in ["a ", "\ta", "a\u{a0}", "a\0b", "a\u{200b}", "\u{feff}a", "a\u{202e}b", "a\nb", "a\u{7f}"] {
            assert!(invisible(id).is_some(), "{id:?}");
        }
        for id in ["a b", "zoe\u{308}", "名前", "😀", "a.b-c_d"] {
            assert_eq!(invisible(id), None, "{id:?}");
        }
    }
}
