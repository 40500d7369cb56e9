//! `kandy completions`: completion scripts for shells.

use clap::{Args, ValueEnum};
use clap_complete::env::Shells;

use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// Print a shell completion script for commands, profiles, operation names and ids
#[derive(Args)]
#[command(after_help = "Examples:
  source <(kandy completions bash)          in ~/.bashrc
  source <(kandy completions zsh)           in ~/.zshrc
  kandy completions fish | source           in ~/.config/fish/config.fish")]
pub(crate) struct Completions {
    /// Shell to generate the script for
    shell: Shell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(crate) fn run(self, context: &Context) -> Result {
        let name = match self.shell {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        };
        let shells = Shells::builtins();
        let shell = shells.completer(name).ok_or_else(|| Failure::local(format!("unsupported shell {name}")))?;
        let mut script = Vec::new();
        // The script asks the command for candidates, so that it knows profiles that are created later.
        shell.write_registration("COMPLETE", "kandy", "kandy", "kandy", &mut script)?;
        context.output.bytes(&script)
    }
}
