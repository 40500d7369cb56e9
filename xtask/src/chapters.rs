//! Merges the chapters of the spec, one for each tag, into the published file. Merging moves lines and changes none, so that
//! comments and folded texts are published unchanged. Begin with [`merge`].

use std::{collections::BTreeMap, path::Path};

use crate::{
    Error,
    source::{Location, Source},
};

/// The folder of the chapters, below the root of the workspace.
pub const CHAPTERS: &str = "openapi/chapters";

/// The chapter with the parts that concern the whole API.
const FRONT: &str = "api";

/// The other chapters, in the order of the published file.
const ORDER: [&str; 13] = [
    "account",
    "domain",
    "hunt_group",
    "verification",
    "user",
    "address_book",
    "directory",
    "presence",
    "device",
    "content",
    "group",
    "conversation",
    "session",
];

/// The chapters with operations of other API versions, which come last.
const OTHER_VERSIONS: [&str; 1] = ["v1_3"];

/// The parts of a chapter that are merged, in the order of the published file. A slash separates nested parts.
const PARTS: [&str; 6] = [
    "tags",
    "paths",
    "components/securitySchemes",
    "components/parameters",
    "components/responses",
    "components/schemas",
];

/// The lines of a part, each with its location in a chapter.
type Lines = Vec<(String, Option<Location>)>;

/// Reads the chapters in a directory and merges them.
///
/// # Errors
///
/// When a chapter is missing, unknown, not YAML or not in the form of a chapter, or when two declare the same.
pub fn read(directory: &Path) -> Result<Source, Error> {
    let failed = |path: &Path, e: std::io::Error| Error::new(path.display().to_string(), e.to_string());
    let mut chapters = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(|e| failed(directory, e))? {
        let path = entry.map_err(|e| failed(directory, e))?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        chapters.insert(name, std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?);
    }
    merge(chapters)
}

/// Merges chapters, given by name.
///
/// # Errors
///
/// When a chapter is missing, unknown, not YAML or not in the form of a chapter, or when two declare the same.
pub fn merge(mut chapters: BTreeMap<String, String>) -> Result<Source, Error> {
    let mut texts = Vec::new();
    for name in [FRONT].into_iter().chain(ORDER).chain(OTHER_VERSIONS) {
        let text = chapters.remove(name).ok_or_else(|| Error::new(CHAPTERS, format!("there is no `{name}.yaml`")))?;
        texts.push((name, text));
    }
    if let Some(name) = chapters.keys().next() {
        return Err(Error::new(
            CHAPTERS,
            format!("`{name}.yaml` is not in the order of chapters; add it to `ORDER` in xtask/src/chapters.rs"),
        ));
    }
    let mut front = Lines::new();
    let mut parts: BTreeMap<&str, Lines> = BTreeMap::new();
    for (name, text) in &texts {
        check_whole(name, text)?;
        split(name, text, &mut front, &mut parts)?;
    }
    // Duplicates first: the YAML parser would name only one of the two locations.
    let source = Source::of(published(front, parts))?;
    for (name, text) in &texts {
        check_yaml(name, text)?;
    }
    Ok(source)
}

/// Returns the path of a chapter.
fn file(name: &str) -> String {
    format!("{CHAPTERS}/{name}.yaml")
}

/// Rejects a chapter that an editor or a failed write has damaged, because its operations would be lost.
fn check_whole(name: &str, text: &str) -> Result<(), Error> {
    let location = Location { file: file(name), line: 1 };
    if text.starts_with('\u{feff}') {
        let reason = "it begins with a byte order mark; save it as UTF-8 without one";
        return Err(Error::new("the chapter", reason).at(Some(&location)));
    }
    if name != FRONT && !text.lines().any(|line| line.starts_with("paths:")) {
        let reason = "it has no `paths`; restore it, or remove the chapter from `ORDER` in xtask/src/chapters.rs";
        return Err(Error::new("the chapter", reason).at(Some(&location)));
    }
    Ok(())
}

/// Checks that a chapter alone is valid YAML, so that an error has the line of the chapter.
fn check_yaml(name: &str, text: &str) -> Result<(), Error> {
    let read = serde_yaml_ng::from_str::<serde_yaml_ng::Value>(text);
    read.map(drop).map_err(|error| {
        let line = error.location().map_or(1, |at| at.line());
        Error::new("it is not valid YAML", error.to_string()).at(Some(&Location { file: file(name), line }))
    })
}

/// Adds each line of a chapter to the part that it belongs to.
fn split(name: &str, text: &str, front: &mut Lines, parts: &mut BTreeMap<&str, Lines>) -> Result<(), Error> {
    let (mut outer, mut part) = ("", None);
    for (number, line) in (1..).zip(text.lines()) {
        let location = Location { file: file(name), line: number };
        let misplaced = |key: &str| Error::new(format!("`{key}`"), "it has no place in a chapter").at(Some(&location));
        if let Some(key) = key(line, "") {
            outer = key;
            part = PARTS.into_iter().find(|part| *part == key);
            if part.is_none() && key != "components" && name != FRONT {
                return Err(misplaced(key));
            }
            if part.is_some() || key == "components" {
                continue;
            }
        } else if outer == "components"
            && let Some(key) = key(line, "  ")
        {
            part = PARTS.into_iter().find(|part| part.strip_prefix("components/") == Some(key));
            if part.is_none() {
                return Err(misplaced(key));
            }
            continue;
        }
        let to = match part {
            Some(part) => parts.entry(part).or_default(),
            None => &mut *front,
        };
        to.push((line.to_owned(), Some(location)));
    }
    Ok(())
}

/// Returns the key of a line with this indentation, if it has one.
fn key<'a>(line: &'a str, indentation: &str) -> Option<&'a str> {
    let line = line.strip_prefix(indentation)?;
    let key = line.split(':').next()?;
    (line.contains(':') && key.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(key)
}

/// Returns the lines of the published spec. Lines that are in no chapter have no location.
fn published(front: Lines, mut parts: BTreeMap<&str, Lines>) -> Lines {
    let own = |line: &str| (line.to_owned(), None);
    let header =
        format!("# @generated by `cargo xtask generate` from {CHAPTERS}: the published form of the spec. Do not edit.");
    let mut lines = vec![own(&header), own("")];
    lines.extend(without_blank_ends(front));
    let mut outer = "";
    for part in PARTS {
        let Some(of_part) = parts.remove(part) else { continue };
        lines.push(own(""));
        match part.split_once('/') {
            None => lines.push(own(&format!("{part}:"))),
            Some((of, inner)) => {
                if outer != of {
                    lines.push(own(&format!("{of}:")));
                    outer = of;
                }
                lines.push(own(&format!("  {inner}:")));
            }
        }
        let mut of_part = of_part;
        while of_part.pop_if(|(line, _)| line.trim().is_empty()).is_some() {}
        lines.extend(of_part);
    }
    lines
}

fn without_blank_ends(mut lines: Lines) -> impl Iterator<Item = (String, Option<Location>)> {
    while lines.pop_if(|(line, _)| line.trim().is_empty()).is_some() {}
    lines.into_iter().skip_while(|(line, _)| line.trim().is_empty())
}
