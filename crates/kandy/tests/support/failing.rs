//! A server whose first responses are failures.

use std::sync::atomic::{AtomicUsize, Ordering};

use kandy::{Kandy, KandyBuilder};

use super::{Recorded, Recorder, clock::TestClock, json};

/// Creates a client of a server whose first responses are `failures`, and all others the examples of the spec.
pub(crate) async fn failing(
    failures: Vec<Vec<u8>>,
    set_up: impl FnOnce(KandyBuilder) -> KandyBuilder,
) -> (Recorder, Kandy, TestClock) {
    let answered = AtomicUsize::new(0);
    let answer = move |request: &Recorded| match failures.get(answered.fetch_add(1, Ordering::Relaxed)) {
        Some(failure) => failure.clone(),
        None => json(200, request.operation().example),
    };
    let recorder = Recorder::answering(answer).await;
    let clock = TestClock::new(1.0);
    let builder = Kandy::builder().base_url(recorder.kandy.base_url()).clock(clock.clone());
    let kandy = set_up(builder).build().expect("a client");
    (recorder, kandy, clock)
}
