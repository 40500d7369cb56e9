//! Integration tests of the crate: one binary, so that a test build links once.
//!
//! Each module covers one part of the public API, against a mock server or the emulator, over real sockets; [`support`] is
//! the fixture that all of them share. Three other binaries stay apart, and their docs say why: `load`, `observability` and
//! `token_concurrency`.

mod api_v1_3;
mod arguments;
mod bulk;
mod cancel_safety;
#[cfg(feature = "push")]
mod channel;
mod content;
mod coverage;
mod early_responses;
mod echoed_secrets;
mod end_to_end_provisioning;
mod end_to_end_two_users;
mod errors;
mod group;
mod hunt_group;
mod inbox;
mod list_stream;
mod metrics;
mod network_client;
mod network_environment;
mod network_settings;
mod no_runtime;
mod presence;
mod preview;
mod properties;
mod rate_limit;
mod rate_limit_bulk;
mod rate_limit_client;
mod requests;
mod responses;
mod retries;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod root_certificates;
mod session;
mod sms_segments;
#[allow(dead_code, reason = "the other binaries use the rest of the fixture")]
mod support;
mod testing;
mod timeouts;
mod token_store;
mod tokens;
mod unauthorized;
mod values;
mod verification;
