//! Ctrl-C, and other wishes that it may end, for commands that have something to bring to an end first.

use tokio::sync::watch;

use crate::{
    failure::{Failure, Result},
    signal::Signals,
};

/// How often someone wanted it to end. As long as it listens, that does not end the process by itself.
pub(crate) struct Interrupt {
    times: watch::Receiver<u32>,
}

impl Interrupt {
    /// Begins to listen.
    pub(crate) fn listen() -> Result<Self> {
        let (wishes, times) = watch::channel(0);
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            loop {
                signals.next().await;
                wishes.send_modify(|times| *times += 1);
            }
        });
        Ok(Self { times })
    }

    /// Waits until it is wanted for the first time, or for the second by someone who does not want to wait any longer.
    pub(crate) async fn wanted(&self, times: u32) {
        let mut wanted = self.times.clone();
        if wanted.wait_for(|wanted| *wanted >= times).await.is_err() {
            // Nobody listens any more, so nobody can want it.
            std::future::pending().await
        }
    }

    /// What a command comes to that ended for this reason.
    pub(crate) fn failure() -> Failure {
        Failure::Interrupted("interrupted".to_owned())
    }
}
