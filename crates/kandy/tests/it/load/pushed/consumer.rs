//! The process of a consumer, which is killed, and what it reports to its parent, one line for each event.

use std::{
    io::{BufRead, BufReader},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use kandy::{CallEvent, ChannelState, Observer};

use super::{
    super::handled::{HANDLED, device_in, handle_all, print_now},
    fast_clock::FastClock,
};
use crate::support::child_process::run_test;

/// Environment variable with the base URL, token and device of the consumer. Without it, [`consumer`] does nothing.
const CONSUMER: &str = "KANDY_PUSHED_INBOX_CONSUMER";
/// The prefix of the lines that a consumer prints for changes of its channel.
const CHANNEL: &str = "channel ";

/// The time between polls while they return new messages: long, so that most messages are pushed although time passes fast.
const MIN_INTERVAL: Duration = Duration::from_secs(5);

/// Prints the changes of the channel.
#[derive(Debug)]
struct PrintChannel;

impl Observer for PrintChannel {
    fn call_finished(&self, _: &CallEvent<'_>) {}

    fn channel_changed(&self, state: &ChannelState) {
        print_now(&format!("{CHANNEL}{state}\n"));
    }
}

/// The process that is killed. As a test of its own it does nothing.
#[tokio::test]
async fn consumer() {
    if let Some(device) = device_in(CONSUMER, |builder| builder.clock(FastClock::start()).observer(PrintChannel)) {
        handle_all(device.messages().min_interval(MIN_INTERVAL).push().stream()).await;
    }
}

/// What a consumer reports.
#[derive(Debug)]
pub(super) enum Report {
    /// It handled the message with this id, and acknowledges it next.
    Handled(String),
    /// The state of its channel changed.
    Channel(String),
}

/// Runs a consumer, and kills it after `kill_after` messages. Passes each report on while it runs.
pub(super) fn run(arguments: &str, kill_after: Option<usize>, mut on_report: impl FnMut(Report)) -> ExitStatus {
    let mut child = run_test("load::pushed::consumer::consumer")
        .env(CONSUMER, arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a consumer");
    let mut handled = 0;
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("a text");
        if let Some(id) = line.strip_prefix(HANDLED) {
            handled += 1;
            on_report(Report::Handled(id.to_owned()));
        } else if let Some(state) = line.strip_prefix(CHANNEL) {
            on_report(Report::Channel(state.to_owned()));
        }
        if Some(handled) == kill_after {
            // The loop still reads the lines that it has printed.
            child.kill().expect("a process");
        }
    }
    child.wait().expect("an end")
}
