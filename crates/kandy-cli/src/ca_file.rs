//! The file of certificate authorities that calls trust beside those of the platform.

use std::fs;

use kandy::{Error, Kandy, KandyBuilder};

use crate::failure::{Failure, Result};

/// Creates a client that trusts the authorities in a file, if there is one. An error names the file.
pub(crate) fn build(builder: KandyBuilder, ca_file: Option<&str>) -> Result<Kandy> {
    let Some(file) = ca_file else { return Ok(builder.build()?) };
    let pem = fs::read(file).map_err(|error| Failure::of_input(format_args!("CA file {file}"), &error))?;
    match builder.root_certificate(pem).build() {
        Err(Error::Argument(error)) if error.argument() == "root_certificate" => {
            Err(Failure::usage(format!("CA file {file}: {}", error.reason())))
        }
        built => Ok(built?),
    }
}
