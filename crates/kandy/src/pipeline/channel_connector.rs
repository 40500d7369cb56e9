//! [`ChannelConnector`]: the HTTP client that opens data channels. Depends on `http_settings`.

use std::{sync::Arc, time::Duration};

use kandy_sys::BaseUrl;
use tokio::{sync::OnceCell, task};

use super::http_settings::{HttpSettings, build};
use crate::{
    Error, Result,
    error::{Phase, TransportError},
};

/// The HTTP client that opens the data channels of one [`Kandy`](crate::Kandy), built when the first is opened.
///
/// It is a client of its own, because only a connection of HTTP/1.1 can be upgraded, and those of calls may be of
/// HTTP/2. A client that the caller has built is used as it is.
pub(crate) struct ChannelConnector {
    /// `None` for a client without HTTP, which has no data channels.
    http: Option<HttpSettings>,
    allow_plain_http: bool,
    client: OnceCell<reqwest::Client>,
}

impl ChannelConnector {
    pub(crate) fn new(http: Option<HttpSettings>, allow_plain_http: bool) -> Self {
        Self { http, allow_plain_http, client: OnceCell::new() }
    }

    /// Whether a channel without TLS to another machine is allowed.
    pub(crate) fn allows_plain_http(&self) -> bool {
        self.allow_plain_http
    }

    /// Returns how long establishing a connection may take.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.http.as_ref().map_or(Duration::ZERO, HttpSettings::connect_timeout)
    }

    /// Returns the client.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up, and for a client without HTTP.
    pub(crate) async fn client(&self, base_url: &BaseUrl) -> Result<&reqwest::Client> {
        let create = async || {
            // An upgraded connection leaves the pool, and one whose upgrade was refused is not needed again.
            let reason = "a client with a transport of its own has no data channels; poll instead";
            let http = self.http.as_ref().ok_or_else(|| Error::argument("transport", reason))?;
            if let Some(client) = &http.client {
                return Ok(client.clone());
            }
            let http = http.builder(base_url)?.http1_only().pool_max_idle_per_host(0);
            // It reads the certificates of the platform, which would hold up the other tasks of the thread.
            let client = task::spawn_blocking(move || build(http)).await;
            client.unwrap_or_else(|error| {
                Err(Error::Transport(Arc::new(TransportError::new(None, Phase::Setup, Arc::new(error)))))
            })
        };
        self.client.get_or_try_init(create).await
    }
}
