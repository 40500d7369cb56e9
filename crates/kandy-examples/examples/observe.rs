//! Shows what can be seen of calls: spans and events by `tracing`, and numbers by an observer. Nothing in either is a
//! credential.
//!
//! On the emulator, which is told to fail, so that there is something to see: `cargo run -p kandy-examples --example observe --features observe`.

use std::error::Error;

use kandy::{CallEvent, Kandy, Observer};
use kandy_emulator::{Emulator, InjectedFault};
use tracing::Level;
use tracing_subscriber::{Layer, filter::Targets, fmt::format::FmtSpan, layer::SubscriberExt, util::SubscriberInitExt};

/// Prints what a metric would count.
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
    // Ours alone: what the HTTP crates below print at TRACE is out of our hands.
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
