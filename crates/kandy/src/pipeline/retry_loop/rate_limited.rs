//! [`RateLimited`]: what rate limits did to a call. Data only.

use std::{sync::Arc, time::Duration};

use crate::auth::CachedToken;

/// What rate limits did to a call.
#[derive(Default)]
pub(super) struct RateLimited {
    /// Attempts that were refused with HTTP 429.
    pub(super) refusals: u32,
    /// How long the call waited for the service.
    pub(super) for_service: Duration,
    /// How long it waited for limits of the caller.
    pub(super) for_limits: Duration,
    /// How long it waited for the limit of its bulk call before it began.
    pub(super) before: Duration,
    /// The token that was fetched before the turn of the next attempt.
    pub(super) token: Option<Arc<CachedToken>>,
}

impl RateLimited {
    /// Returns how long the call waited in all.
    pub(super) fn all(&self) -> Duration {
        self.for_service + self.for_limits + self.before
    }
}
