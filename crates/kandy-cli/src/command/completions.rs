//! `kandy completions`: completion scripts for shells.

use clap::{Args, ValueEnum};
use clap_complete::env::Shells;

use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// Print a shell completion script for commands, profiles, operation names and ids
#[derive(Args)]
#[command(after_help = INSTRUCTIONS)]
pub(crate) struct Completions {
    /// Shell to generate the script for
    shell: Shell,
}

/// What `kandy docs completion` prints, too.
pub(super) const INSTRUCTIONS: &str = "\
Examples: one of these lines, in the file that the shell reads at its start
  source <(kandy completions bash)                                bash: ~/.bashrc
  source <(kandy completions zsh)                                 zsh: ~/.zshrc, after compinit
  kandy completions fish | source                                 fish: ~/.config/fish/config.fish
  kandy completions powershell | Out-String | Invoke-Expression   PowerShell: $PROFILE
  eval (kandy completions elvish | slurp)                         elvish: ~/.config/elvish/rc.elv

The script asks `kandy` for candidates, so it stays right when kandy is updated.";

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    Pwsh,
    Elvish,
}

impl Completions {
    pub(crate) fn run(self, context: &Context) -> Result {
        let name = match self.shell {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Pwsh => "powershell",
            Shell::Elvish => "elvish",
        };
        let shells = Shells::builtins();
        let shell = shells.completer(name).ok_or_else(|| Failure::local(format!("unsupported shell {name}")))?;
        let mut script = Vec::new();
        // The script asks the command for candidates, so that it knows profiles that are created later.
        shell.write_registration("COMPLETE", "kandy", "kandy", "kandy", &mut script)?;
        context.output.bytes(&script)
    }
}
