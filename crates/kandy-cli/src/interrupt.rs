//! Interrupts for commands that clean up before they exit.

use tokio::sync::watch;

use crate::{
    failure::{Failure, Result},
    signal::{Signals, exit_unless_stopped},
};

/// Counts signals. While it exists, they do not end the process.
pub(crate) struct Interrupt {
    times: watch::Receiver<u32>,
}

impl Interrupt {
    /// Starts listening.
    pub(crate) fn listen() -> Result<Self> {
        let (counter, times) = watch::channel(0);
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            loop {
                signals.next().await;
                counter.send_modify(|times| *times += 1);
                if *counter.borrow() == 2 {
                    // A command that blocks its thread on a full pipe sees no signal.
                    tokio::spawn(exit_unless_stopped(Self::failure()));
                }
            }
        });
        Ok(Self { times })
    }

    /// Waits for the first signal, or for the second, which asks to exit at once.
    pub(crate) async fn signaled(&self, times: u32) {
        let mut signaled = self.times.clone();
        if signaled.wait_for(|signaled| *signaled >= times).await.is_err() {
            // The listening task ended, so no signal can arrive.
            std::future::pending().await
        }
    }

    /// Returns the failure of an interrupted command.
    pub(crate) fn failure() -> Failure {
        Failure::Interrupted("interrupted".to_owned())
    }
}
