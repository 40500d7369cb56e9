//! Reads stdin to its end.

use std::io::{self, Read};

use crate::failure::{Failure, Result};

/// Reads all of it as text.
pub(crate) fn text() -> Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| Failure::of_input("stdin", &error))?;
    Ok(text)
}

/// Reads all of it as text, without the line end of the last line.
pub(crate) fn text_without_line_end() -> Result<String> {
    let mut text = text()?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// Reads all of it as bytes.
pub(crate) fn bytes() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::of_input("stdin", &error))?;
    Ok(bytes)
}
