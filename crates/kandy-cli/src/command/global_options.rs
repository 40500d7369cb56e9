//! The help of global options.
//!
//! Each command has them, and its help would repeat them all. It names them in two lines: `kandy help options` explains them.

use clap::{Command, builder::StyledStr};

use crate::terminal;

/// Returns the definition of the whole command line. It is an argument of what needs it, because it depends on all commands.
pub(super) type Root = fn() -> Command;

/// Returns the definition of the command line for printing help.
pub(super) fn for_help(root: Command) -> Command {
    let mut command = root.styles(terminal::styles());
    // The usage names `[OPTIONS]` for the global options, too, so it is rendered before they are hidden.
    command.build();
    let names = names_of_options(&command);
    shorten(command, &names)
}

fn shorten(mut command: Command, names: &str) -> Command {
    let usage = command.render_usage();
    let template =
        format!("{{before-help}}{{about-with-newline}}\n{}\n\n{{all-args}}\n\n{names}{{after-help}}", usage.ansi());
    command
        .help_template(StyledStr::from(template))
        .mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg })
        .mut_subcommands(|subcommand| shorten(subcommand, names))
}

/// Returns the lines that name the global options.
fn names_of_options(command: &Command) -> String {
    let width = terminal::help_width();
    let options = command.get_arguments().filter(|arg| arg.is_global_set()).map(|arg| match arg.get_short() {
        Some(short) => format!("-{short}"),
        None => format!("--{}", arg.get_long().unwrap_or_default()),
    });
    let mut lines = String::from("Global options:");
    let mut used = lines.len();
    for word in options.chain(["(see".into(), "`kandy".into(), "help".into(), "options`)".into()]) {
        if used + 1 + word.len() > width {
            lines.push_str("\n ");
            used = 1;
        }
        lines.push(' ');
        lines.push_str(&word);
        used += 1 + word.len();
    }
    lines
}

/// Returns the help of the global options alone.
pub(super) fn help(root: Command) -> StyledStr {
    let mut command = root.styles(terminal::styles()).help_template("{options}");
    command.build();
    let mut command = command
        .mut_args(|arg| if arg.is_global_set() { arg } else { arg.hide(true) })
        .mut_subcommands(|subcommand| subcommand.hide(true));
    command.render_help()
}
