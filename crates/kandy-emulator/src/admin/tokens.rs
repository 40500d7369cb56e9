//! Access tokens of each level, with which the page calls the API as a program would.
//!
//! Depends on `http::app_state`. Begin with [`mint`].

use kandy_sys::{ApiFault, Status};
use serde::Deserialize;
use serde_json::json;

use crate::{
    http::{app_state::AppState, response::HttpResponse},
    protocol::refusal::unknown,
    state::TokenOwner,
};

/// The owner of the token: one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    full_user_id: Option<String>,
    domain_name: Option<String>,
    account: Option<bool>,
}

/// Mints an access token of a user, of a domain or of the account.
pub(super) fn mint(app: &AppState, new: &NewToken) -> Result<HttpResponse, ApiFault> {
    let mut state = app.state();
    let (owner, name) = match (&new.full_user_id, &new.domain_name, new.account) {
        (Some(user), None, None) => {
            let user = state.user_by_full_id(user).ok_or_else(|| unknown("user"))?;
            (TokenOwner::User(user), "user_access_token")
        }
        (None, Some(domain), None) => {
            let (domain, _) = state.domains.by_name(domain).ok_or_else(|| unknown("domain"))?;
            (TokenOwner::Domain(domain), "domain_access_token")
        }
        (None, None, Some(true)) => (TokenOwner::Account, "account_access_token"),
        _ => {
            let message = "give one of these: full_user_id, domain_name, or account with the value true";
            return Err(ApiFault::new(Status::VALIDATION_FAILED, message));
        }
    };
    let token = state.mint(owner);
    Ok(HttpResponse::json(&json!({name: token})))
}
