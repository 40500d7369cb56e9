//! The emulator's own endpoints below `/_emulator`: state, log, clock, environment, seeds and faults; in `snapshots`, those
//! that replace the state, and those that take long among many objects.
//!
//! Depends on `http::app_state` and `http::response`, and on `seed` and `faults`. Begin with [`handle`].

pub(crate) mod channels;
mod chats;
mod clock;
pub(crate) mod contents;
pub(crate) mod environment;
pub(crate) mod events;
mod object_rows;
mod objects;
mod requests;
pub(crate) mod snapshots;
mod state;
mod tokens;

use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use kandy_sys::{ApiFault, Status, types::Contact};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET,
    faults::{self, InjectedFault},
    http::{
        app_state::AppState,
        response::HttpResponse,
        route::{BASE_PATH, admin_endpoint},
    },
    limits,
    protocol::{
        call::FormParams,
        refusal::{self, Refusal},
        server_address::ServerAddress,
    },
    seed::NewGroup,
    text,
};

use environment::Variables;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContact {
    device_id: String,
    contact: Contact,
}

/// Handles a request to a path below `/_emulator`.
pub(crate) fn handle(app: &AppState, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> HttpResponse {
    let endpoint = admin_endpoint(uri.path());
    // Bodies come from files, which some editors write with a byte order mark.
    let body = match text::decode(body) {
        Ok(body) => body,
        Err(error) => {
            return Refusal::bad_request(ApiFault::new(
                Status::VALIDATION_FAILED,
                format!("request body cannot be read: {error}"),
            ))
            .into();
        }
    };
    match run(app, method, &endpoint.to_ascii_lowercase(), uri.query(), headers, body.as_bytes()) {
        Ok(response) => response,
        Err(refusal) => refusal.into(),
    }
}

fn run(
    app: &AppState,
    method: &Method,
    endpoint: &str,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HttpResponse, Refusal> {
    let (get, post) = (method == Method::GET, method == Method::POST);
    Ok(match endpoint {
        "health" if get => HttpResponse::json(&json!({"status": "ok"})),
        "state" if get => state::summary(app),
        "requests" if get => {
            let (last, before) = (number(query, "last")?, number(query, "before")?);
            let filter = requests::Filter::new(last, before, query);
            HttpResponse::json(&json!({"requests": requests::list(app, &filter)}))
        }
        "sms" if get => {
            let last = number(query, "last")?.and_then(|last| usize::try_from(last).ok());
            let sms = app.state().outbox.last(last.unwrap_or(usize::MAX));
            HttpResponse::json(&json!({"sms": sms}))
        }
        "verifications" if get => HttpResponse::json(&json!({"verifications": app.state().verification_codes()})),
        "environment" if get => HttpResponse::json(&json!({"environment": variables(app, headers.get(header::HOST))})),
        "clock" if post => clock::advance(app, &read(body)?).map_err(Refusal::bad_request)?,
        "groups" if post => {
            let group: NewGroup = read(body)?;
            let id = app.state().create_group(&group).map_err(Refusal::bad_request)?;
            HttpResponse::json(&json!({"group_id": id}))
        }
        "contacts" if post => {
            let NewContact { device_id, contact } = read(body)?;
            app.state().add_contact(&device_id, contact).map_err(Refusal::bad_request)?;
            HttpResponse::json(&json!({"status": "ok"}))
        }
        "conversation" if get => chats::conversation(app, query).map_err(Refusal::bad_request)?,
        "tokens" if post => tokens::mint(app, &read(body)?).map_err(Refusal::bad_request)?,
        "channels" if get => channels::list(app),
        "channels" if method == Method::DELETE => channels::drop_all(app, query).map_err(Refusal::bad_request)?,
        "calls" if post => channels::call(app, read(body)?).map_err(Refusal::bad_request)?,
        "faults" if get => HttpResponse::json(&json!({"faults": app.faults().all()})),
        "faults/kinds" if get => HttpResponse::json(&faults::kinds()),
        "faults" if post => {
            let fault = InjectedFault::from_json(body).map_err(Refusal::bad_request)?;
            // One lock for both steps, so that concurrent requests cannot exceed the limit.
            let mut faults = app.faults();
            if faults.len() >= limits::FAULTS {
                let message = format!("{} faults are armed, which is the limit; remove some", limits::FAULTS);
                return Err(Refusal::bad_request(ApiFault::new(Status::USAGE_QUOTA_EXCEEDED, message)));
            }
            HttpResponse::json(&json!({"id": faults.arm(fault)}))
        }
        "faults" if method == Method::DELETE => {
            app.faults().clear();
            HttpResponse::json(&json!({"status": "ok"}))
        }
        "environment" | "health" | "state" | "requests" | "sms" | "verifications" | "clock" | "groups" | "contacts"
        | "faults" | "channels" | "calls" | "events" | "conversation" | "tokens" | "objects" | "faults/kinds" => {
            return Err(Refusal::method_not_allowed());
        }
        _ => match endpoint.split_once('/') {
            Some(("faults", id)) if method == Method::DELETE => remove_fault(app, id)?,
            Some(("requests", id)) if get => requests::full(app, id)?,
            Some(("faults" | "requests", _)) => return Err(Refusal::method_not_allowed()),
            _ => return Err(Refusal::unknown_request()),
        },
    })
}

/// The variables of clients, with the base URL at which this one reached the emulator.
fn variables(app: &AppState, host: Option<&HeaderValue>) -> Variables {
    let server = ServerAddress::of(host, app.is_secure);
    let scheme = if server.is_secure { "https" } else { "http" };
    let base_url = format!("{scheme}://{}:{}{BASE_PATH}", server.url_host(), server.port);
    let state = app.state();
    let (key, secret) = (DEVELOPMENT_ACCOUNT_KEY.into(), DEVELOPMENT_ACCOUNT_SECRET.into());
    let is_development = (state.account.key == key) & (state.account.secret == secret);
    // A domain that was deleted since has no credentials.
    let first = app.first_domain.as_ref().filter(|domain| state.domains.by_key(domain.api_key().expose()).is_some());
    Variables::new(base_url, app.ca_file.clone(), is_development, first)
}

fn remove_fault(app: &AppState, id: &str) -> Result<HttpResponse, Refusal> {
    match id.parse() {
        Ok(id) if app.faults().remove(id) => Ok(HttpResponse::json(&json!({"status": "ok"}))),
        _ => Err(Refusal { http: StatusCode::NOT_FOUND, fault: refusal::unknown("fault") }),
    }
}

/// The number that a parameter has; none without it.
fn number(query: Option<&str>, name: &str) -> Result<Option<u64>, Refusal> {
    let query = FormParams::decode(query.unwrap_or_default());
    let Some(value) = query.as_ref().and_then(|query| query.get(name)) else { return Ok(None) };
    value.parse().map(Some).map_err(|_| {
        Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, format!("the parameter {name} is no number")))
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        // The position only: the text of the error repeats values that were sent.
        let (line, column) = (error.line(), error.column());
        let message = format!("request body is not as documented, line {line} column {column}");
        Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, message))
    })
}
