//! The text of the spec, with the chapter and line of each of its lines, so that an error names both. Begin with [`Source`].

use std::{collections::BTreeMap, fmt};

use crate::{Error, SPEC};

/// A line of a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Path below the root of the workspace.
    pub file: String,
    /// Number of the line.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The published spec, with the location of each line in its chapter.
#[derive(Debug)]
pub struct Source {
    text: String,
    lines: Vec<Option<Location>>,
    declared: BTreeMap<Declaration, Location>,
}

/// Something that the spec may declare only once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Declaration {
    Tag(String),
    Path(String),
    /// An operation, by path and method.
    Operation(String, String),
    /// A component, by section and name.
    Component(String, String),
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(name) => write!(f, "tag `{name}`"),
            Self::Path(path) => write!(f, "path `{path}`"),
            Self::Operation(path, method) => write!(f, "operation `{} {path}`", method.to_uppercase()),
            Self::Component(section, name) => write!(f, "`{name}` in components/{section}"),
        }
    }
}

impl Declaration {
    /// Returns how to correct a duplicate.
    fn advice(&self) -> &'static str {
        match self {
            Self::Path(_) => "write all methods of a path below one key, in one chapter",
            Self::Tag(_) | Self::Operation(..) | Self::Component(..) => "rename or remove one of the two",
        }
    }
}

impl Source {
    /// Reads the text of a published spec.
    ///
    /// # Errors
    ///
    /// When a tag, a path, an operation or a component is declared twice.
    pub fn published(text: &str) -> Result<Self, Error> {
        let location = |number| Some(Location { file: SPEC.into(), line: number });
        Self::of((1..).zip(text.lines()).map(|(number, line)| (line.to_owned(), location(number))).collect())
    }

    /// Returns a spec from lines, each with its location if it is from a chapter.
    pub(crate) fn of(lines: Vec<(String, Option<Location>)>) -> Result<Self, Error> {
        let declared = declared(&lines)?;
        let mut text = String::new();
        let mut locations = Vec::new();
        for (line, location) in lines {
            text.push_str(&line);
            text.push('\n');
            locations.push(location);
        }
        Ok(Self { text, lines: locations, declared })
    }

    /// Returns the text of the published spec.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the location of a line of the text.
    pub(crate) fn line(&self, number: usize) -> Option<&Location> {
        self.lines.get(number.checked_sub(1)?)?.as_ref()
    }

    /// Returns the location of a declaration.
    pub(crate) fn declared(&self, what: &Declaration) -> Option<&Location> {
        self.declared.get(what)
    }
}

/// Finds declarations by their indentation. In another layout, such as JSON, it finds none, and errors have no line.
fn declared(lines: &[(String, Option<Location>)]) -> Result<BTreeMap<Declaration, Location>, Error> {
    let mut declared: BTreeMap<Declaration, Location> = BTreeMap::new();
    let (mut outer, mut inner, mut innermost) = ("", "", "");
    for (line, location) in lines {
        if let Some(key) = key(line, 0) {
            (outer, inner, innermost) = (key, "", "");
        } else if let Some(key) = key(line, 2) {
            (inner, innermost) = (key, "");
        } else if let Some(key) = key(line, 4) {
            innermost = key;
        } else if outer == "paths" && key(line, 6) == Some("operationId") {
            // The location of an operation is that of its id, not of its method.
            if let Some(location) = location {
                declared.insert(Declaration::Operation(inner.into(), innermost.into()), location.clone());
            }
            continue;
        } else if outer != "tags" || !line.starts_with("  - name: ") {
            continue;
        }
        let what = match (outer, inner, innermost) {
            ("tags", ..) => match line.strip_prefix("  - name: ") {
                Some(name) => Declaration::Tag(unquoted(name.trim()).into()),
                None => continue,
            },
            ("paths", path, "") if !path.is_empty() => Declaration::Path(path.into()),
            ("paths", path, method) if !method.is_empty() => Declaration::Operation(path.into(), method.into()),
            ("components", section, name) if !name.is_empty() => Declaration::Component(section.into(), name.into()),
            _ => continue,
        };
        let Some(location) = location else { continue };
        if let Some(first) = declared.get(&what) {
            let reason = format!("duplicate, as it is declared at {first} already; {}", what.advice());
            return Err(Error::new(what.to_string(), reason).at(Some(location)));
        }
        declared.insert(what, location.clone());
    }
    Ok(declared)
}

/// Returns the key of a line with exactly this indentation, if it has one.
fn key(line: &str, indentation: usize) -> Option<&str> {
    let (indent, rest) = line.split_at_checked(indentation)?;
    if !indent.chars().all(|c| c == ' ') || rest.starts_with([' ', '#', '-', '{', '[']) {
        return None;
    }
    let key = rest.split_once(": ").map(|(key, _)| key).or_else(|| rest.trim_end().strip_suffix(':'))?;
    Some(unquoted(key))
}

fn unquoted(text: &str) -> &str {
    ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(text)
}
