//! Signals that end a command.

use std::{io, process::exit, time::Duration};

use tokio::{sync::oneshot, time::sleep};

use crate::failure::{Failure, Result};

/// SIGINT, SIGTERM and SIGHUP, or their equivalents on Windows.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// `None` where the process ignores SIGHUP, as with `nohup` (`nohup_is_respected`).
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
    /// Caught so that a write beyond `ulimit -f` fails instead of killing the process.
    #[cfg(unix)]
    _file_too_large: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
    #[cfg(windows)]
    terminate: tokio::signal::windows::CtrlBreak,
    #[cfg(windows)]
    close: tokio::signal::windows::CtrlClose,
    #[cfg(windows)]
    shut_down: tokio::signal::windows::CtrlShutdown,
}

impl Signals {
    /// Starts listening: from now on signals do not end the process, and [`next`](Self::next) returns them.
    pub(crate) fn listen() -> Result<Self> {
        Self::try_listen().map_err(|error| {
            Failure::local(format!(
                "the handler for Ctrl-C cannot be installed: \
            {error}"
            ))
        })
    }

    #[cfg(unix)]
    fn try_listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let hang_up = match ignores_hang_up() {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
            _file_too_large: signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?,
        })
    }

    #[cfg(windows)]
    fn try_listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

        Ok(Self { interrupt: ctrl_c()?, terminate: ctrl_break()?, close: ctrl_close()?, shut_down: ctrl_shutdown()? })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        let hang_up = async {
            match &mut self.hang_up {
                Some(hang_up) => drop(hang_up.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hang_up => {}
        }
    }

    /// Waits for the next signal.
    #[cfg(windows)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.close.recv() => {}
            _ = self.shut_down.recv() => {}
        }
    }
}

/// The time for a command to stop by itself. One that blocks on a terminal or a pipe does not notice the signal.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// Waits for the first signal, for commands that have nothing to clean up. Returns the failure `interrupted`. If the
/// command does not stop within [`STOP_TIMEOUT`], exits the process (`signal_ends_a_command_that_reads_stdin`).
pub(crate) async fn first(interrupted: &'static str) -> Failure {
    let Ok(mut signals) = Signals::listen() else {
        // Without handlers, each signal ends the process by default.
        return std::future::pending().await;
    };
    let failure = move || Failure::Interrupted(interrupted.to_owned());
    // A task of its own: a command that blocks its thread on a terminal or a pipe never polls a `select!` beside it.
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        if sender.send(()).is_err() {
            // The command has finished.
            return;
        }
        exit_unless_stopped(failure()).await;
    });
    match receiver.await {
        Ok(()) => failure(),
        Err(_) => std::future::pending().await,
    }
}

/// Exits the process if the command does not stop within [`STOP_TIMEOUT`].
pub(crate) async fn exit_unless_stopped(failure: Failure) {
    sleep(STOP_TIMEOUT).await;
    let code = failure.exit_code();
    failure.report();
    exit(code.into());
}

/// Returns whether the process was started with SIGHUP ignored. Listening would override that.
#[cfg(target_os = "linux")]
fn ignores_hang_up() -> bool {
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANG_UP != 0)
}

/// On other systems this cannot be read without unsafe code: `nohup` is overridden while a command listens.
#[cfg(all(unix, not(target_os = "linux")))]
fn ignores_hang_up() -> bool {
    false
}
