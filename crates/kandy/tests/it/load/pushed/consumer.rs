//! The process of a consumer, which is killed, and what it reports to its parent, one line for each event.

use std::{
    io::{BufRead, BufReader, Write},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use kandy::{CallEvent, ChannelState, Kandy, Observer};
use tokio::time::timeout;

use super::fast_clock::FastClock;
use crate::support::child_process::run_test;

/// Environment variable with the base URL, token and device of the consumer. Without it, [`consumer`] does nothing.
const CONSUMER: &str = "KANDY_PUSHED_INBOX_CONSUMER";
/// Prefixes of the lines that a consumer prints.
const HANDLED: &str = "handled ";
const CHANNEL: &str = "channel ";

/// The text of the last message.
pub(super) const LAST: &str = "last";

/// The time between polls while they return new messages: long, so that most messages are pushed although time passes fast.
const MIN_INTERVAL: Duration = Duration::from_secs(5);

/// The longest real time to wait for a message.
const LONG_TIMEOUT: Duration = Duration::from_secs(20);

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
    let Ok(arguments) = std::env::var(CONSUMER) else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [base_url, token, device_id] = arguments[..] else { panic!("three words") };
    // Ends a line that the test harness may have begun.
    print_now("\n");
    let builder = Kandy::builder().base_url(base_url).clock(FastClock::start()).observer(PrintChannel);
    let kandy = builder.build().expect("a client");
    let device = kandy.user_with_token(token).device(device_id);
    let mut inbox = device.messages().min_interval(MIN_INTERVAL).push().stream();
    // The timeout ends the loop if a message is lost.
    while let Some(message) = timeout(LONG_TIMEOUT, inbox.try_next()).await.expect("a message").expect("no error") {
        print_now(&format!("{HANDLED}{}\n", message.id.as_ref().expect("an id")));
        message.ack().await.expect("acknowledged");
        if message.content.as_ref().and_then(|content| content.text()) == Some(LAST) {
            break;
        }
    }
    inbox.close().await.expect("closed");
}

/// Writes a line and flushes it, so that the parent reads it whole even if this process is killed next.
fn print_now(line: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).expect("a pipe");
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
