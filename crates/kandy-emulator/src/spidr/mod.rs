//! SPiDR, the call server, as far as programs need it to log in: registration, a silent notification channel, and
//! presence requests. It makes no calls.
//!
//! ```text
//! path          what a path asks for, and whose it is
//! subscriptions the registrations, which expire
//! registration  POST, PUT and DELETE of a subscription
//! notifications the WebSocket of a registration
//! ```
//!
//! The facts are those of the one known family of clients, kandy.js 2.x. Depends on `http::app_state`, `http::response`
//! and `operations::authority`. Begin with [`handle`].

pub(crate) mod notifications;
pub(crate) mod path;
mod registration;
pub(crate) mod subscriptions;

use http::{Method, StatusCode, request::Parts};
use kandy_sys::{ApiFault, Status};
use serde_json::{Value, json};
use tokio::time;

use crate::{
    http::{app_state::AppState, response::HttpResponse},
    protocol::refusal::{self, Refusal},
};
use path::{Resource, Target};

/// How long a presence request is said to last.
const PRESENCE_SECONDS: u64 = 3600;

/// Handles a request to a path that [`path::is_spidr`].
pub(crate) async fn handle(app: &AppState, parts: &Parts, body: &[u8]) -> HttpResponse {
    let response = match Target::parse(parts.uri.path()) {
        Some(target) => respond(app, parts, &target, body),
        None => Err(Refusal::unknown_request()),
    };
    match response {
        Ok(Response::Now(response)) => response,
        Ok(Response::WhenPolled) => {
            // The emulator sends no notifications this way, so the request ends as it does when there is none. A server
            // that stops drops this future.
            time::sleep(registration::POLLING).await;
            HttpResponse::json(&json!({}))
        }
        Err(refusal) => refusal.into(),
    }
}

enum Response {
    Now(HttpResponse),
    /// A response to a request for notifications.
    WhenPolled,
}

impl Response {
    fn json(value: &Value) -> Result<Self, Refusal> {
        Ok(Self::Now(HttpResponse::json(value)))
    }
}

fn respond(app: &AppState, parts: &Parts, target: &Target<'_>, body: &[u8]) -> Result<Response, Refusal> {
    let (get, post) = (matches!(parts.method, Method::GET | Method::HEAD), parts.method == Method::POST);
    match target.resource {
        Resource::IsAlive if get => Response::json(&json!({})),
        Resource::Subscriptions if post => Response::json(&registration::create(app, parts, target, body)?),
        Resource::Subscription(id) if parts.method == Method::PUT => {
            Response::json(&registration::extend(app, target, id, body)?)
        }
        Resource::Subscription(id) if parts.method == Method::DELETE => {
            Response::json(&registration::delete(app, target, id)?)
        }
        Resource::LongPolling(id) if get => {
            registration::find(app, target, id)?;
            Ok(Response::WhenPolled)
        }
        Resource::PresenceWatcher if post => {
            registration::authenticate(app, parts, target)?;
            let request = registration::read(body, "presenceWatcherRequest")?;
            if !request["userList"].is_array() {
                return Err(refusal::invalid("userList").into());
            }
            let response = json!({"statusCode": 0, "expiryValue": PRESENCE_SECONDS});
            Response::json(&json!({"presenceWatcherResponse": response}))
        }
        Resource::Presence if post => {
            registration::authenticate(app, parts, target)?;
            registration::read(body, "presenceRequest")?;
            Response::json(&json!({"presenceResponse": {"statusCode": 0}}))
        }
        Resource::Call => Err(Refusal {
            http: StatusCode::NOT_IMPLEMENTED,
            fault: ApiFault::new(Status::UNKNOWN_REQUEST, "the emulator makes no calls; it only registers for them"),
        }),
        Resource::WebSocket(_) => Err(Refusal {
            http: StatusCode::UPGRADE_REQUIRED,
            fault: ApiFault::new(Status::UNKNOWN_REQUEST, "this path is a WebSocket"),
        }),
        _ => Err(Refusal::method_not_allowed()),
    }
}
