//! A mock server whose first responses are failures.

use std::sync::atomic::{AtomicUsize, Ordering};

use kandy::{Kandy, KandyBuilder};

use super::{
    clock::TestClock,
    mock_server::{MockServer, RecordedRequest, json_response},
};

/// Starts a server that sends `failures` first and then the examples of the spec, and builds a client of it whose clock never
/// waits. `configure` changes the settings of the client.
pub(crate) async fn failing_server(
    failures: Vec<Vec<u8>>,
    configure: impl FnOnce(KandyBuilder) -> KandyBuilder,
) -> (MockServer, Kandy, TestClock) {
    let responses = AtomicUsize::new(0);
    let respond = move |request: &RecordedRequest| match failures.get(responses.fetch_add(1, Ordering::Relaxed)) {
        Some(failure) => failure.clone(),
        None => json_response(200, request.operation().example),
    };
    let server = MockServer::respond_with(respond).await;
    let clock = TestClock::new(1.0);
    let builder = Kandy::builder().base_url(server.kandy.base_url()).clock(clock.clone());
    let kandy = configure(builder).build().expect("a client");
    (server, kandy, clock)
}
