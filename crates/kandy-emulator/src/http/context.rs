//! The context of the requests of a connection.
//!
//! Depends on `app_state`, `connection` and `response`.

use std::{sync::Arc, time::Instant};

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};

use super::{app_state::AppState, connection::ConnectionHandle, request_log::LoggedRequest, response::HttpResponse};
use crate::protocol::refusal::Refusal;

/// The arguments of the handler beside the request.
pub(crate) struct ConnectionContext {
    pub(crate) app: Arc<AppState>,
    pub(crate) connection: ConnectionHandle,
}

impl ConnectionContext {
    /// Logs that a WebSocket is refused, and makes the response.
    pub(crate) fn refuse_upgrade(&self, logged: LoggedRequest, refusal: Refusal) -> Response<Body> {
        let response = HttpResponse::from(refusal);
        self.app.record(logged.with_response(&response), None, Instant::now(), false);
        let mut response = response.into_response(&self.app.state);
        let http = response.status();
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if http == StatusCode::UPGRADE_REQUIRED {
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        response
    }
}
