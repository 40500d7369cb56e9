//! Waits for the signals that stop the program.
//!
//! Depends on nothing. Begin with `signal`.

use std::io;

/// Completes on Ctrl-C, SIGTERM or SIGHUP.
#[cfg(unix)]
pub(super) fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hang_up = hang_up()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up(&mut hang_up) => {}
        }
    })
}

/// SIGHUP, unless the process ignores it, as `nohup` sets it up. Outside of Linux that cannot be read without unsafe
/// code.
#[cfg(unix)]
fn hang_up() -> io::Result<Option<tokio::signal::unix::Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    // Signal 1 is the lowest bit of the mask.
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let is_ignored =
        ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANG_UP != 0);
    if is_ignored { Ok(None) } else { signal(SignalKind::hangup()).map(Some) }
}

#[cfg(unix)]
async fn hung_up(hang_up: &mut Option<tokio::signal::unix::Signal>) {
    match hang_up {
        Some(hang_up) => drop(hang_up.recv().await),
        None => std::future::pending().await,
    }
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
pub(super) fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
