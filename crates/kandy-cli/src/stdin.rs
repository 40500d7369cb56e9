//! What comes on stdin.

use std::io::{self, Read};

use crate::failure::{Failure, Result};

/// All of it, which is a text.
pub(crate) fn text() -> Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| Failure::of_input("stdin", &error))?;
    Ok(text)
}

/// All of it, whatever it is.
pub(crate) fn bytes() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::of_input("stdin", &error))?;
    Ok(bytes)
}
