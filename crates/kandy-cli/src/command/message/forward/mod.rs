//! `--forward-to`: delivers messages as webhooks, signed as Standard Webhooks 1.0.0 specifies.
//!
//! ```text
//! options      the command line
//! engine       queues, attempts, what follows
//! receiver     one attempt
//! delivery     what is sent
//! secret       how it is signed
//! retry        when it is sent again
//! report       counts, and lines on stderr
//! dead_letter  the file with the messages that could not be delivered
//! ```
//!
//! Begin with [`Forwarder::run`].

mod dead_letter;
mod delivery;
mod engine;
mod options;
mod receiver;
mod report;
mod retry;
mod secret;

pub(super) use self::{
    dead_letter::{DeadLetters, Entry, Ids, Remaining},
    delivery::Delivery,
    engine::{Forwarder, Outcome, Source},
    options::ForwardOptions,
    report::Counts,
};
