//! The data channel, with a WebSocket client over a plain connection.

mod acknowledgement;
mod admin;
pub(crate) mod client;
mod ending;
mod faults;
mod frames;
mod options;
mod push;
mod session;
mod upgrade;
