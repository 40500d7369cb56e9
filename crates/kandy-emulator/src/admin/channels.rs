//! The endpoints of data channels: list, drop, and ring.
//!
//! Depends on `http::app_state` and `http::response`. Begin with `list`.

use kandy_sys::ApiFault;
use serde::Deserialize;
use serde_json::json;

use crate::{
    http::{app_state::AppState, response::HttpResponse},
    protocol::{
        call::FormParams,
        refusal::{invalid, unknown},
    },
    state::{ChannelEnd, Push, id::Id},
};

/// The body of a request that lets a user be called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCall {
    to: String,
    call_id: Option<String>,
}

/// The open channels.
pub(super) fn list(app: &AppState) -> HttpResponse {
    HttpResponse::json(&json!({"channels": app.state().open_channels()}))
}

/// Ends all channels, with the close code in the query if there is one.
pub(super) fn drop_all(app: &AppState, query: Option<&str>) -> Result<HttpResponse, ApiFault> {
    let query = FormParams::decode(query.unwrap_or_default()).ok_or_else(|| invalid("code"))?;
    let code = match query.get("code") {
        Some(code) => Some(code.parse().ok().filter(|code| is_close_code(*code)).ok_or_else(|| invalid("code"))?),
        None => None,
    };
    Ok(HttpResponse::json(&json!({"dropped": drop_channels(app, code)})))
}

/// Lets a user be called.
pub(super) fn call(app: &AppState, NewCall { to, call_id }: NewCall) -> Result<HttpResponse, ApiFault> {
    let call_id = call_id.unwrap_or_else(|| format!("{:x}", Id::random()));
    let channels = ring(app, &to, &call_id)?;
    Ok(HttpResponse::json(&json!({"channels": channels, "call_id": call_id})))
}

/// Returns whether a close frame may have the code (RFC 6455, section 7.4, and the register of codes).
pub(crate) fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Ends all channels, and returns how many there were.
pub(crate) fn drop_channels(app: &AppState, code: Option<u16>) -> usize {
    app.state().channels.end_all(code.map_or(ChannelEnd::Reset, ChannelEnd::Closed))
}

/// Pushes an incoming call to a user, and returns to how many channels.
pub(crate) fn ring(app: &AppState, full_user_id: &str, call_id: &str) -> Result<usize, ApiFault> {
    let mut state = app.state();
    let user = state.user_by_full_id(full_user_id).ok_or_else(|| unknown("user"))?;
    let message = json!({"message_type": "incomingCall", "call_id": call_id});
    let frame = json!({"message_type": "notification", "message": message}).to_string();
    Ok(state.channels.push(user, &Push::Frame(frame.into())))
}
