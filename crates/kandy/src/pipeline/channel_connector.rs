//! [`ChannelConnector`]: the HTTP client that opens data channels. Depends on `http_settings`.

use std::{sync::OnceLock, time::Duration};

use kandy_sys::BaseUrl;

use super::http_settings::{HttpSettings, build};
use crate::Result;

/// The HTTP client that opens the data channels of one [`Kandy`](crate::Kandy), built when the first is opened.
///
/// It is a client of its own, because only a connection of HTTP/1.1 can be upgraded, and those of calls may be of
/// HTTP/2.
pub(crate) struct ChannelConnector {
    http: HttpSettings,
    allow_plain_http: bool,
    client: OnceLock<reqwest::Client>,
}

impl ChannelConnector {
    pub(crate) fn new(http: HttpSettings, allow_plain_http: bool) -> Self {
        Self { http, allow_plain_http, client: OnceLock::new() }
    }

    /// Whether a channel without TLS to another machine is allowed.
    pub(crate) fn allows_plain_http(&self) -> bool {
        self.allow_plain_http
    }

    /// Returns how long establishing a connection may take.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.http.connect_timeout
    }

    /// Returns the client.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up.
    pub(crate) fn client(&self, base_url: &BaseUrl) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // An upgraded connection leaves the pool, and one whose upgrade was refused is not needed again.
        let client = build(self.http.builder(base_url)?.http1_only().pool_max_idle_per_host(0))?;
        Ok(self.client.get_or_init(|| client))
    }
}
