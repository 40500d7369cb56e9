//! Spans, events, observers, and the absence of credentials in everything that is printed.

mod canary;
#[cfg(feature = "push")]
mod channel_canary;
mod output;
#[cfg(feature = "push")]
mod push_delivery;
mod spans_and_observer;
