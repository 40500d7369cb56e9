//! The SMS that were sent.
//!
//! Depends on `limits`. Begin with `Outbox`.

use std::collections::VecDeque;

use serde::Serialize;

use crate::limits;

/// An SMS that was sent, or would have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SentSms {
    /// Full user id of the user who sent it.
    pub sender: String,
    /// Number or name that the receiver sees as the sender.
    pub source: Option<String>,
    /// Phone number of the receiver, normalised: `+` and digits.
    pub destination: String,
    /// Phone number of the receiver, as it was sent.
    pub destination_as_sent: String,
    /// The text.
    pub text: String,
    /// Id of the device that it was sent from.
    pub device_id: String,
}

/// The last SMS. Boxed, so that growing the queue moves pointers only.
#[derive(Default)]
pub(crate) struct Outbox(VecDeque<Box<SentSms>>);

impl Outbox {
    pub(crate) fn add(&mut self, sms: SentSms) {
        if self.0.len() == limits::SMS {
            self.0.pop_front();
        }
        self.0.push_back(Box::new(sms));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<SentSms> {
        self.0.iter().map(|sms| SentSms::clone(sms)).collect()
    }
}
