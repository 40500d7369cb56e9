//! Answers the request that opens a channel: checks the token, and upgrades the connection.
//!
//! Depends on `http` and `operations::authority`. Begin with `open`.

use std::{sync::Arc, time::Instant};

use axum::body::Body;
use http::{Response, StatusCode, request::Parts};
use kandy_sys::{ApiFault, Secret, Status, mask_credentials};

use super::task;
use crate::{
    faults::{ChannelEvent, InjectedFault},
    http::{app_state::AppState, context::ConnectionContext, request_log::LoggedRequest, websocket::Upgrade},
    operations::authority,
    protocol::{
        call::FormParams,
        refusal::{Refusal, missing, permission_denied},
    },
    state::{ChannelEnd, ChannelHandle, ClientSoftware, TokenOwner},
};

/// How many characters of the type and of the version of a client are kept.
const SOFTWARE_LENGTH: usize = 64;

/// Opens a channel, or refuses to.
pub(crate) fn open(context: &ConnectionContext, parts: &mut Parts) -> Response<Body> {
    let app = &context.app;
    let query = FormParams::decode(parts.uri.query().unwrap_or_default());
    let logged = LoggedRequest::channel(&parts.method, parts.uri.path(), query.as_ref());
    match upgrade(app, parts, query.as_ref()) {
        Ok((upgrade, channel, token)) => {
            let fault = app.faults().next_channel_match(ChannelEvent::Upgrade);
            let logged = LoggedRequest {
                http_status: Some(StatusCode::SWITCHING_PROTOCOLS.as_u16()),
                injected: fault.as_ref().map(InjectedFault::kind),
                ..logged
            };
            app.record(logged, None, Instant::now(), false);
            if fault.is_some() {
                app.state().channels.end(&channel, ChannelEnd::TOKEN_ENDED);
            }
            let app = Arc::clone(app);
            upgrade.accept(&context.connection, |socket| task::run(app, channel, token, socket))
        }
        Err(refusal) => context.refuse_upgrade(logged, refusal),
    }
}

/// Checks a request, and adds its channel before the response is sent: what is pushed from then on is not lost.
fn upgrade(
    app: &AppState,
    parts: &mut Parts,
    query: Option<&FormParams>,
) -> Result<(Upgrade, ChannelHandle, Secret), Refusal> {
    let query = query.ok_or_else(|| Refusal::unreadable("query cannot be read"))?;
    let upgrade = Upgrade::read(parts)?;
    let token = query.get("user_access_token").filter(|token| !token.is_empty());
    let unauthorized = |fault: ApiFault| Refusal { http: StatusCode::UNAUTHORIZED, fault };
    let token = token.ok_or_else(|| unauthorized(missing("user_access_token")))?;
    // Masked as in the log: a client may send a token in the wrong place.
    let given = |name| query.get(name).map(|text| mask_credentials(text).chars().take(SOFTWARE_LENGTH).collect());
    let software = ClientSoftware { sw_type: given("client_sw_type"), sw_version: given("client_sw_version") };
    let mut state = app.state();
    let user = match authority::token_owner(&state, token).map_err(unauthorized)? {
        TokenOwner::User(user) => user,
        _ => return Err(unauthorized(permission_denied())),
    };
    let now = state.clock.now();
    match state.channels.open(user, software, now) {
        Some(channel) => Ok((upgrade, channel, token.into())),
        None => {
            let fault = ApiFault::new(Status::USAGE_QUOTA_EXCEEDED, "the user has too many open channels");
            Err(Refusal { http: StatusCode::TOO_MANY_REQUESTS, fault })
        }
    }
}
