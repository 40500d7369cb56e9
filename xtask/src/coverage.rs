//! What each layer has of each operation: read from the spec and from the sources, so that nobody keeps a list.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use syn::{Expr, ExprLit, ImplItem, Item, Lit, Type, Visibility};

use crate::{
    Error, Source,
    lower::{self, Operation},
    spec,
};

/// Where the table is, below the root of the workspace.
pub const COVERAGE: &str = "openapi/COVERAGE.md";

const CLIENT: &str = "crates/kandy/src";
const EMULATOR: &str = "crates/kandy-emulator/src";
const SNAPSHOTS: &str = "crates/kandy/tests/it/snapshots";
const GENERATED: &str = crate::GENERATED;

/// Makes the table, from the text of the spec and from the workspace at `root`.
///
/// # Errors
///
/// When the spec or a source cannot be read.
pub fn table(spec: &Source, root: &Path) -> Result<String, Error> {
    let spec = spec::read(spec)?;
    let lowered = lower::lower(&spec)?;
    let wrapped = wrapped(&root.join(CLIENT))?;
    let served = handled(&root.join(EMULATOR))?;
    let pinned = pinned(&root.join(SNAPSHOTS))?;
    let calls = calls(&root.join(GENERATED))?;
    let mut rows: Vec<Row> = Vec::new();
    for operation in &lowered.operations {
        rows.push(Row {
            operation,
            is_generated: calls.contains(&operation.id),
            wrapped_as: wrapped.get(&operation.id).cloned().unwrap_or_default(),
            has_behaviour: served.contains(&operation.id),
            is_pinned: pinned.contains(&operation.id),
        });
    }
    // The order of the spec is that of its tags.
    let tags: Vec<String> = spec.tags()?;
    let place = |row: &Row| tags.iter().position(|tag| *tag == row.operation.tag);
    rows.sort_by_key(|row| (place(row), row.operation.path.clone(), row.operation.id.clone()));
    Ok(written(&lowered.default_version, &rows))
}

/// What is known of one operation.
struct Row<'a> {
    operation: &'a Operation,
    is_generated: bool,
    wrapped_as: BTreeSet<String>,
    has_behaviour: bool,
    is_pinned: bool,
}

fn written(version: &str, rows: &[Row]) -> String {
    let (of_it, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.operation.version == version);
    let mut text = String::from(
        "# Coverage\n\nMade by `cargo xtask generate` from the spec and the sources. Do not edit.\n\n\
         * **generated**: the raw call in `kandy-sys`.\n\
         * **wrapped as**: the methods of `kandy` that send it.\n\
         * **served**: what the emulator does for it: *behaviour*, or the *example* of the spec.\n\
         * **snapshot**: the shape of its request is pinned.\n\n",
    );
    let total = |rows: &[&Row], what: fn(&Row) -> bool| rows.iter().filter(|row| what(row)).count();
    text += "| version | operations | generated | wrapped | behaviour | example | snapshot |\n|---|---|---|---|---|---|---|\n";
    let mut versions: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        versions.entry(&row.operation.version).or_default().push(row);
    }
    for (version, rows) in &versions {
        let _ = writeln!(
            text,
            "| {version} | {} | {} | {} | {} | {} | {} |",
            rows.len(),
            total(rows, |row| row.is_generated),
            total(rows, |row| !row.wrapped_as.is_empty()),
            total(rows, |row| row.has_behaviour),
            total(rows, |row| !row.has_behaviour),
            total(rows, |row| row.is_pinned),
        );
    }
    section(&mut text, version, &of_it);
    for (other, _) in versions.iter().filter(|(other, _)| **other != version) {
        let rows: Vec<_> = others.iter().copied().filter(|row| row.operation.version == **other).collect();
        section(&mut text, other, &rows);
    }
    text
}

fn section(text: &mut String, version: &str, rows: &[&Row]) {
    let _ = write!(
        text,
        "\n## {version}\n\n| operation | request | confidence | generated | wrapped as | served | snapshot |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let Operation { id, method, path, confidence, .. } = row.operation;
        let yes = |is: bool| if is { "yes" } else { "–" };
        let wrapped: Vec<_> = row.wrapped_as.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            text,
            "| `{id}` | `{method} {path}` | {confidence} | {} | {} | {} | {} |",
            yes(row.is_generated),
            if wrapped.is_empty() { "–".to_owned() } else { wrapped.join(", ") },
            if row.has_behaviour { "behaviour" } else { "example" },
            yes(row.is_pinned),
        );
    }
}

