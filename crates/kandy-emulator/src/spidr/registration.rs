//! Registers for calls: credentials, and the creation, extension and deletion of a subscription.
//!
//! Depends on `path` and `subscriptions`. Begin with `create`.

use std::{ops::RangeInclusive, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{StatusCode, header, request::Parts};
use kandy_sys::{ApiFault, Secret, Status};
use serde_json::{Value, json};

use super::path::{Owner, Target};
use crate::{
    http::app_state::AppState,
    operations::authority,
    protocol::{
        call::FormParams,
        refusal::{self, Refusal},
    },
    state::{State, TokenOwner, UserNo, clock::Clock, id::Id},
};

/// How long a request for notifications is held. The response to a registration has it as `pollingTimer`, and clients time
/// out half a minute later.
pub(super) const POLLING: Duration = Duration::from_secs(30);
/// How long a registration lasts, unless the client says otherwise; the clients ask for this, too.
const LIFETIME_SECONDS: u64 = 3600;
/// The shortest and the longest lifetime that a client may ask for.
const LIFETIMES: RangeInclusive<u64> = 1..=86_400;

/// Checks who sends a request, and returns the user; none for an anonymous caller, who needs no credentials.
///
/// A user has the password in the header `Authorization`, or a user access token in `key`.
pub(super) fn authenticate(app: &AppState, parts: &Parts, target: &Target<'_>) -> Result<Option<UserNo>, Refusal> {
    let Owner::User(full_user_id) = &target.owner else { return Ok(None) };
    let query = FormParams::decode(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    let state = app.state();
    let user = match (basic(parts), query.get("key")) {
        (Some((name, password)), _) => {
            // Compared in constant time, as all credentials are.
            let user = user(&state, full_user_id).filter(|_| name == **full_user_id);
            user.filter(|no| state.users.get(*no).is_some_and(|user| password == Secret::from(user.password())))
        }
        (None, Some(token)) => match authority::token_owner(&state, token)? {
            TokenOwner::User(owner) => user(&state, full_user_id).filter(|user| *user == owner),
            _ => None,
        },
        (None, None) => return Err(unauthorized(StatusCode::UNAUTHORIZED)),
    };
    // 403 is what the clients take for a wrong password, and 401 for missing credentials.
    user.map(Some).ok_or_else(|| unauthorized(StatusCode::FORBIDDEN))
}

fn unauthorized(http: StatusCode) -> Refusal {
    Refusal { http, fault: refusal::invalid_credentials() }
}

fn user(state: &State, full_user_id: &str) -> Option<UserNo> {
    state.user_by_full_id(full_user_id)
}

/// User name and password of the header `Authorization`.
fn basic(parts: &Parts) -> Option<(String, Secret)> {
    let (scheme, encoded) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()).ok())??;
    let (name, password) = str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((name.to_owned(), password.into()))
}

/// Creates a subscription.
pub(super) fn create(app: &AppState, parts: &Parts, target: &Target<'_>, body: &[u8]) -> Result<Value, Refusal> {
    let user = authenticate(app, parts, target)?;
    let request = read(body, "subscribeRequest")?;
    let (lifetime, clock) = (lifetime(&request)?, app.state().clock);
    let Some(id) = app.spidr().add(user, clock.now(), expires(clock, lifetime)) else {
        let fault = ApiFault::new(Status::USAGE_QUOTA_EXCEEDED, "too many registrations");
        return Err(Refusal { http: StatusCode::SERVICE_UNAVAILABLE, fault });
    };
    Ok(describe(target, id, &request, lifetime))
}

/// Extends a subscription. Its id is the credential, as in the paths of its channels.
pub(super) fn extend(app: &AppState, target: &Target<'_>, id: Id, body: &[u8]) -> Result<Value, Refusal> {
    find(app, target, id)?;
    let request = read(body, "subscribeRequest")?;
    let (lifetime, clock) = (lifetime(&request)?, app.state().clock);
    app.spidr().extend(id, expires(clock, lifetime));
    Ok(describe(target, id, &request, lifetime))
}

/// Deletes a subscription.
pub(super) fn delete(app: &AppState, target: &Target<'_>, id: Id) -> Result<Value, Refusal> {
    find(app, target, id)?;
    app.spidr().remove(id);
    Ok(json!({"subscribeResponse": {"statusCode": 0}}))
}

/// Checks that a subscription of the owner is live.
pub(super) fn find(app: &AppState, target: &Target<'_>, id: Id) -> Result<(), Refusal> {
    let unknown = || Refusal { http: StatusCode::NOT_FOUND, fault: refusal::unknown("subscription") };
    let (owner, now) = {
        let state = app.state();
        let owner = match &target.owner {
            Owner::User(full_user_id) => Some(user(&state, full_user_id).ok_or_else(unknown)?),
            Owner::Anonymous => None,
        };
        (owner, state.clock.now())
    };
    if app.spidr().has(id, owner, now) { Ok(()) } else { Err(unknown()) }
}

fn lifetime(request: &Value) -> Result<u64, Refusal> {
    match &request["expires"] {
        Value::Null => Ok(LIFETIME_SECONDS),
        expires => match expires.as_u64() {
            Some(seconds) if LIFETIMES.contains(&seconds) => Ok(seconds),
            _ => Err(refusal::invalid("expires").into()),
        },
    }
}

fn expires(clock: Clock, lifetime: u64) -> u64 {
    clock.now().saturating_add(lifetime * 1000)
}

/// The subscription as the clients read it. All services that they ask for are assigned.
fn describe(target: &Target<'_>, id: Id, request: &Value, lifetime: u64) -> Value {
    let services = if request["service"].is_array() { request["service"].clone() } else { json!([]) };
    // The clients tell the kinds of channels by this part of the path.
    let (channel, kind) = match request["notificationType"].as_str() {
        Some("LongPolling") => ("notification", "LongPolling"),
        _ => ("websocket", "WebSocket"),
    };
    let prefix = target.prefix;
    json!({"subscribeResponse": {
        "statusCode": 0,
        "subscription": format!("{prefix}/subscription/{id:x}"),
        "subscriptionParams": {
            "notificationType": kind,
            "notificationChannel": format!("{prefix}/{channel}/{id:x}"),
            "expires": lifetime,
            "pollingTimer": POLLING.as_secs(),
            "service": services,
            "assignedService": services,
        },
    }})
}

/// The object with a name in the body of a request.
pub(super) fn read(body: &[u8], name: &'static str) -> Result<Value, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::unreadable("request body cannot be read"))?;
    match body.get(name) {
        Some(object @ Value::Object(_)) => Ok(object.clone()),
        Some(_) => Err(refusal::invalid(name).into()),
        None => Err(refusal::missing(name).into()),
    }
}
