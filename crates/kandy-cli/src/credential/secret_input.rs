//! Reads secrets from a file, from stdin, or from a terminal without echo. Never from an argument, which other users of
//! the machine can see and which shells record.

use std::{
    env, fs,
    io::{self, BufRead, IsTerminal},
};

use kandy::Secret;

use super::decode;
use crate::failure::{Failure, Result};

/// Reads the secret in a file, or in one line of stdin for `-`. The line end is removed.
pub(crate) fn read_secret(file: &str) -> Result<Secret> {
    read_secret_named(file, file)
}

/// Reads a secret, calling the file `what` in errors: its name may be a secret that was given by mistake.
pub(crate) fn read_secret_named(file: &str, what: &str) -> Result<Secret> {
    if file == "-" {
        return secret_on_stdin();
    }
    let bytes = fs::read(file).map_err(|error| Failure::of_file(what, &error))?;
    let text = decode(bytes).map_err(|reason| Failure::local(format!("{what}: {reason}")))?;
    non_empty(text.expose().trim_end_matches(['\r', '\n']), what)
}

/// A secret of the environment.
pub(crate) struct SecretVariable {
    /// The variable that gives it.
    pub(crate) variable: String,
    /// Where it is, for messages: the variable, or the file that the variable names.
    pub(crate) place: String,
    pub(crate) secret: Secret,
}

/// Reads the secret of a variable, or of the file that is named by the variable with `_FILE` appended. `what` it is, for
/// messages.
pub(crate) fn secret_variable(name: &str, what: &str) -> Result<Option<SecretVariable>> {
    let read = |name: String| {
        let value = env::var_os(&name).filter(|value| !value.is_empty())?;
        Some(match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Failure::usage(format!("{name} is not UTF-8"))),
        })
    };
    match (read(name.to_owned()).transpose()?, read(format!("{name}_FILE")).transpose()?) {
        (Some((first, _)), Some((second, _))) => Err(given_twice(what, &first, &second)),
        (Some((variable, text)), None) => {
            Ok(Some(SecretVariable { place: variable.clone(), variable, secret: text.into() }))
        }
        (None, Some((variable, path))) => {
            let place = format!("the file in {variable}");
            let secret = read_secret_named(&path, &place)?;
            Ok(Some(SecretVariable { variable, place, secret }))
        }
        (None, None) => Ok(None),
    }
}

/// Returns the failure of a secret that two sources give.
pub(crate) fn given_twice(what: &str, first: &str, second: &str) -> Failure {
    Failure::usage(format!("{what} is given twice, by {first} and by {second}; remove one"))
}

/// Reads the next line of stdin, without echo on a terminal.
fn secret_on_stdin() -> Result<Secret> {
    if io::stdin().is_terminal() {
        return prompt_secret("Secret");
    }
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line).map_err(|error| Failure::of_file("stdin", &error))?;
    // A UTF-16 line end is not the byte that `read_until` stopped at, so only a part of the line was read.
    if line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF") {
        return Err(Failure::local("stdin: it is UTF-16, which some Windows shells write; send UTF-8"));
    }
    let line = decode(line).map_err(|reason| Failure::local(format!("stdin: {reason}")))?;
    non_empty(line.expose().trim_end_matches(['\r', '\n']), "stdin")
}

/// Prompts for a secret without echo.
pub(crate) fn prompt_secret(what: &str) -> Result<Secret> {
    non_empty(prompt_optional_secret(what)?.expose(), "the input")
}

/// Prompts for a secret that may be empty.
pub(crate) fn prompt_optional_secret(what: &str) -> Result<Secret> {
    let typed = rpassword::prompt_password(format!("{what}: "));
    typed.map(Secret::from).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Failure::Interrupted("interrupted".to_owned()),
        _ => Failure::of_file("the terminal", &error),
    })
}

fn non_empty(text: &str, place: &str) -> Result<Secret> {
    match text {
        "" => Err(Failure::usage(format!("{place}: it is empty"))),
        text => Ok(text.into()),
    }
}
