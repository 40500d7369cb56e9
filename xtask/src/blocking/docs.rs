//! Rewrites docs and examples: `send()` instead of `await`, iterators instead of streams, and the types of `blocking`.

use std::collections::BTreeSet;

use syn::Attribute;

use super::forms::{Forms, RENAMED_METHODS};
use crate::render::doc_text;

/// Methods of all builders that return a future; the macro `request!` defines them.
const BUILDER_METHODS: &[&str] = &["with_response", "response_as", "preview"];

/// Functions of types that `blocking` shares, and their blocking forms.
const FUNCTIONS: &[(&str, &str)] = &[
    ("Attachment::open(", "Attachment::blocking_open("),
    ("MessageContent::upload(", "MessageContent::blocking_upload("),
];

/// The section on dropped futures: what cancels a blocking call is in the docs of the module.
const LEFT_OUT: &str = "# Cancel safety";

/// Words of prose.
const WORDS: &[(&str, &str)] = &[
    ("a stream", "an iterator"),
    ("The stream", "The iterator"),
    ("the stream", "the iterator"),
    ("it is awaited", "it is sent"),
    ("is polled", "is used"),
];

/// What docs are rewritten with.
pub(super) struct Docs<'a> {
    pub(super) forms: &'a Forms,
    pub(super) exported: &'a BTreeSet<String>,
}

impl Docs<'_> {
    /// Returns the docs among some attributes for the blocking form. `original` is the path of what they document, for an
    /// example that has no blocking form.
    pub(super) fn rewrite(&self, attributes: &[Attribute], original: &str) -> String {
        let mut rewritten = String::new();
        let (mut block, mut fence): (String, Option<String>) = (String::new(), None);
        let mut is_left_out = false;
        for line in lines(attributes) {
            if fence.is_none() && line.starts_with("# ") {
                is_left_out = line == LEFT_OUT;
            }
            if is_left_out {
                continue;
            }
            match fence.take() {
                None if line.trim_start().starts_with("```") => {
                    rewritten += &self.prose(&std::mem::take(&mut block));
                    fence = Some(line);
                }
                None => block += &format!("{line}\n"),
                Some(begin) if line.trim() == "```" => {
                    let block = std::mem::take(&mut block);
                    let code = if begin.contains("text") { Some(block) } else { self.example(&block) };
                    rewritten += &match code {
                        Some(code) => format!("{begin}\n{code}```\n"),
                        None => format!(
                            "[`kandy::{original}`](crate::{original}) has an example with `await`;\n\
                             [`Kandy::block_on`](crate::blocking::Kandy::block_on) runs such code.\n"
                        ),
                    };
                }
                Some(begin) => {
                    block += &format!("{line}\n");
                    fence = Some(begin);
                }
            }
        }
        rewritten += &self.prose(&block);
        rewritten.trim_end().to_owned()
    }

    /// Rewrites prose: its links and some words.
    pub(super) fn prose(&self, text: &str) -> String {
        let mut rewritten = String::new();
        let mut rest = text;
        // A link is `[label](target)`, or `[label]` with code that is its own target.
        while let Some(at) = rest.find(']') {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            let label = before.rfind('[').map_or("", |begin| &before[begin + 1..]);
            let code = label.strip_prefix('`').and_then(|label| label.strip_suffix('`'));
            let (target, after) = match (after.strip_prefix('('), code) {
                (Some(target), _) => match target.split_once(')') {
                    Some((target, after)) => (Some(target), after),
                    None => (None, after),
                },
                (None, Some(code)) => (Some(code), after),
                (None, None) => (None, after),
            };
            rewritten += before;
            rewritten.push(']');
            if let Some(target) = target {
                rewritten += &format!("({})", self.target(target));
            }
            rest = after;
        }
        rewritten += rest;
        WORDS.iter().fold(rewritten, |text, (word, other)| text.replace(word, other))
    }

    /// Rewrites the target of a link.
    fn target(&self, target: &str) -> String {
        let path = target.strip_prefix("crate::").unwrap_or(target);
        let (name, below) = path.split_once("::").map_or((path, None), |(name, below)| (name, Some(below)));
        let below = below.map(|method| match method {
            "try_next" => "next",
            method => RENAMED_METHODS.iter().find(|(from, _)| *from == method).map_or(method, |(_, to)| to),
        });
        let name = match self.forms.places.get(name) {
            Some((name, _)) => format!("crate::blocking::{name}"),
            None if self.exported.contains(name) => format!("crate::{name}"),
            None if name == "Self" => name.to_owned(),
            None => return target.to_owned(),
        };
        below.map_or(name.clone(), |below| format!("{name}::{below}"))
    }

    /// Rewrites an example. `None` if it has no blocking form.
    fn example(&self, code: &str) -> Option<String> {
        let mut code = code.replace("async fn ", "fn ").replace(".build()", ".build_blocking()");
        for (function, blocking) in FUNCTIONS {
            code = code.replace(function, blocking);
        }
        code = code.lines().map(loop_over).collect::<Option<String>>()?;
        for (method, blocking) in RENAMED_METHODS {
            code = code.replace(&format!(".{method}()"), &format!(".{blocking}()"));
        }
        let code = self.types(&self.calls(&code))?;
        // Raw calls are asynchronous.
        let is_async = ["async", "await", "tokio", "futures", ".raw()"].iter().any(|word| code.contains(word));
        (!is_async).then_some(code)
    }

    /// Replaces `await`: nothing after a method that is async itself, else `send()`.
    fn calls(&self, code: &str) -> String {
        const AWAIT: &str = ".await";
        let mut rewritten = String::new();
        for (at, part) in code.split(AWAIT).enumerate() {
            if at > 0 {
                let method = last_method(&rewritten);
                let is_sent = self.forms.async_methods.contains(method) || BUILDER_METHODS.contains(&method);
                match is_sent || method.starts_with("blocking_") {
                    true => rewritten.truncate(rewritten.trim_end().len()),
                    false => rewritten += ".send()",
                }
            }
            rewritten += part;
        }
        rewritten
    }

    /// Replaces `kandy::Device` by `kandy::blocking::Device`. `None` where a `use` lists several names.
    fn types(&self, code: &str) -> Option<String> {
        const CRATE: &str = "kandy::";
        let mut parts = code.split(CRATE);
        let mut rewritten = parts.next()?.to_owned();
        for part in parts {
            rewritten += CRATE;
            let end = part.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(part.len());
            let listed = part.strip_prefix('{').and_then(|list| list.split_once('}')).map_or("", |(list, _)| list);
            if listed.split(',').any(|name| self.forms.places.contains_key(name.trim())) {
                return None;
            }
            match self.forms.places.get(&part[..end]) {
                Some((name, _)) => rewritten += &format!("blocking::{name}{}", &part[end..]),
                None => rewritten += part,
            }
        }
        Some(rewritten)
    }
}

