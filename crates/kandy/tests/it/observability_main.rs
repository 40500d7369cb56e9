//! Tests that install a tracing subscriber, one of them for the whole process, and a panic hook. They are apart from `it`,
//! because `tracing` caches per process whether a span is enabled: a call that another thread makes without a subscriber
//! would disable spans that these tests expect, and the calls of other tests would be recorded here.

mod observability;
#[allow(dead_code, reason = "the other binaries use the rest of the fixture")]
mod support;
