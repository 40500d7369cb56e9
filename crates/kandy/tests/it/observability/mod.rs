//! Spans, events, observers, and the absence of credentials in everything that is printed.

mod canary;
mod output;
mod spans_and_observer;
