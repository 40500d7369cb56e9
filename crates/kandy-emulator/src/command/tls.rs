//! The options of TLS.
//!
//! Depends on `tls` and `command::listen`. Begin with `TlsOptions`.

use std::path::PathBuf;

use clap::Args;
use etcetera::AppStrategy;

use super::{Error, listen::Listen};
use crate::Tls;

// No doc comment here: clap would print it as the description of the program that flattens these options.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct TlsOptions {
    /// Serve HTTPS in place of HTTP, with a certificate for localhost, 127.0.0.1, ::1 and api.kandy.io; prints how
    /// clients trust it
    #[arg(long)]
    tls: bool,
    /// Another host name or address for the certificate; may be repeated
    #[arg(long, value_name = "NAME", requires = "tls", value_parser = Tls::check_name)]
    tls_name: Vec<String>,
    /// Directory of the certificate authority, which the first start makes there (default: one in the user's data
    /// directory)
    #[arg(long, value_name = "DIR", requires = "tls")]
    tls_dir: Option<PathBuf>,
}

impl TlsOptions {
    /// Returns the settings for a server that listens there; none without `--tls`.
    pub(super) fn settings(&self, listen: &Listen) -> Result<Option<Tls>, Error> {
        if !self.tls {
            return Ok(None);
        }
        let directory = match &self.tls_dir {
            Some(directory) => directory.clone(),
            None => data_directory()?,
        };
        // What is printed for clients has to work in their working directories, too.
        let directory = std::path::absolute(&directory).unwrap_or(directory);
        let names = self.tls_name.iter().map(String::as_str).chain(listen.name());
        Ok(Some(names.fold(Tls::in_directory(directory), Tls::name)))
    }
}

/// The directory that the platform has for data of this program.
pub(super) fn data_directory() -> Result<PathBuf, Error> {
    let names = etcetera::AppStrategyArgs {
        top_level_domain: "io".into(),
        author: "Kandy".into(),
        app_name: "kandy-emulator".into(),
    };
    match etcetera::app_strategy::choose_native_strategy(names) {
        Ok(directories) => Ok(directories.data_dir()),
        Err(_) => Err(Error::NoDataDirectory),
    }
}
