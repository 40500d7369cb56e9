//! How secrets get in: from a file, from stdin, or from a terminal that does not show them. Never as an argument, which
//! other users of the machine see and which a shell remembers.

use std::{
    fs,
    io::{self, IsTerminal},
};

use kandy::Secret;

use crate::failure::{Failure, Result};

/// The secret in a file, or in a line of stdin for `-`. The end of the line is not part of it.
pub(crate) fn secret_in(file: &str) -> Result<Secret> {
    if file == "-" {
        return secret_on_stdin();
    }
    let text = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
    some(text.trim_end_matches(['\r', '\n']), file)
}

/// The next line of stdin, which a terminal does not show.
fn secret_on_stdin() -> Result<Secret> {
    if io::stdin().is_terminal() {
        return asked("Secret");
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| Failure::of_file("stdin", &error))?;
    some(line.trim_end_matches(['\r', '\n']), "stdin")
}

/// What is typed at a terminal, without being shown.
pub(crate) fn asked(what: &str) -> Result<Secret> {
    some(asked_if_any(what)?.expose(), "what was typed")
}

/// The same, where nothing may be typed.
pub(crate) fn asked_if_any(what: &str) -> Result<Secret> {
    let typed = rpassword::prompt_password(format!("{what}: "));
    typed.map(Secret::from).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Failure::Interrupted("interrupted".to_owned()),
        _ => Failure::of_file("the terminal", &error),
    })
}

fn some(text: &str, place: &str) -> Result<Secret> {
    match text {
        "" => Err(Failure::usage(format!("{place}: there is nothing in it"))),
        text => Ok(text.into()),
    }
}
