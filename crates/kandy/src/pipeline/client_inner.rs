//! [`ClientInner`]: the transport and the settings that all handles of one [`Kandy`](crate::Kandy) share. Data only;
//! begin reading at [`retry_loop`](super::retry_loop), which uses it.

use std::{sync::Arc, time::Duration};

use kandy_sys::{BaseUrl, Transport};

#[cfg(feature = "push")]
use super::channel_connector::ChannelConnector;
use super::{observers::Observers, retry::RetryBudget, settings::Settings, throttle::Throttle};
use crate::{Clock, TokenStore, error::ProxyAddress, metrics::Gauges};

/// The state that all calls of a client share.
pub(crate) struct ClientInner {
    pub(crate) transport: AttemptTransport,
    #[cfg(feature = "push")]
    pub(crate) channels: ChannelConnector,
    pub(crate) base_url: BaseUrl,
    /// The proxy that connections go through.
    pub(crate) proxy: Option<Arc<ProxyAddress>>,
    /// Whether the caller has built the HTTP client, so that redirects are found by their responses only.
    pub(crate) may_be_redirected: bool,
    /// Delays attempts, by the limit of the client and while the service limits their rate.
    pub(crate) throttle: Throttle,
    pub(crate) settings: Settings,
    pub(crate) budget: RetryBudget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observers: Observers,
    pub(crate) gauges: Gauges,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) token_store: Option<Arc<dyn TokenStore>>,
}

/// What sends the attempts of all calls.
pub(crate) enum AttemptTransport {
    /// HTTP, by reqwest.
    Http(reqwest::Client),
    /// A transport of the caller, such as one in memory.
    Custom(Arc<dyn Transport>),
}
