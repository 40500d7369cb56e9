//! Tests that keep every core busy for many seconds. They are apart from `it`, because the tests of timeouts and rate limits
//! there measure real time, and may fail beside them.

mod load;
#[allow(dead_code, reason = "the other binaries use the rest of the fixture")]
mod support;
