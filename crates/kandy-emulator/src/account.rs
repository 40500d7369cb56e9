//! The chapter on accounts: access tokens and domains.

use kandy_sys::{
    Fault,
    types::{AccountAccessToken, DomainCreated, DomainList},
};

use crate::{
    answer::{Outcome, Reply},
    authority,
    behaviour::Behaviour,
    domain,
    listing::Progress,
    refusal::{domain_name_unavailable, invalid_credentials, unknown},
    request::Call,
    state::{Domain, Holder, NewDomain, Standing, State},
};

pub(crate) fn behaviour(operation_id: &str) -> Option<Behaviour> {
    Some(match operation_id {
        "account_access_token_get" => Behaviour::Anyone(access_token_get),
        "account_access_token_delete" => Behaviour::Anyone(access_token_delete),
        "domain_create" => Behaviour::Account(domain_create),
        "domain_delete" => Behaviour::Account(domain_delete),
        "domain_list" => Behaviour::Account(domain_list),
        _ => return None,
    })
}

fn access_token_get(state: &mut State, call: &Call) -> Outcome {
    authority::account_credentials(state, call)?;
    let token = state.mint(Holder::Account);
    Reply::result(AccountAccessToken { account_access_token: Some(token.into()) })
}

fn access_token_delete(state: &mut State, call: &Call) -> Outcome {
    authority::account_credentials(state, call)?;
    revoke(state, call.require("account_access_token")?, Holder::Account)
}

/// Revokes an access token of a holder. One that is dead already may be revoked again.
pub(crate) fn revoke(state: &mut State, token: &str, owner: Holder) -> Outcome {
    match state.standing(token) {
        Standing::Live(holder) | Standing::Expired(holder) | Standing::Revoked(holder) if holder == owner => {
            state.tokens.revoke(token);
            Reply::done()
        }
        _ => Err(invalid_credentials().into()),
    }
}

fn domain_create(state: &mut State, call: &Call) -> Outcome {
    let fields = call.fields()?;
    let name = fields.required("domain_name")?;
    let project_name = fields.optional("project_name")?;
    let domain = create_domain(state, NewDomain { project_name, ..NewDomain::new(name) })?;
    Reply::result(DomainCreated {
        domain_api_key: Some(domain.key().into()),
        domain_api_secret: Some(domain.secret().into()),
        domain_name: Some(domain.name.to_string()),
        project_name: domain.project_name.as_deref().map(str::to_owned),
    })
}

/// Creates a domain, whose API key must not be taken.
pub(crate) fn create_domain(state: &mut State, new: NewDomain) -> Result<&Domain, Fault> {
    let name = new.name.to_ascii_lowercase();
    if !is_domain_name(&name) || state.domains.by_name(&name).is_some() {
        return Err(domain_name_unavailable());
    }
    let now = state.clock.now();
    Ok(state.domains.create(NewDomain { name: name.into(), ..new }, now))
}

/// Letters, digits, hyphens and underscores, with dots between them. They are no longer than DNS allows.
fn is_domain_name(name: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    name.len() <= 253 && name.split('.').all(is_label)
}

fn domain_delete(state: &mut State, call: &Call) -> Outcome {
    let key = call.require("domain_api_key")?;
    let (no, _) = state.domains.by_key(key).ok_or_else(|| unknown("domain"))?;
    state.delete_domain(no);
    Reply::said("Domain Deleted")
}

fn domain_list(state: &mut State, _: &Call) -> Outcome {
    let (mut last, end) = (None, state.domains.last());
    Reply::list(state, DomainList { domains: Vec::new() }, move |state, page| {
        let Some(end) = end else { return Progress::Done };
        page.fill(state.domains.after(last), &mut last, end, |domain| Some(domain::describe(domain)))
    })
}
