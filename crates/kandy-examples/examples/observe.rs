//! Observes calls: spans and events with `tracing`, and metrics with an observer. Neither contains credentials.
//!
//! Runs on the emulator with injected faults:
//! `cargo run -p kandy-examples --example observe --features observe`.

use std::error::Error;

use kandy::{CallEvent, Kandy, Observer};
use kandy_emulator::{Emulator, InjectedFault};
use tracing::Level;
use tracing_subscriber::{Layer, filter::Targets, fmt::format::FmtSpan, layer::SubscriberExt, util::SubscriberInitExt};

/// Prints the values of a metric.
#[derive(Debug)]
struct Metrics;

impl Observer for Metrics {
    fn call_finished(&self, call: &CallEvent<'_>) {
        let outcome = if call.outcome.is_success() { "success" } else { "failure" };
        println!("metric: {} {outcome} attempts={} elapsed={:?}", call.operation.id, call.attempts, call.elapsed);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Only the target `kandy`: TRACE events of the HTTP crates can contain credentials.
    let ours = Targets::new().with_target("kandy", Level::DEBUG);
    // In a test, `with_test_writer()` shows it together with the output of the test.
    let print = tracing_subscriber::fmt::layer().with_target(false).with_ansi(false).with_span_events(FmtSpan::CLOSE);
    tracing_subscriber::registry().with(print.with_filter(ours)).init();

    let emulator = Emulator::start()?;
    emulator.inject(InjectedFault::http(503).on("domain_list").nth(1));
    emulator.inject(InjectedFault::expired_token().on("domain_list").nth(2));

    let kandy = Kandy::builder().base_url(emulator.base_url()).observer(Metrics).build()?;
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    println!("{} domains", account.domains().await?.len());
    Ok(())
}
