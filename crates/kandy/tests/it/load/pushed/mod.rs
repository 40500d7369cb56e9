//! An inbox with push: on a healthy channel, and killed again and again while the channel fails in every way.

mod consumer;
mod fast_clock;
mod faults;
mod healthy;
mod killed;
mod log;
mod polls;
mod senders;
