//! Spans, events, observers, and the absence of credentials in everything that is printed.

mod canary;
mod spans_and_observer;
