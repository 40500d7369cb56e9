//! The one way to the network.
//!
//! ```text
//! builder ─ Call ─ generated call ─ Exchange ─ Session ─ Core ─ HTTP
//!                                              token     deadline, body limit, classification
//! ```
//!
//! * [`Core`] sends one request, once, and knows no tokens.
//! * [`Session`] adds the access token of one account, domain or user, and renews it once when it has
//!   expired.
//! * [`Exchange`] is one call through a session, with options of its own.
//! * [`Call`] is what every builder carries.

mod answer;
mod call;
mod core;
mod exchange;
mod session;

pub use answer::Answer;
pub(crate) use call::{Call, Carries, Request, request, send, send_with_answer};
pub(crate) use core::{Core, Options};
pub(crate) use exchange::Exchange;
pub(crate) use session::Session;
