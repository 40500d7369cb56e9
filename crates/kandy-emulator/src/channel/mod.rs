//! The data channel: a WebSocket on which the emulator pushes what happens to a user.
//!
//! ```text
//! options   what a channel pushes, and whether it answers a ping
//! open      answers the request that opens a channel
//! task      ends a channel when its token does, or the server stops
//! frames    receives and sends the frames of a channel, with the injected faults
//! ending    how the connection is ended: with a close frame, by a reset, or silently
//! incoming  what a frame of the client asks for
//! ```
//!
//! What is pushed comes from the queues in `state::channels`. Depends on `http`, `operations`, `faults` and `state`.
//! Begin with [`open`].

mod ending;
mod frames;
mod incoming;
mod open;
pub(crate) mod options;
mod task;

pub(crate) use open::open;
