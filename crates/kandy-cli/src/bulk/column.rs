//! The columns of an input file, and the values of one row.

use std::{collections::BTreeSet, sync::Arc};

use kandy_sys::holds_credential;

use crate::failure::{Failure, Result};

/// The advice for errors about unknown columns.
pub(super) const IGNORE_UNKNOWN: &str = "; --ignore-unknown-columns ignores others";

/// The number of known columns that an error names.
const MAX_NAMED: usize = 12;

/// The reason to refuse an escaped formula.
const ESCAPED: &str = "it begins with an apostrophe before a character that begins a formula, as an export with \
    --escape-formulas writes it; use --unescape-formulas to remove the apostrophe";

/// The columns of a CSV file, or the members of JSON objects. Names ignore case and surrounding blanks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// The columns that are used: each with its name, followed by aliases.
    pub(crate) used: &'static [&'static [&'static str]],
    /// The names of the required columns.
    pub(crate) required: &'static [&'static str],
    /// The names of known columns that are not used. A name that ends with `*` stands for all that begin with it.
    pub(crate) ignored: &'static [&'static str],
    /// The names of the used columns that are ids. Ids are sent unchanged, so a value with invisible characters is
    /// rejected.
    pub(crate) ids: &'static [&'static str],
}

/// Columns beside [`Columns`] that a list may have, because templates use their values.
#[derive(Clone, Debug, Default)]
pub(crate) enum OtherColumns {
    #[default]
    None,
    /// The columns that one template names.
    Named(Arc<[String]>),
    /// All columns: each row has a template of its own.
    Any,
}

/// All columns that a list may have.
#[derive(Clone, Debug)]
pub(crate) struct ListColumns {
    pub(super) columns: Columns,
    pub(super) others: OtherColumns,
}

impl From<Columns> for ListColumns {
    fn from(columns: Columns) -> Self {
        Self { columns, others: OtherColumns::None }
    }
}

impl OtherColumns {
    /// Returns the columns with these names, each once: a text may name a column any number of times.
    pub(crate) fn named<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: BTreeSet<_> = names.collect();
        Self::Named(names.into_iter().map(str::to_owned).collect())
    }

    /// Returns the names of the columns that the template of all rows uses.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Self::Named(names) => &names[..],
            Self::None | Self::Any => &[],
        };
        names.iter().map(String::as_str)
    }

    /// Returns whether a template uses the column with this name, as far as it is known before the rows are read.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.names().any(|named| is_same_name(named, name))
    }

    /// Returns whether a column with this name may be in a list.
    fn allows(&self, name: &str) -> bool {
        matches!(self, Self::Any) || self.is_named(name)
    }
}

impl ListColumns {
    pub(crate) fn new(columns: Columns, others: OtherColumns) -> Self {
        Self { columns, others }
    }

    /// Returns the index of the used column with this name; `None` if the column is ignored or for templates only.
    pub(super) fn find(&self, name: &str, ignore_unknown: bool) -> Result<Option<usize>, String> {
        self.columns.find(name, ignore_unknown || self.others.allows(name))
    }
}

/// Returns whether two names are those of one column.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// The values of one row, in the order of [`Columns::used`].
#[derive(Debug)]
pub(crate) struct Fields {
    columns: Columns,
    values: Vec<Option<String>>,
    /// The text of a card, whose values have no columns.
    card: Option<String>,
    /// The first column whose value begins like an escaped formula, and the value.
    escaped_formula: Option<(usize, String)>,
    /// The text that a [`Preparation`](super::Preparation) made of the row.
    text: Option<String>,
}

impl Columns {
    /// Returns the index of the used column with this name or alias.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        self.used.iter().position(|names| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Returns whether two names are those of the same used column.
    pub(super) fn is_same(&self, name: &str, other: &str) -> bool {
        self.position(name).is_some_and(|at| self.position(other) == Some(at))
    }

    /// Returns whether a column has this name, used or not.
    pub(super) fn is_known(&self, name: &str) -> bool {
        let name = name.trim();
        let is_it = |known: &&str| match known.strip_suffix('*') {
            Some(begin) => name.get(..begin.len()).is_some_and(|name| name.eq_ignore_ascii_case(begin)),
            None => known.eq_ignore_ascii_case(name),
        };
        self.position(name).is_some() || self.ignored.iter().any(is_it)
    }

    /// Returns the index of the used column with this name; `None` if the column is ignored.
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
        let mut known = names().take(MAX_NAMED).collect::<Vec<_>>().join(", ");
        if names().count() > MAX_NAMED {
            known.push_str(", …");
        }
        Err(format!("column {} is not known; {near}known columns: {known}", shown(name)))
    }

    /// Checks that a header has all required columns.
    pub(super) fn complete(&self, header: &[Option<usize>]) -> Result<(), String> {
        match self.required.iter().find(|name| !header.iter().flatten().any(|at| self.used[*at][0] == **name)) {
            Some(missing) => Err(format!("column {} is missing", self.called(missing))),
            None => Ok(()),
        }
    }

    /// Returns the index of the used column that an argument of the SDK comes from.
    pub(super) fn of_argument(&self, argument: &str) -> Option<usize> {
        self.used.iter().position(|names| {
            names
                .iter()
                .any(|name| *name == argument || name.strip_prefix("user_").is_some_and(|name| name == argument))
        })
    }

    /// Returns whether the values of a used column are credentials.
    pub(super) fn is_secret(&self, at: usize) -> bool {
        self.used[at].iter().any(|name| holds_credential(name))
    }

    /// Returns the name of a column with its aliases, for messages.
    fn called(&self, name: &str) -> String {
        let names = self.used.iter().find(|names| names[0] == name).copied().unwrap_or_default();
        names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" or ")
    }
}

