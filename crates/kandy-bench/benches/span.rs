//! What the span of a call costs: where nobody listens, where others are listened to, and where all of it is written.
//!
//! The call goes to a server on the same thread, so that no other thread is the noise. The difference between the three is
//! what counts.
#![forbid(unsafe_code)]

use divan::Bencher;
use kandy_bench::{
    canned, load,
    side::{Handwritten, Kandy, Side},
};
use tracing::{Dispatch, Level, dispatcher};
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt};

fn main() {
    divan::main();
}

fn calls<S: Side>(bencher: Bencher<'_, '_>) {
    let runtime = load::single_thread().expect("a runtime");
    let side = runtime.block_on(async {
        let side = S::at(&canned::here().await.expect("a server")).expect("a client");
        side.get().await.expect("an answer");
        side
    });
    bencher.bench(|| runtime.block_on(side.get()).expect("an answer"));
}

/// Writes what is of this target, to nowhere.
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

// In the order of their names: once somebody has listened, it is never again as if nobody ever had.
#[divan::bench_group(sample_size = 8, sample_count = 1000)]
mod kandy_calls {
    use super::*;

    #[divan::bench]
    fn a_nobody_listens(bencher: Bencher<'_, '_>) {
        calls::<Kandy>(bencher);
    }

    #[divan::bench]
    fn b_others_are_listened_to(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&listener("others"), || calls::<Kandy>(bencher));
    }

    #[divan::bench]
    fn c_all_is_written(bencher: Bencher<'_, '_>) {
        dispatcher::with_default(&listener("kandy"), || calls::<Kandy>(bencher));
    }
}
