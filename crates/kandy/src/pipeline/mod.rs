//! Sends the calls that builders describe, and returns their responses.
//!
//! ```text
//! send                 describe, send, read: the entry of all wrapped calls
//! spec                 what a builder knows: describe and read, without I/O
//! driver               sends one request after another
//! authenticated_client adds the access token of an account, domain or user
//! shared_token         the token in a store that processes share: one mints it, the others wait
//! retry_loop           attempts, waits, renewal of the token
//! attempt              one HTTP request, its timeouts, its body
//! ```
//!
//! Begin reading at [`mod@send`], and follow the list. Each module imports only those below it. Beside them:
//! [`transport`] gives raw calls the same pipeline, [`mod@preview`] shows what is described, [`list`] reads a list
//! while it arrives, [`retry`] decides what is retried, [`throttle`] paces attempts, [`trace`] is the only place that
//! emits spans and events, [`observer`] reports calls to users.

mod api;
mod attempt;
mod attempt_error;
mod attempt_result;
mod authenticated_client;
mod builder;
mod call;
#[cfg(feature = "push")]
mod channel_connector;
mod client_inner;
mod custom_transport;
mod driver;
mod given_client;
mod handle_arc;
mod http_settings;
mod list;
mod observer;
mod observers;
mod preview;
mod proxy;
mod resolve;
mod response;
mod retry;
mod retry_loop;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod root_certificates;
mod send;
mod settings;
mod shared_token;
mod spec;
mod throttle;
pub(crate) mod trace;
mod transport;
mod upload_progress;

pub(crate) use api::api;
pub(crate) use attempt_error::limit_error;
pub(crate) use authenticated_client::AuthenticatedClient;
pub use builder::CallBuilder;
pub(crate) use builder::request;
pub(crate) use call::CallContext;
#[cfg(feature = "push")]
pub(crate) use channel_connector::ChannelConnector;
pub(crate) use client_inner::{AttemptTransport, ClientInner};
pub(crate) use driver::{Driver, nothing_sent};
#[cfg(feature = "push")]
pub(crate) use given_client::is_redirected;
pub(crate) use handle_arc::HandleArc;
pub(crate) use http_settings::HttpSettings;
pub use list::ListStream;
pub(crate) use list::Listing;
#[cfg(feature = "push")]
pub use observer::ChannelState;
pub use observer::{AttemptEvent, CallEvent, MessageReceived, Observer, Outcome};
pub(crate) use observers::Observers;
pub(crate) use preview::preview;
pub use preview::{Preview, PreviewBody, PreviewValue};
pub(crate) use proxy::ProxyChoice;
pub use response::Response;
pub use retry::{RetryBudget, RetryPolicy};
pub(crate) use send::{run, run_with, send, send_as, send_with_response};
pub(crate) use settings::{Settings, TimeLimit};
pub(crate) use spec::{CallSpec, HasCall};
pub(crate) use throttle::{ItemLimit, Limiter, Throttle};
pub use throttle::{RateLimit, SharedRateLimit};