impl Fields {
    pub(super) fn new(columns: Columns) -> Self {
        let values = columns.used.iter().map(|_| None).collect();
        Self { columns, values, card: None, escaped_formula: None, text: None }
    }

    /// Returns the row of a card.
    pub(super) fn of_card(columns: Columns, card: String) -> Self {
        Self { card: Some(card), ..Self::new(columns) }
    }

    /// Returns the text of a card.
    pub(crate) fn card(&self) -> Option<&str> {
        self.card.as_deref()
    }

    /// Notes that a value of CSV may be an escaped formula.
    pub(super) fn note_escaped_formula(&mut self, at: usize, value: &str) {
        self.escaped_formula.get_or_insert_with(|| (at, value.to_owned()));
    }

    /// Returns the reason to refuse a row with an escaped formula: without the option, it is not known whether the
    /// apostrophe belongs to the value.
    pub(crate) fn escaped_formula(&self) -> Option<String> {
        let (at, value) = self.escaped_formula.as_ref()?;
        let value = (!self.columns.is_secret(*at)).then_some(&**value);
        Some(refusal(self.columns.used[*at][0], value, ESCAPED))
    }

    /// Sets a value. An empty value counts as missing, because CSV cannot tell the two apart.
    pub(super) fn set(&mut self, at: usize, value: String) {
        self.values[at] = Some(value).filter(|value| !value.is_empty());
    }

    /// Checks that required values are present and that ids have no invisible characters. `name_of` returns the name
    /// that a used column has in the file, if it is in the file.
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

    /// Returns the value of a column.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let at = self.columns.used.iter().position(|names| names[0] == name)?;
        self.values[at].as_deref()
    }

    /// Sets the text that is made of the row.
    pub(crate) fn set_text(&mut self, text: String) {
        self.text = Some(text);
    }

    /// Returns the text that was made of the row.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Takes the text that was made of the row.
    pub(crate) fn take_text(&mut self) -> String {
        self.text.take().unwrap_or_default()
    }

    /// Takes the value of a column.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.columns.used.iter().position(|names| names[0] == name)?;
        self.values[at].take()
    }

    /// Takes the value of a required column.
    pub(crate) fn require(&mut self, name: &str) -> Result<String> {
        self.take(name).ok_or_else(|| Failure::local(format!("internal error: a row without {name:?} was accepted")))
    }
}

/// Returns the message for a value that cannot be used. Pass no `value` for credentials.
pub(crate) fn refusal(column: &str, value: Option<&str>, reason: &str) -> String {
    let column = shown(column);
    match value {
        Some(value) => format!("column {column}: {} cannot be used: {reason}", shown(value)),
        None => format!("column {column}: its value cannot be used: {reason}"),
    }
}

/// Quotes a text for a one-line message: control characters are escaped, and long texts are truncated.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Returns why an id could be mistaken for another one.
fn invisible(id: &str) -> Option<String> {
    // Most ids are visible ASCII.
    if id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
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
    fn names_ignore_case_and_blanks() {
        let columns = Columns { used: &[&["to", "destination"]], required: &[], ignored: &["error"], ids: &[] };
        for name in ["to", "TO", " to", "Destination\t", "\u{a0}DESTINATION "] {
            assert_eq!(columns.find(name, false), Ok(Some(0)), "{name:?}");
        }
        assert_eq!(columns.find(" Error", false), Ok(None));
        // Column names compare as ASCII: this one begins with the Kelvin sign.
        let kelvin = Columns { used: &[&["key"]], ..columns };
        assert!(kelvin.find("\u{212a}ey", false).is_err());
    }

    #[test]
    fn errors_name_some_columns_and_ignored_ones_may_be_many() {
        const MANY: &[&[&str]] = &[&["a", "b", "c", "d", "e", "f"], &["g", "h", "i", "j", "k", "l"], &["m"]];
        let columns = Columns { used: MANY, required: &[], ignored: &["address *", "title"], ids: &[] };
        let error = columns.find("Vorname", false).unwrap_err();
        assert!(error.ends_with("known columns: a, b, c, d, e, f, g, h, i, j, k, l, …"), "{error}");
        for name in ["address 1 - street", " Address 12 - City ", "TITLE"] {
            assert_eq!(columns.find(name, false), Ok(None), "{name}");
        }
        for name in ["address", "addres\u{df} 1", "titles", "an address 1"] {
            assert!(columns.find(name, false).is_err(), "{name}");
        }
        assert_eq!(columns.find("M", false), Ok(Some(2)));
    }

    #[test]
    fn escapes_and_truncates() {
        assert_eq!(shown("a\u{1b}[31m\n\u{202e}\"b"), r#""a\u{1b}[31m\n\u{202e}\"b""#);
        assert_eq!(shown(&"é".repeat(61)), format!("{:?}…", "é".repeat(60)));
        assert_eq!(shown(&"é".repeat(60)), format!("{:?}", "é".repeat(60)));
    }

    #[test]
    fn rejects_confusable_ids() {
        for id in ["a ", "\ta", "a\u{a0}", "a\0b", "a\u{200b}", "\u{feff}a", "a\u{202e}b", "a\nb", "a\u{7f}"] {
            assert!(invisible(id).is_some(), "{id:?}");
        }
        for id in ["a b", "zoe\u{308}", "名前", "😀", "a.b-c_d"] {
            assert_eq!(invisible(id), None, "{id:?}");
        }
    }
}
