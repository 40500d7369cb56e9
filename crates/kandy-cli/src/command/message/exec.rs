//! `kandy message watch --exec`: runs a command for each message.

use std::{io, process::Stdio};

use kandy::{ContentView, PendingMessage};
use serde_json::Value;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use super::row;
use crate::{
    eprint::eprint,
    failure::{Failure, Result},
    interrupt::Interrupt,
};

/// The maximum length of a variable; systems limit it. A longer text is on stdin only.
const MAX_VARIABLE_LENGTH: usize = 32 * 1024;

/// Runs the command with the message on stdin. Returns whether it succeeded. The second signal kills it.
pub(super) async fn run(command: &str, message: &PendingMessage, whole: &Value, interrupt: &Interrupt) -> Result<bool> {
    let mut child = command_of(command);
    // Remove all KANDY_ variables, because some contain credentials.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_ascii_uppercase().starts_with("KANDY_") {
            child.env_remove(name);
        }
    }
    for (name, value) in variables(message) {
        // A variable cannot contain NUL.
        let value = value.replace('\0', "");
        if value.len() <= MAX_VARIABLE_LENGTH {
            child.env(format!("KANDY_MESSAGE_{name}"), value);
        }
    }
    let child = child.stdin(Stdio::piped()).kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| Failure::of_file("--exec: the command cannot be started", &error))?;
    let status = tokio::select! {
        status = feed(&mut child, whole) => status,
        () = interrupt.signaled(2) => {
            child.start_kill().map_err(|error| Failure::of_file("--exec", &error))?;
            child.wait().await
        }
    };
    let status = status.map_err(|error| Failure::of_file("--exec", &error))?;
    if !status.success() {
        let id = message.id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        let ended = status.code().map_or_else(|| status.to_string(), |code| code.to_string());
        eprint(format_args!("kandy: message{id} stays in the inbox, because the command ended with {ended}"));
    }
    Ok(status.success())
}

#[cfg(not(windows))]
fn command_of(command: &str) -> Command {
    let mut child = Command::new("sh");
    child.arg("-c").arg(command);
    child
}

/// `cmd` parses its arguments itself, so they must not be quoted.
#[cfg(windows)]
fn command_of(command: &str) -> Command {
    let mut child = Command::new("cmd");
    child.raw_arg("/S /C").raw_arg(format!("\"{command}\""));
    child
}

/// Writes the message to the command and waits for it. The command need not read the message.
async fn feed(child: &mut Child, whole: &Value) -> io::Result<std::process::ExitStatus> {
    let stdin = child.stdin.take();
    let write = async {
        let Some(mut stdin) = stdin else { return Ok(()) };
        match stdin.write_all(format!("{whole}\n").as_bytes()).await {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    };
    // Concurrently: a command that does not read would block the write of a long message for ever, and one that exits early
    // closes the pipe (`child_may_ignore_stdin`).
    let (written, status) = tokio::join!(write, child.wait());
    written.and(status)
}

/// Returns fields of the message as variables.
fn variables(message: &PendingMessage) -> Vec<(&'static str, String)> {
    let content_id = message.content.as_ref().and_then(|content| match content.view() {
        ContentView::Media { content_id, .. } | ContentView::Contact { content_id: Some(content_id), .. } => {
            Some(content_id.to_string())
        }
        _ => None,
    });
    let variables = [
        ("ID", message.id.as_ref().map(ToString::to_string)),
        ("TIMESTAMP", message.timestamp.as_ref().map(ToString::to_string)),
        ("SENDER", message.sender.as_ref().map(ToString::to_string)),
        ("TYPE", message.message_type.as_ref().map(ToString::to_string)),
        ("TEXT", Some(row::text(message))),
        ("GROUP_ID", message.group_id.as_ref().map(ToString::to_string)),
        ("CONTENT_ID", content_id),
    ];
    variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
