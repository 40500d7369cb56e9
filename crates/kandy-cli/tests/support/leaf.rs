use std::process::Command;

use super::surface;

/// A command that does something, and how it is used.
pub(crate) struct Leaf {
    /// What it is called, such as `domain token create`.
    pub(crate) name: String,
    /// What its help says in short.
    pub(crate) help: String,
}

/// Arguments for commands whose help does not say by itself what is needed.
const ARGUMENTS: &[(&str, &str)] = &[
    ("auth login", "new --from-env"),
    ("auth logout", "one"),
    ("auth use", "one"),
    ("domain create", "new.example.com --save-profile new"),
    ("message watch", "--until-empty"),
    ("user create", "someone --country-code US"),
];

/// All commands that do something.
pub(crate) fn leaves(kandy: &impl Fn() -> Command) -> Vec<Leaf> {
    let commands = surface::walk().into_iter().filter(|command| !command.has_commands);
    commands
        .map(|command| {
            let output = kandy().args(&command.path).arg("-h").output().unwrap();
            Leaf { name: command.path.join(" "), help: String::from_utf8(output.stdout).unwrap() }
        })
        .collect()
}

impl Leaf {
    /// Arguments that get it to the service.
    pub(crate) fn usual_arguments(&self, value: impl Fn(&str) -> String) -> Vec<String> {
        match ARGUMENTS.iter().find(|(name, _)| *name == self.name) {
            Some((_, arguments)) => arguments.split_whitespace().map(str::to_owned).collect(),
            None => self.arguments(value),
        }
    }

    /// Arguments that it takes: those that its usage asks for.
    pub(crate) fn arguments(&self, value: impl Fn(&str) -> String) -> Vec<String> {
        let usage = self.help.lines().find_map(|line| line.strip_prefix("Usage: kandy ")).unwrap();
        let mut arguments = Vec::new();
        self.fill(usage.strip_prefix(&*self.name).unwrap(), &value, &mut arguments);
        arguments
    }

    fn fill(&self, mut usage: &str, value: &impl Fn(&str) -> String, to: &mut Vec<String>) {
        while let Some(first) = usage.trim_start_matches([' ', '.']).chars().next() {
            usage = usage.trim_start_matches([' ', '.']);
            match first {
                '<' | '[' => {
                    let (inner, rest) = bracketed(usage);
                    usage = rest;
                    match inner {
                        "OPTIONS" => {}
                        // What may be left out is given too where it is no option.
                        option if option.starts_with('-') && first == '[' => {}
                        choice if choice.starts_with('-') || choice.contains('|') => {
                            self.fill(first_of(choice), value, to);
                        }
                        name => to.push(self.possible(name).unwrap_or_else(|| value(name))),
                    }
                }
                '-' => {
                    let (option, rest) = usage.split_once([' ', '=']).unwrap_or((usage, ""));
                    to.push(option.to_owned());
                    usage = rest;
                }
                _ => {
                    let (name, rest) = usage.split_once(' ').unwrap_or((usage, ""));
                    to.push(value(name));
                    usage = rest;
                }
            }
        }
    }

    /// The first value that is possible, if the help lists them.
    fn possible(&self, name: &str) -> Option<String> {
        let (_, at) = self.help.split_once(&format!("<{name}> "))?;
        let about: Vec<_> = at.lines().take_while(|line| !line.is_empty()).collect();
        let about = about.join(" ");
        let about = about.split(" --").next()?;
        let (_, values) = about.split_once("[possible values: ")?;
        values.split([',', ']']).next().map(str::to_owned)
    }
}

/// What is between the brackets that a text begins with, and what comes after them.
fn bracketed(text: &str) -> (&str, &str) {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[1..at], &text[at + 1..]);
        }
    }
    (&text[1..], "")
}

/// The first of several forms.
fn first_of(choice: &str) -> &str {
    let mut depth = 0_i32;
    for (at, c) in choice.char_indices() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth -= 1,
            '|' if depth == 0 => return &choice[..at],
            _ => {}
        }
    }
    choice
}
