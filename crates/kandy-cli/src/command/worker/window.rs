//! [`Window`]: when a worker may begin rows.

use std::{future::pending, time::Duration};

use jiff::Timestamp;
use tokio::time::sleep;

use super::counter::Counter;
use crate::{bulk::Schedule, failure::Result, interrupt::Interrupt};

/// How often the clock is read again while no row may begin: it may be set, or the machine may sleep.
const CLOCK_INTERVAL: Duration = Duration::from_secs(30);

/// How long before the end of the window no more rows begin: recording that takes accesses to Redis.
const MARGIN: Duration = Duration::from_secs(1);

/// When rows may begin.
pub(super) struct Window(pub(super) Option<Schedule>);

impl Window {
    /// Waits until rows may begin.
    pub(super) async fn opens(&self, interrupt: &Interrupt, counter: &Counter) -> Result {
        let Some(schedule) = &self.0 else { return Ok(()) };
        let mut reported = None;
        loop {
            let now = Timestamp::now();
            let until = match schedule.wait(now) {
                Some(until) => {
                    if reported != Some(until) {
                        reported = Some(until);
                        counter.eprint(format_args!(
                            "kandy: waiting until {}; Ctrl-C ends the worker",
                            schedule.show(until)
                        ));
                    }
                    until
                }
                // In the margin no more rows begin.
                None if schedule.closes(now).is_some_and(|closes| left(now, closes) <= MARGIN) => now + MARGIN,
                None => return Ok(()),
            };
            tokio::select! {
                () = sleep(left(now, until).min(CLOCK_INTERVAL)) => {}
                () = interrupt.signaled(1) => return Err(Interrupt::failure()),
            }
        }
    }

    /// Waits until no more rows may begin.
    pub(super) async fn closes(&self) {
        let Some(schedule) = &self.0 else { return pending().await };
        loop {
            let now = Timestamp::now();
            if schedule.wait(now).is_some() {
                return;
            }
            let left = schedule.closes(now).map_or(CLOCK_INTERVAL + MARGIN, |closes| left(now, closes));
            if left <= MARGIN {
                return;
            }
            sleep((left - MARGIN).min(CLOCK_INTERVAL)).await;
        }
    }
}

fn left(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default()
}
