//! What a request is handled with.

use std::sync::Arc;

use super::{app_state::AppState, connection::ConnectionHandle};

/// What the handler gets beside each request of a connection.
pub(crate) struct ConnectionContext {
    pub(crate) app: Arc<AppState>,
    pub(crate) connection: ConnectionHandle,
}
