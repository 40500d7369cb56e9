//! Opens the text of a list. Depends on `text` and `error_message`.

use std::io::Read;

use super::{ReadArguments, error_message, text::Text};
use crate::failure::{Failure, Result};

/// Begins to read a list, and decodes it. `name` is that of the file, for the error.
pub(super) fn open_text(name: &str, bytes: Box<dyn Read + Send>, arguments: ReadArguments) -> Result<Text> {
    Text::open(bytes, arguments.encoding)
        .map_err(|error| Failure::usage(format!("{name}, line 1: {}", error_message::text_reason(&error, "it", None))))
}
