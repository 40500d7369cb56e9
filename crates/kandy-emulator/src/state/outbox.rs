//! The SMS that were sent.
//!
//! Depends on `snapshot::tracked` and `limits`. Begin with `Outbox`.

use std::collections::VecDeque;

use kandy_sys::SmsEncoding;
use serde::Serialize;

use super::snapshot::Tracked;
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
    /// The encoding that the text needs on GSM networks.
    pub encoding: SmsEncoding,
    /// The number of segments of the text in this encoding, each of which is charged. The service does not document its
    /// count.
    pub segments: usize,
    /// Id of the device that it was sent from.
    pub device_id: String,
}

/// The last SMS. Boxed, so that growing the queue moves pointers only.
#[derive(Default)]
pub(crate) struct Outbox {
    /// The number of the oldest.
    pub(super) first: u64,
    pub(super) sms: VecDeque<Box<SentSms>>,
    pub(super) tracked: Tracked<u64>,
}

impl Outbox {
    pub(crate) fn add(&mut self, sms: SentSms) {
        let len = u64::try_from(self.sms.len()).unwrap_or(u64::MAX);
        self.tracked.created(|| self.first + len);
        if self.sms.len() == limits::SMS
            && let Some(oldest) = self.sms.pop_front()
        {
            self.tracked.before_change(|| self.first, |_, items| oldest.write(items));
            self.first += 1;
        }
        self.sms.push_back(Box::new(sms));
    }

    pub(crate) fn len(&self) -> usize {
        self.sms.len()
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<SentSms> {
        self.last(usize::MAX)
    }

    /// The last ones, oldest first.
    pub(crate) fn last(&self, most: usize) -> Vec<SentSms> {
        let skipped = self.sms.len().saturating_sub(most);
        self.sms.iter().skip(skipped).map(|sms| SentSms::clone(sms)).collect()
    }
}
