//! The context of the requests of a connection.
//!
//! Depends on `app_state` and `connection`.

use std::sync::Arc;

use super::{app_state::AppState, connection::ConnectionHandle};

/// The arguments of the handler beside the request.
pub(crate) struct ConnectionContext {
    pub(crate) app: Arc<AppState>,
    pub(crate) connection: ConnectionHandle,
}
