//! Asks for confirmation before something is deleted.
//!
//! The prompt and the answer go through the terminal: stderr and stdin. Without one, a deletion needs an option, so that a
//! script states what it wants and never waits for an answer that cannot come. Depends on the context. Begin with
//! [`Confirmation::ask`].

use std::{
    fmt,
    io::{self, BufRead, IsTerminal, Read},
};

use clap::Args;

use crate::{
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    terminal::{is_stderr, prompt},
};

/// The maximum length of an answer.
const MAX_ANSWER: u64 = 4096;

/// Confirms a deletion on the command line.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Confirmation {
    /// Delete without asking; required unless stdin and stderr are a terminal
    #[arg(long, short)]
    yes: bool,
}

impl Confirmation {
    /// Returns whether the option was given.
    pub(crate) fn is_given(&self) -> bool {
        self.yes
    }

    /// Asks whether to delete `what`, and `with` it what belongs to it. Anything but `y` or `yes` is a failure. A dry run
    /// does not ask.
    pub(crate) async fn ask(&self, context: &Context, what: impl fmt::Display, with: &str) -> Result {
        if self.yes || context.is_dry_run() {
            return Ok(());
        }
        if !can_ask() {
            return Err(Failure::usage(format!(
                "{what}: nothing was deleted, because there is no terminal to ask for confirmation. Use --yes to delete \
                 without asking."
            )));
        }
        let with = if with.is_empty() { String::new() } else { format!(" and {with}") };
        let answer = answer(context, &format!("Delete {what}{with}? [y/N]")).await?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(not_confirmed()),
        }
    }
}

/// Confirms a deletion by the name of what is deleted.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct NameConfirmation {
    /// Delete without asking, if this is the name; required unless stdin and stderr are a terminal
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    /// Accepted, so that the error names the option that is needed instead.
    #[arg(long, short, hide = true)]
    yes: bool,
}

impl NameConfirmation {
    /// Checks the option before anything is looked up.
    pub(crate) fn check(&self, context: &Context, what: &str, name: &str) -> Result {
        match &self.confirm {
            Some(confirmed) if confirmed != name => Err(Failure::usage(format!(
                "--confirm: {confirmed:?} is not the name of the {what} to delete, {name:?}; nothing was deleted"
            ))),
            None if !context.is_dry_run() && !can_ask() => {
                let yes = if self.yes { "--yes is not enough, and " } else { "" };
                Err(Failure::usage(format!(
                    "{what} {name:?}: nothing was deleted, because {yes}there is no terminal to ask for its name. Use \
                     --confirm with the name of the {what} to delete it without asking."
                )))
            }
            _ => Ok(()),
        }
    }

    /// Asks for the name of what is deleted, unless the option has it. `facts` says what goes with it.
    pub(crate) async fn ask(&self, context: &Context, what: &str, name: &str, facts: &str) -> Result {
        self.check(context, what, name)?;
        if self.confirm.is_some() || context.is_dry_run() {
            return Ok(());
        }
        eprint(facts);
        let answer = answer(context, &format!("Type the name of the {what} to delete it")).await?;
        if answer.trim_end_matches(['\r', '\n']) == name { Ok(()) } else { Err(not_confirmed()) }
    }
}

/// Confirms the deletion of a list by how many there are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct NumberConfirmation {
    /// Delete the users of FILE without asking, if it lists this many; required unless stdin and stderr are a terminal
    #[arg(long, value_name = "NUMBER")]
    confirm: Option<usize>,
}

impl NumberConfirmation {
    /// Returns whether the option was given.
    pub(crate) fn is_given(&self) -> bool {
        self.confirm.is_some()
    }

    /// Checks before anything is read that the number is given or can be asked for. `has_yes` is whether `--yes` is
    /// given.
    pub(crate) fn check(&self, context: &Context, list: &str, has_yes: bool) -> Result {
        if self.is_given() || context.is_dry_run() || can_ask() {
            return Ok(());
        }
        let yes = if has_yes { "--yes is not enough for a list, and " } else { "" };
        Err(Failure::usage(format!(
            "{list}: nothing was deleted, because {yes}there is no terminal to ask for the number of users. Use --confirm \
             with the number of users in the list to delete them without asking."
        )))
    }

    /// Checks the option against the number of users in the list.
    pub(crate) fn check_number(&self, list: &str, number: usize) -> Result {
        match self.confirm {
            Some(confirmed) if confirmed != number => Err(Failure::usage(format!(
                "--confirm: {confirmed} is not the number of users in {list}, {number}; nothing was deleted"
            ))),
            _ => Ok(()),
        }
    }

    /// Asks for the number, unless the option has it. `facts` says what is deleted.
    pub(crate) async fn ask(&self, context: &Context, list: &str, number: usize, facts: &str) -> Result {
        self.check_number(list, number)?;
        if self.is_given() || context.is_dry_run() {
            return Ok(());
        }
        eprint(facts);
        let answer = answer(context, "Type the number of users in the list to delete them").await?;
        if answer.trim() == number.to_string() { Ok(()) } else { Err(not_confirmed()) }
    }
}

/// Returns whether the user sees a prompt and can answer it.
fn can_ask() -> bool {
    io::stdin().is_terminal() && is_stderr()
}

fn not_confirmed() -> Failure {
    Failure::usage("not confirmed; nothing was deleted")
}

/// Prompts, and reads one line. The runtime stays free, so that a signal ends the command at once.
async fn answer(context: &Context, text: &str) -> Result<String> {
    let failed =
        |error: io::Error| Failure::usage(format!("the confirmation cannot be read: {error}; nothing was deleted"));
    // Without a visible prompt, read no answer.
    prompt(text).map_err(failed)?;
    context.set_asking(true);
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().take(MAX_ANSWER).read_line(&mut line).map(|_| line)
    });
    let line = read.await.map_err(|error| Failure::local(error.to_string()))?.map_err(failed)?;
    context.set_asking(false);
    if !line.ends_with('\n') {
        // At the end of the input, the prompt is still on the current line.
        eprint("");
    }
    Ok(line)
}
