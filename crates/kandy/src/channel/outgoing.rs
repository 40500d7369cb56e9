//! [`Outgoing`]: a frame on its way from the caller to the task that sends it. Depends on nothing.

use tokio::sync::oneshot;

use crate::Result;

/// What errors call the sending of session data; it is no operation of the REST API.
pub(super) const SEND_SESSION_DATA: &str = "session_data_send";

/// A frame to send.
pub(super) struct Outgoing {
    pub(super) frame: String,
    /// The id of the response to wait for.
    pub(super) id: Option<String>,
    /// Notified before the frame is sent. If the receiver is gone, the frame is not sent: its caller has given up.
    pub(super) started: oneshot::Sender<()>,
    /// Receives the result: of the response, or else of sending.
    pub(super) done: oneshot::Sender<Result<()>>,
}
