//! The log of requests: the last ones with their callers, and one in full.
//!
//! Depends on `http::app_state` and `http::request_log`. Begin with [`list`].

use http::StatusCode;
use serde::Serialize;

use crate::{
    http::{
        app_state::AppState,
        request_log::{FoundEntry, LogEntry, LoggedRequest, Shown},
        response::HttpResponse,
    },
    protocol::{
        call::FormParams,
        refusal::{Refusal, unknown},
    },
    state::{State, TokenOwner, TokenStatus},
};

/// For how many entries the log and the state are locked at once.
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

/// Which requests are listed.
pub(super) struct Filter {
    /// How many at most.
    last: usize,
    /// Only those before this entry.
    before: Option<u64>,
    /// Only those that contain this, which is in lower case.
    search: Option<String>,
    /// Only those that failed.
    only_failed: bool,
}

impl Filter {
    /// The last ones before an entry that the parameters `search` and `failed` of a query select.
    pub(super) fn new(last: Option<u64>, before: Option<u64>, query: Option<&str>) -> Self {
        let query = FormParams::decode(query.unwrap_or_default()).unwrap_or_default();
        Self {
            last: last.and_then(|last| usize::try_from(last).ok()).unwrap_or(usize::MAX),
            before,
            search: query.get("search").map(str::to_lowercase),
            only_failed: query.get("failed") == Some("true"),
        }
    }

    fn includes(&self, Entry { entry, caller }: &Entry) -> bool {
        let LoggedRequest { operation, method, path, query, http_status, status, injected } = &entry.request;
        let is_ok = http_status.is_some_and(|http| http < 400) && status.unwrap_or_default() == 0;
        if self.only_failed && is_ok {
            return false;
        }
        let Some(wanted) = &self.search else { return true };
        let mut text = format!("{} {method} {path} ", operation.unwrap_or_default());
        for (name, value) in query {
            text.extend([name, "=", value, "&"]);
        }
        let numbers = [http_status.map(i64::from), *status].map(|number| number.unwrap_or_default().to_string());
        text.extend([" ", &numbers[0], " ", &numbers[1], " ", injected.unwrap_or_default(), " "]);
        text.push_str(caller.as_deref().unwrap_or_default());
        text.to_lowercase().contains(wanted)
    }
}

/// Returns the last requests that a filter includes, oldest first. The log is locked for a part of it at a time.
pub(super) fn list(app: &AppState, filter: &Filter) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut before = filter.before;
    while found.len() < filter.last {
        let entries = app.log().last_requests(BATCH, before);
        let Some(oldest) = entries.last() else { break };
        before = Some(oldest.entry.id);
        let entries = with_callers(app, entries).into_iter().filter(|entry| filter.includes(entry));
        found.extend(entries.take(filter.last - found.len()));
    }
    found.reverse();
    found
}

/// Returns an entry with the request and the response in full.
pub(super) fn full(app: &AppState, id: &str) -> Result<HttpResponse, Refusal> {
    let found = id.parse().ok().and_then(|id| app.log().get(id));
    let (found, exchange) = found.ok_or_else(|| Refusal { http: StatusCode::NOT_FOUND, fault: unknown("request") })?;
    let exchange = exchange.map(|exchange| exchange.show());
    let entry = with_caller(&app.state(), found);
    Ok(HttpResponse::json(&FullEntry { entry, exchange }))
}

/// Finds the callers of up to [`BATCH`] entries. They are found when someone looks and not when a request is logged, which has to be fast.
pub(super) fn with_callers(app: &AppState, entries: Vec<FoundEntry>) -> Vec<Entry> {
    let state = app.state();
    entries.into_iter().map(|entry| with_caller(&state, entry)).collect()
}

fn with_caller(state: &State, FoundEntry { entry, key }: FoundEntry) -> Entry {
    Entry { entry, caller: key.and_then(|key| caller(state, key)) }
}

fn caller(state: &State, key: String) -> Option<String> {
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
