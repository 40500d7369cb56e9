//! The effect of a fault: how much of the request is read, whether the operation is applied, and how the response is
//! sent.
//!
//! Depends on the types of the parent module. Begin with `Delivery`.

use std::time::Duration;

use super::{InjectedFault, Kind};

/// How much of a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Nothing,
    FirstChunk,
    Everything,
}

/// How a response is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// In full, padded to a number of bytes.
    Padded(u64),
    /// The head and half of the body; then the connection is closed.
    HalfThenClose,
    /// The head and half of the body; then the connection stays open.
    HalfThenStall,
    /// Not at all, and the connection stays open.
    Stall,
    /// Not at all; the connection is closed.
    Close,
    /// Not at all; the connection is reset.
    Reset,
}

impl Delivery {
    /// Returns whether any part of the response is sent.
    pub(crate) fn sends_response(self) -> bool {
        !matches!(self, Self::Stall | Self::Close | Self::Reset)
    }
}

impl InjectedFault {
    pub(crate) fn reading(&self) -> Reading {
        match self.kind {
            Kind::CloseBeforeReading => Reading::Nothing,
            Kind::CloseDuringReading => Reading::FirstChunk,
            _ => Reading::Everything,
        }
    }

    /// Returns whether the operation is applied.
    pub(crate) fn is_applied(&self) -> bool {
        let by_kind = !matches!(
            self.kind,
            Kind::Stall | Kind::Http | Kind::Status(_) | Kind::ExpiredToken | Kind::HtmlPage | Kind::RateLimit(_)
        );
        self.reading() == Reading::Everything && self.applied.unwrap_or(by_kind)
    }

    pub(crate) fn delay(&self) -> Duration {
        self.latency
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self.kind {
            Kind::CloseBeforeReading | Kind::CloseDuringReading => Delivery::Reset,
            Kind::CloseAfterReading => Delivery::Close,
            Kind::CloseDuringResponse => Delivery::HalfThenClose,
            Kind::Stall => Delivery::Stall,
            Kind::StallDuringResponse => Delivery::HalfThenStall,
            Kind::HugeBody(bytes) => Delivery::Padded(bytes),
            _ => Delivery::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_request_is_not_applied() {
        for fault in [InjectedFault::close_before_reading(), InjectedFault::close_during_reading()] {
            assert!(!fault.applied(true).is_applied());
        }
        assert!(InjectedFault::stall().applied(true).is_applied());
        assert!(!InjectedFault::close_after_reading().applied(false).is_applied());
    }
}