/// The public methods whose docs say that they send an operation, by operation.
fn wrapped(folder: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let mut wrapped: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources(folder)? {
        let file = parse(&path, &text)?;
        for item in &file.items {
            let Item::Impl(block) = item else { continue };
            let (None, Type::Path(of)) = (&block.trait_, &*block.self_ty) else { continue };
            let Some(handle) = of.path.segments.last().map(|segment| segment.ident.to_string()) else { continue };
            for item in &block.items {
                let ImplItem::Fn(function) = item else { continue };
                if !matches!(function.vis, Visibility::Public(_)) {
                    continue;
                }
                for operation in named(&docs(&function.attrs)) {
                    wrapped.entry(operation).or_default().insert(format!("{handle}::{}", function.sig.ident));
                }
            }
        }
    }
    Ok(wrapped)
}

/// The lines of a doc comment.
fn docs(attributes: &[syn::Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let syn::Meta::NameValue(meta) = &attribute.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &meta.value
        {
            text.push_str(line.value().trim());
            text.push('\n');
        }
    }
    text
}

/// The operations that docs name in a paragraph that begins with `Operation` or `Operations`.
fn named(docs: &str) -> Vec<String> {
    let paragraphs = docs.split("\n\n").map(str::trim);
    let about = paragraphs.filter(|text| text.starts_with("Operation `") || text.starts_with("Operations `"));
    about.flat_map(|text| text.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

/// The operations that the emulator has a handler for: the first column of its tables, which are all named `HANDLERS`.
fn handled(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let mut ids = BTreeSet::new();
    for (path, text) in sources(folder)? {
        let file = parse(&path, &text)?;
        for item in &file.items {
            let Item::Const(table) = item else { continue };
            if table.ident == "HANDLERS" {
                ids.extend(first_column(&table.expr)?);
            }
        }
    }
    Ok(ids)
}

/// The texts that the rows of a table, `&[("id", …), …]`, begin with.
fn first_column(table: &Expr) -> Result<Vec<String>, Error> {
    let unreadable = || Error::new(EMULATOR, "a table HANDLERS is not a list of (operation id, handler)");
    let Expr::Reference(reference) = table else { return Err(unreadable()) };
    let Expr::Array(rows) = &*reference.expr else { return Err(unreadable()) };
    let id = |row: &Expr| match row {
        Expr::Tuple(row) => match row.elems.first() {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(id), .. })) => Some(id.value()),
            _ => None,
        },
        _ => None,
    };
    rows.elems.iter().map(|row| id(row).ok_or_else(unreadable)).collect()
}

/// The operations whose raw call is generated.
fn calls(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let mut calls = BTreeSet::new();
    for (_, text) in sources(folder)? {
        let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("pub fn "));
        calls.extend(names.filter_map(|rest| rest.split(['<', '(']).next().map(str::to_owned)));
    }
    Ok(calls)
}

/// The operations that have a snapshot, in whatever form.
fn pinned(folder: &Path) -> Result<BTreeSet<String>, Error> {
    let failed = |e: std::io::Error| Error::new(SNAPSHOTS, e.to_string());
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".snap") {
            names.insert(name.split('@').next().unwrap_or_default().to_owned());
        }
    }
    Ok(names)
}

/// Parses a source. An error names the file; the compiler names the line.
fn parse(path: &Path, text: &str) -> Result<syn::File, Error> {
    syn::parse_file(text).map_err(|error| Error::new(path.display().to_string(), format!("not valid Rust: {error}")))
}

/// All Rust sources below a folder, with their paths.
fn sources(folder: &Path) -> Result<Vec<(PathBuf, String)>, Error> {
    let failed = |path: &Path, e: std::io::Error| Error::new(path.display().to_string(), e.to_string());
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| failed(folder, e))? {
        let path = entry.map_err(|e| failed(folder, e))?.path();
        if path.is_dir() {
            texts.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
            texts.push((path, text));
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_its_first_column() {
        let table = |text| first_column(&syn::parse_str(text).expect("an expression"));
        let rows = r#"&[("sms_send", Handler::User(sms_send)), ("user_get", Handler::User(|state, _, _| get(state)))]"#;
        assert_eq!(table(rows).expect("a table"), ["sms_send", "user_get"]);
        assert_eq!(table("&[]").expect("a table"), Vec::<String>::new());
        for other in ["TABLE", "[]", "&[ROW]", "&[(ID, handler)]", "&[(1, handler)]", "&[()]"] {
            assert!(table(other).is_err(), "{other}");
        }
    }
}
