//! The one way to the network.
//!
//! ```text
//! builder ─ Call ─ generated call ─ Exchange ─ Caller ─ Attempts ─ Core ─ HTTP
//!                                              level    token      timeouts, body limit
//!                                                       verdict
//!                                                       pause
//! ```
//!
//! * [`Call`] is what every builder carries: the [`Exchange`] that it is going to be, with options of its own.
//! * [`Caller`] knows whose access token goes along; handles and calls hold it by a [`Near`].
//! * [`ListStream`] reads a list while it arrives.
//! * `Attempts` makes the call: token, attempt, verdict, pause, and again.
//! * [`Core`] makes one attempt, and knows no tokens.
//! * `rehearsal` goes the same way but for the last step, for a [`Preview`].
//! * [`Throttle`] makes attempts wait while the service limits their rate.
//! * `retry` says what is repeated; `trace` what may be printed; `observer` who is told.

mod attempts;
mod builder;
mod call;
mod caller;
mod core;
mod exchange;
mod list;
mod moving;
mod near;
mod observer;
mod payload;
mod preview;
mod proxy;
mod rehearsal;
mod response;
mod retry;
mod throttle;
pub(crate) mod trace;

pub use builder::CallBuilder;
pub(crate) use builder::sealed;
pub(crate) use call::{Call, Carries, Request, request, run, send, send_with_response};
pub(crate) use caller::Caller;
pub(crate) use core::{Core, Deadline, Options, Settings, TimeLeft};
pub(crate) use exchange::Exchange;
pub use list::ListStream;
pub(crate) use list::Listing;
pub(crate) use near::Near;
pub use observer::{CallEvent, Observer, Outcome};
pub use preview::{Preview, PreviewBody, PreviewValue};
pub(crate) use proxy::proxy_of;
pub(crate) use rehearsal::{Nowhere, preview};
pub use response::Response;
pub use retry::{RetryBudget, RetryPolicy};
pub(crate) use throttle::Throttle;
