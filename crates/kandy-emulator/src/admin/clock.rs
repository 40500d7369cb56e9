//! The clock: moved forward by a given time, or until all tokens have expired.
//!
//! Depends on `http::app_state`. Begin with [`advance`].

use std::time::Duration;

use kandy_sys::{ApiFault, Status};
use serde::Deserialize;
use serde_json::json;

use crate::http::{app_state::AppState, response::HttpResponse};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance_ms: Option<u64>,
    expire_tokens: Option<bool>,
}

/// Moves the clock forward.
pub(super) fn advance(app: &AppState, request: &Advance) -> Result<HttpResponse, ApiFault> {
    let mut state = app.state();
    let by = match (request.advance_ms, request.expire_tokens) {
        (Some(milliseconds), None) => milliseconds,
        // No token that is live now was minted with more, unless an older state file had a longer lifetime.
        (None, Some(true)) => state.token_ttl(),
        _ => {
            let message = "request body is not as documented: it has either advance_ms or expire_tokens, which is true";
            return Err(ApiFault::new(Status::VALIDATION_FAILED, message));
        }
    };
    state.advance(Duration::from_millis(by));
    Ok(HttpResponse::json(&json!({"now_ms": state.clock.now()})))
}
