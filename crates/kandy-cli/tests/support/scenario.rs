use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use super::Stage;

/// What a scenario came to.
pub(crate) struct Ran {
    /// The operations that the emulator was asked for.
    pub(crate) operations: Vec<&'static str>,
    /// How it differs from what is written down.
    pub(crate) difference: Option<String>,
}

/// Runs a scenario, and writes it anew where that is asked for.
pub(crate) fn run(file: &Path) -> Ran {
    let expected = fs::read_to_string(file).unwrap();
    let stage = Stage::new();
    // What the stage itself asked for is not of the scenario.
    let before = stage.emulator.requests().len();
    let mut variables = BTreeMap::new();
    let mut actual = String::new();
    for line in expected.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            writeln!(actual, "{line}").unwrap();
            type_in(&stage, command, &mut variables, &mut actual);
        } else if let Some(failure) = line.strip_prefix("@ ") {
            writeln!(actual, "{line}").unwrap();
            stage.fail(failure);
        } else if line.is_empty() || line.starts_with('#') {
            writeln!(actual, "{line}").unwrap();
        }
    }
    let operations = stage.emulator.requests()[before..].iter().filter_map(|request| request.operation).collect();
    if actual == expected {
        return Ran { operations, difference: None };
    }
    if std::env::var_os("KANDY_UPDATE_SCENARIOS").is_some() {
        fs::write(file, actual).unwrap();
        return Ran { operations, difference: None };
    }
    Ran { operations, difference: Some(format!("{}:\n{}", file.display(), difference(&expected, &actual))) }
}

fn type_in(stage: &Stage, command: &str, variables: &mut BTreeMap<String, String>, actual: &mut String) {
    let assigned =
        command.split_once("=$(").filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    let (name, script) = match assigned {
        Some((name, rest)) => (Some(name), rest.strip_suffix(')').expect("the end of $(")),
        None => (None, command),
    };
    let code = stage.emulator.verification_codes().pop().map(|sent| sent.code).unwrap_or_default();
    let output = stage.program("sh").arg("-c").arg(script).envs(&*variables).env("CODE", code).output().unwrap();
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    match name {
        Some(name) => drop(variables.insert(name.to_owned(), stdout.trim_end().to_owned())),
        None => lines(actual, "", &stdout),
    }
    lines(actual, "! ", &String::from_utf8(output.stderr).expect("UTF-8"));
    match output.status.code() {
        Some(0) => {}
        Some(code) => writeln!(actual, "? {code}").unwrap(),
        None => writeln!(actual, "? {}", output.status).unwrap(),
    }
}

fn lines(to: &mut String, prefix: &str, text: &str) {
    for line in text.lines() {
        // What would be read as something else gets a blank, and so does what is empty.
        let escape = if prefix.is_empty() && (line.is_empty() || line.starts_with(['$', '!', '?', '#', '@', ' '])) {
            " "
        } else {
            ""
        };
        writeln!(to, "{prefix}{escape}{}", steady(line)).unwrap();
    }
}

/// A line without what differs from run to run.
pub(crate) fn steady(line: &str) -> String {
    let line = &without_durations(&without_times(line));
    let mut steady = String::new();
    for word in line.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')) {
        let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')).unwrap_or(word.len());
        let (word, rest) = word.split_at(end);
        let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
        let replaced = match word {
            _ if word.len() == 36 && word.matches('-').count() == 4 => "<uuid>",
            _ if word.len() >= 32 && is_hex(word.trim_start_matches(['D', 'A', 'U', 'K', 'S', 'T'])) => "<hex>",
            _ if word.len() == 13 && word.starts_with('1') && word.chars().all(|c| c.is_ascii_digit()) => "<time>",
            _ if steady.ends_with("127.0.0.1:") => "<port>",
            _ => word,
        };
        steady.push_str(replaced);
        steady.push_str(rest);
    }
    steady
}

/// A line with `<date>` and `<time>` in the place of what ISO 8601 says, such as `2026-12-24T10:20:30.123`.
fn without_times(line: &str) -> String {
    let like = |text: &str, form: &str| {
        text.len() >= form.len()
            && text.bytes().zip(form.bytes()).all(|(c, f)| if f == b'0' { c.is_ascii_digit() } else { c == f })
    };
    let (mut steady, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        if !like(rest, "2000-00-00") {
            steady.push(c);
            rest = &rest[c.len_utf8()..];
        } else if like(&rest[10..], "T00:00:00") {
            steady.push_str("<time>");
            rest = rest[19..].trim_start_matches(|c: char| c == '.' || c == 'Z' || c.is_ascii_digit());
        } else {
            steady.push_str("<date>");
            rest = &rest[10..];
        }
    }
    steady
}

/// A line with `<time>` in the place of how long something took: `in 3.4 s`.
fn without_durations(line: &str) -> String {
    let (mut steady, mut words) = (Vec::new(), line.split(' ').peekable());
    while let Some(word) = words.next() {
        let is_number = !word.is_empty() && word.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let unit = words.peek().map(|next| next.trim_end_matches([',', ';', '.', ':']));
        match unit {
            Some("ms" | "s") if is_number && steady.last() == Some(&"in") => {
                steady.push("<time>");
                words.next();
            }
            _ => steady.push(word),
        }
    }
    steady.join(" ")
}

fn difference(expected: &str, actual: &str) -> String {
    similar::TextDiff::from_lines(expected, actual).unified_diff().context_radius(3).to_string()
}
