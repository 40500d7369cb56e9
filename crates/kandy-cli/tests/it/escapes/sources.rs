//! Only the `terminal` module writes to stdout, stderr or a terminal.

use std::{fs, path::Path};

/// Code that writes there.
const WRITES: [&str; 15] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "stdout()",
    "stderr()",
    "Stdout::",
    "Stderr::",
    "/dev/tty",
    "/dev/std",
    "/dev/fd",
    ".print()",
    ".exit()",
    "prompt_password",
];

/// Exceptions: the file, the code, and the reason.
const ALLOWED: [(&str, &str, &str); 5] = [
    ("terminal/printer.rs", "stdout()", "it escapes"),
    ("terminal/properties.rs", "stdout()", "it only asks whether stdout is a terminal"),
    ("terminal/stderr.rs", "", "it escapes"),
    ("bulk/progress.rs", "stderr()", "a bar has numbers and nouns of the command; messages go through `eprint`"),
    ("credential/secret_input.rs", "prompt_password", "a prompt names a setting of the command"),
];

/// Returns the forbidden code in a source file.
fn found(path: &str, source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for (at, line) in lines {
        for write in WRITES {
            let is_there = line.match_indices(write).any(|(at, _)| {
                // `eprintln!` is not `println!`, but `io::stdout()` is `stdout()`.
                write.starts_with('.') || !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            });
            let is_allowed = ALLOWED.iter().any(|(file, allowed, _)| *file == path && write.contains(allowed));
            if is_there && !is_allowed {
                found.push(format!("{path}, line {}: {write}", at + 1));
            }
        }
    }
    found
}

fn visit(folder: &Path, below: &str, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            visit(&path, &format!("{name}/"), all);
        } else if name.ends_with(".rs") {
            all.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn only_the_terminal_module_prints() {
    let mut all = Vec::new();
    visit(&kandy_checkout::expect_root().join("crates/kandy-cli/src"), "", &mut all);
    assert!(all.len() > 50, "the sources were not found");
    let found: Vec<_> = all.iter().flat_map(|(path, source)| found(path, source)).collect();
    assert!(found.is_empty(), "print with `Output` or `eprint`, which escape:\n{}", found.join("\n"));
    for (file, _, _) in ALLOWED {
        assert!(all.iter().any(|(path, _)| path == file), "{file} is allowed, and is not there");
    }
}

#[test]
fn every_form_of_printing_is_found() {
    for line in [
        "println!(\"{name}\");",
        "std::eprintln!(\"{error}\");",
        "print!(\"{name}\");",
        "dbg!(&name);",
        "writeln!(io::stdout(), \"{name}\")?;",
        "let mut to = std::io::stderr().lock();",
        "let mut to = tokio::io::stdout();",
        "error.print().unwrap();",
        "Arguments::try_parse().unwrap_or_else(|error| error.exit());",
        "File::create(\"/dev/stderr\")?;",
        "rpassword::prompt_password(name)?;",
    ] {
        assert_eq!(found("command/new.rs", &format!("fn new() {{\n    {line}\n}}\n")).len(), 1, "{line}");
    }
    for line in ["// println!", "self.footprint!()", "eprint(error);", "child.stdout(Stdio::piped())"] {
        assert_eq!(found("command/new.rs", line), Vec::<String>::new(), "{line}");
    }
}
