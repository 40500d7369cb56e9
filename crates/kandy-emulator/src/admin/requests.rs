//! The log of requests: the last ones with their callers, and one in full.
//!
//! Depends on `http::app_state` and `http::request_log`. Begin with [`list`].

use http::StatusCode;
use serde::Serialize;

use crate::{
    http::{
        app_state::AppState,
        request_log::{Exchange, LogEntry, Shown},
        response::HttpResponse,
    },
    protocol::refusal::{Refusal, unknown},
    state::{State, TokenOwner, TokenStatus},
};

/// For how many entries the state is locked at once.
const BATCH: usize = 100;

/// An entry of the log, with the name of its caller.
#[derive(Serialize)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub(super) entry: LogEntry,
    /// The owner of the credential that was sent, if there is one.
    caller: Option<String>,
}

/// An entry with the request and the response in full.
#[derive(Serialize)]
struct FullEntry {
    #[serde(flatten)]
    entry: Entry,
    /// None of an older request: the log keeps those of the last ones, up to a number of bytes.
    exchange: Option<Shown>,
}

/// Returns the last requests before an entry, oldest first.
pub(super) fn list(app: &AppState, last: Option<u64>, before: Option<u64>) -> Vec<Entry> {
    let entries = app.log().last_requests(last, before);
    with_callers(app, entries)
}

/// Returns an entry with the request and the response in full.
pub(super) fn full(app: &AppState, id: &str) -> Result<HttpResponse, Refusal> {
    let entry = id.parse().ok().and_then(|id| app.log().get(id).cloned());
    let entry = entry.ok_or_else(|| Refusal { http: StatusCode::NOT_FOUND, fault: unknown("request") })?;
    let exchange = entry.exchange.as_ref().map(|exchange| exchange.show());
    let entry = with_caller(&app.state(), entry);
    Ok(HttpResponse::json(&FullEntry { entry, exchange }))
}

/// Finds the callers of entries. They are found when someone looks and not when a request is logged, which has to be fast.
pub(super) fn with_callers(app: &AppState, entries: Vec<LogEntry>) -> Vec<Entry> {
    let mut found = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter();
    while entries.len() > 0 {
        let state = app.state();
        found.extend(entries.by_ref().take(BATCH).map(|entry| with_caller(&state, entry)));
    }
    found
}

fn with_caller(state: &State, entry: LogEntry) -> Entry {
    let caller = entry.exchange.as_deref().and_then(|exchange| caller(state, exchange));
    Entry { entry, caller }
}

fn caller(state: &State, exchange: &Exchange) -> Option<String> {
    let key = exchange.key()?;
    let owner = match state.tokens.token_status(&key, state.clock.now()) {
        TokenStatus::Live(owner) | TokenStatus::Expired(owner) | TokenStatus::Revoked(owner) => owner,
        TokenStatus::Unknown => owner_of_api_key(state, key)?,
    };
    match owner {
        TokenOwner::Account => Some("account".to_owned()),
        TokenOwner::Domain(domain) => Some(format!("domain {}", state.domains.get(domain)?.name)),
        TokenOwner::User(user) => Some(state.full_user_id(state.users.get(user)?)),
    }
}

fn owner_of_api_key(state: &State, key: String) -> Option<TokenOwner> {
    let domain = state.domains.by_key(&key).map(|(domain, _)| TokenOwner::Domain(domain));
    let owner = domain.or_else(|| state.user_by_key(&key).map(TokenOwner::User));
    owner.or_else(|| (state.account.key == key.into()).then_some(TokenOwner::Account))
}
