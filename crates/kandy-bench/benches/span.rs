//! The cost of the span of a call: without a subscriber, with one for other targets, and with one that writes
//! everything.
//!
//! The server runs on the same thread, so that no other thread disturbs the measurement. Only the differences of the
//! three count.
#![forbid(unsafe_code)]

use divan::Bencher;
use kandy_bench::{
    canned,
    client::{ClientUnderTest, Handwritten, Kandy},
    load,
};
use tracing::{Dispatch, Level, dispatcher};
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt};

fn main() {
    divan::main();
}

fn calls<S: ClientUnderTest>(bencher: Bencher<'_, '_>) {
    let runtime = load::single_thread().expect("a runtime");
    let client = runtime.block_on(async {
        let client = S::at(&canned::here().await.expect("a server")).expect("a client");
        client.get().await.expect("a response");
        client
    });
    bencher.bench(|| runtime.block_on(client.get()).expect("a response"));
}

/// Formats events of this target, and drops the output.
fn listener(target: &str) -> Dispatch {
    let write = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::sink);
    let filter = Targets::new().with_target(target, Level::TRACE);
    Dispatch::new(tracing_subscriber::registry().with(write.with_filter(filter)))
}

/// The handwritten call has no span.
#[divan::bench(sample_size = 8, sample_count = 1000)]
fn handwritten(bencher: Bencher<'_, '_>) {
    calls::<Handwritten>(bencher);
}

// Run in the order of their names: after the first subscriber tracing stays enabled in the process.
#[divan::bench_group(sample_size = 8, sample_count = 1000)]
mod kandy_calls {
    use super::*;

    #[divan::bench]
    fn a_no_subscriber(bencher: Bencher<'_, '_>) {
        calls::<Kandy>(bencher);
    }

    #[divan::bench]
    fn b_other_targets(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&listener("others"), || calls::<Kandy>(bencher));
    }

    #[divan::bench]
    fn c_all_events_written(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&listener("kandy"), || calls::<Kandy>(bencher));
    }
}
