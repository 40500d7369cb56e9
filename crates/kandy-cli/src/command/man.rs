//! `kandy man`: man pages.

use std::{fs, path::PathBuf};

use clap::Args;
use clap_mangen::Man;
use serde_json::Value;

use crate::{
    context::Context,
    failure::{Failure, Result},
    output::CHANGE,
};

/// Print the man page, or write man pages of all commands to a folder
#[derive(Args)]
#[command(after_help = "Examples:
  kandy man | man -l -
  kandy man --folder ~/.local/share/man/man1")]
pub(crate) struct ManPages {
    /// Write a page for each command to this folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl ManPages {
    /// Writes the pages of `command`, the definition of the whole command line.
    pub(crate) fn run(self, context: &Context, mut command: clap::Command) -> Result {
        command.build();
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            return context.output.bytes(&page);
        };
        context.check_fields(&CHANGE)?;
        let failed = |error: std::io::Error| Failure::of_file(folder.display(), &error);
        fs::create_dir_all(&folder).map_err(failed)?;
        clap_mangen::generate_to(command, &folder).map_err(failed)?;
        context.output.changed(format_args!("wrote the man pages to {}", folder.display()), Value::Null)
    }
}
