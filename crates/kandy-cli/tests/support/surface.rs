use std::process::Command;

/// A command, as its help tells.
pub(crate) struct Help {
    /// What leads to it, without `kandy`: `["user", "list"]`.
    pub(crate) path: Vec<String>,
    /// Its help.
    pub(crate) text: String,
    /// Whether there are commands below it.
    pub(crate) has_commands: bool,
}

/// The help of all commands, in the order in which it names them.
pub(crate) fn walk() -> Vec<Help> {
    let mut all = Vec::new();
    visit(Vec::new(), &mut all);
    all
}

fn visit(path: Vec<String>, all: &mut Vec<Help>) {
    // The width is that of no terminal, so that it is the same everywhere.
    let output =
        Command::new(env!("CARGO_BIN_EXE_kandy")).args(&path).arg("--help").env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "{path:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> = text
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    all.push(Help { path: path.clone(), text, has_commands: !names.is_empty() });
    for name in names {
        visit(path.iter().cloned().chain([name]).collect(), all);
    }
}