/// The lines of the docs, without the space after `///`.
fn lines(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for text in attributes.iter().filter_map(doc_text) {
        // An empty text is an empty line, of which `str::lines` has none.
        lines.extend(text.split('\n').map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()));
    }
    lines
}

/// Turns `while let Some(item) = stream.try_next().await? {` into a loop over an iterator. `None` if its pattern is not a
/// name.
fn loop_over(line: &str) -> Option<String> {
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    let Some((pattern, rest)) = code.strip_prefix("while let Some(").and_then(|rest| rest.split_once(") = ")) else {
        return Some(format!("{line}\n"));
    };
    if !pattern.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    if let Some(stream) = rest.strip_suffix(".try_next().await? {") {
        return Some(format!("{indent}for {pattern} in &mut {stream} {{\n{indent}    let {pattern} = {pattern}?;\n"));
    }
    let stream = rest.strip_suffix(".next().await {")?;
    Some(format!("{indent}for {pattern} in &mut {stream} {{\n"))
}

/// The name of the method or function whose call ends the code.
fn last_method(code: &str) -> &str {
    let mut depth = 0;
    let code = code.trim_end();
    let mut end = code.len();
    for (at, c) in code.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = at;
            break;
        }
    }
    let mut name = &code[..end];
    // `response_as::<T>()`
    if name.ends_with('>') {
        name = name.rsplit_once("::<").map_or(name, |(name, _)| name);
    }
    let begin = name.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    &name[begin..]
}
