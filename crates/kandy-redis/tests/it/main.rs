//! The stores at a real Redis, which the tests start by themselves. Where `redis-server` is not installed, each test prints
//! so and passes; in CI it fails.
#![cfg(unix)]

mod jobs;
mod killed;
mod processes;
#[path = "../../../kandy-outbox/tests/it/proof.rs"]
mod proof;
mod rate_limit;
mod secrets;
mod support;
mod tls;
mod token_store;
mod trouble;
