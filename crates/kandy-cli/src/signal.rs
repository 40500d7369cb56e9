use std::{io, process::exit, time::Duration};

use tokio::{sync::oneshot, time::sleep};

use crate::failure::{Failure, Result};

/// Ctrl-C, and what a system sends to make a program end: SIGINT, SIGTERM and SIGHUP, or their likes on Windows.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// None where the process was started to survive its terminal, as with `nohup`.
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
    /// Caught so that a file that reaches the limit of `ulimit -f` is a failed write, and not the end of the process.
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
    /// From now on they do not end the program, but are told by [`next`](Self::next).
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

    /// Waits for the next.
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

    /// Waits for the next.
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

/// How long a command may take to notice that it is to end. One that reads from a terminal or a pipe does not notice.
const NOTICE: Duration = Duration::from_secs(1);

/// Waits for the first of them, for commands that have nothing to put in order. What it comes to is `interrupted`, even
/// where the command waits for something else than this.
pub(crate) async fn first(interrupted: &'static str) -> Failure {
    let Ok(mut signals) = Signals::listen() else {
        // Each of them ends the process by itself then.
        return std::future::pending().await;
    };
    let failure = move || Failure::Interrupted(interrupted.to_owned());
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        if sender.send(()).is_err() {
            // The command has ended by itself.
            return;
        }
        sleep(NOTICE).await;
        failure().tell();
        exit(failure().exit_code().into());
    });
    match receiver.await {
        Ok(()) => failure(),
        Err(_) => std::future::pending().await,
    }
}

/// Whether the process was started with SIGHUP ignored. To listen for it would end that.
#[cfg(target_os = "linux")]
fn ignores_hang_up() -> bool {
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANG_UP != 0)
}

/// Elsewhere there is no way to ask without unsafe code: `nohup` is overridden while a command has to settle things.
#[cfg(all(unix, not(target_os = "linux")))]
fn ignores_hang_up() -> bool {
    false
}
