//! [`CallContext`]: the client and the options that every builder holds beside its arguments. Depends on `settings` and
//! `authenticated_client`.

use std::{fmt, time::Duration};

use super::{authenticated_client::AuthenticatedClient, handle_arc::HandleArc, settings::Options};
use crate::Clock;

/// The client of a call, and the settings that the call overrides. Data only.
pub struct CallContext {
    pub(crate) client: HandleArc<AuthenticatedClient>,
    /// Boxed, because few calls override anything.
    pub(super) options: Option<Box<Options>>,
}

impl CallContext {
    pub(crate) fn new(client: &HandleArc<AuthenticatedClient>) -> Self {
        Self { client: client.share(), options: None }
    }

    /// Returns the overrides of this call, to change them.
    pub(crate) fn options(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }

    /// Whether only the deadline bounds how long the call waits for the rate limit of the service.
    pub(crate) fn waits_for_rate_limit(&self) -> bool {
        let own = self.options.as_ref().and_then(|options| options.retry.as_ref());
        own.unwrap_or(&self.client.inner.settings.retry).waits_for_rate_limit()
    }

    /// Returns the deadline of the call.
    pub(crate) fn deadline(&self) -> Duration {
        let own = self.options.as_ref().and_then(|options| options.deadline);
        own.unwrap_or_else(|| self.client.inner.settings.time_limit.duration())
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.client.inner.clock.as_ref()
    }
}

impl Clone for CallContext {
    fn clone(&self) -> Self {
        Self { client: self.client.share(), options: self.options.clone() }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext").field("client", &self.client).field("options", &self.options).finish()
    }
}
