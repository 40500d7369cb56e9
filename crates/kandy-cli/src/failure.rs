//! Failures of commands: a message for users, and an exit code for scripts.

use std::{fmt, io, process::ExitCode};

use crate::{eprint::eprint, terminal};

/// Why a command failed.
///
/// Each kind has a stable exit code, listed in the help of `kandy` and in the README.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is invalid, or asks for help.
    CommandLine(clap::Error),
    /// An input is invalid; nothing was sent.
    Usage(String),
    /// A call failed.
    Call(kandy::Error),
    /// A named resource does not exist.
    NotFound(String),
    /// A credential is missing.
    NoCredential(String),
    /// Something on this machine failed: a file, the keyring, a child process.
    Local(String),
    /// Of several items, some have an unknown outcome.
    Unknown(String),
    /// Of several items, some failed.
    Some(String),
    /// The user or the system interrupted the command.
    Interrupted(String),
    /// The reader of stdout closed it, which is not an error.
    ClosedPipe,
}

/// The result of a command.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// Creates a failure for invalid input.
    pub(crate) fn usage(reason: impl Into<String>) -> Self {
        Self::Usage(reason.into())
    }

    /// Creates a failure of this machine.
    pub(crate) fn local(reason: impl Into<String>) -> Self {
        Self::Local(reason.into())
    }

    /// Creates a failure for a file, or another named thing.
    pub(crate) fn of_file(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::Local(format!("{what}: {error}"))
    }

    /// Creates a failure for an input file that cannot be read; nothing was sent.
    pub(crate) fn of_input(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::Usage(format!("{what}: {error}"))
    }

    /// Returns the exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Local(_) => 1,
            Self::Usage(_) => 2,
            Self::CommandLine(error) => u8::try_from(error.exit_code()).unwrap_or(2),
            Self::Call(error) => of_call(error),
            Self::NotFound(_) => 4,
            Self::Unknown(_) => 5,
            Self::NoCredential(_) => 7,
            Self::Some(_) => 8,
            Self::Interrupted(_) => 130,
        }
    }

    /// Returns the next step for the user, unless the message names it.
    fn advice(&self) -> Option<&'static str> {
        match (self, self.exit_code()) {
            (Self::Call(kandy::Error::Transport(error)), _) if error.phase() == kandy::Phase::Tls => Some(
                "check the base URL with `kandy auth status`; name the certificate authority of an emulator or a proxy \
                 with --ca-file or KANDY_CA_FILE",
            ),
            // No call has begun: building the client failed, which reads the certificate authorities.
            (Self::Call(kandy::Error::Transport(error)), _)
                if error.phase() == kandy::Phase::Setup && error.operation().is_none() =>
            {
                Some(
                    "install the certificate authorities of this system (package ca-certificates), name their file with \
                     SSL_CERT_FILE, or name an authority with --ca-file or KANDY_CA_FILE",
                )
            }
            // The messages of these kinds name the next step themselves.
            (Self::NotFound(_) | Self::NoCredential(_), _) => None,
            (_, 4) => Some("check the id; the `list` command of most resources prints the existing ids"),
            (_, 5) => Some("check whether the operation was applied before you repeat it"),
            (_, 6) => Some("check the base URL with `kandy auth status`"),
            (_, 7) => Some("check the credentials with `kandy auth status`, or store others with `kandy auth login`"),
            _ => None,
        }
    }

    /// Prints the failure to stderr and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let code = ExitCode::from(self.exit_code());
        match self {
            Self::ClosedPipe => {}
            Self::CommandLine(error) => terminal::command_line_error(error),
            other => {
                eprint(format_args!("kandy: {other}"));
                if let Some(advice) = other.advice() {
                    eprint(format_args!("  try: {advice}"));
                }
            }
        }
        code
    }
}

fn of_call(error: &kandy::Error) -> u8 {
    match error {
        // HTTP 401 and 403 without a status of the service do not prove that nothing was applied.
        _ if error.may_have_been_applied() => 5,
        // A caller without permission has a valid credential.
        _ if error.is_unauthorized() && error.status() != Some(kandy::Status::PERMISSION_DENIED) => 7,
        kandy::Error::Argument(_) => 2,
        kandy::Error::Api(_) if error.is_not_found() => 4,
        kandy::Error::Api(_) => 3,
        kandy::Error::Transport(_) => 6,
        _ => 1,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Usage(reason)
            | Self::NotFound(reason)
            | Self::NoCredential(reason)
            | Self::Local(reason)
            | Self::Unknown(reason)
            | Self::Some(reason)
            | Self::Interrupted(reason) => f.write_str(reason),
            Self::ClosedPipe => f.write_str("the output was closed"),
        }
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::CommandLine(error)
    }
}

impl From<kandy::Error> for Failure {
    fn from(error: kandy::Error) -> Self {
        Self::Call(error)
    }
}

/// An error while writing data to stdout.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Local(format!("the output cannot be written: {error}")),
        }
    }
}
