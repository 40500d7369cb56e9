//! Operations of the tag Account: access tokens, and the domains of the account.
//!
//! Begin with `HANDLERS`.

use kandy_sys::types::{AccountAccessToken, DomainCreated, DomainList};

use super::{authority, domain, handler::Handler, rules::create_domain};
use crate::{
    protocol::{
        call::Call,
        listing::Progress,
        refusal::unknown,
        reply::{Outcome, Reply},
    },
    state::{NewDomain, State, TokenOwner},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("account_access_token_get", Handler::Anyone(access_token_get)),
    ("account_access_token_delete", Handler::Anyone(access_token_delete)),
    ("domain_create", Handler::Account(domain_create)),
    ("domain_delete", Handler::Account(domain_delete)),
    ("domain_list", Handler::Account(domain_list)),
];

fn access_token_get(state: &mut State, call: &Call) -> Outcome {
    authority::account_credentials(state, call)?;
    let token = state.mint(TokenOwner::Account);
    Reply::result(AccountAccessToken { account_access_token: Some(token.into()) })
}

fn access_token_delete(state: &mut State, call: &Call) -> Outcome {
    authority::account_credentials(state, call)?;
    authority::revoke(state, call.require("account_access_token")?, TokenOwner::Account)
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

fn domain_delete(state: &mut State, call: &Call) -> Outcome {
    let key = call.require("domain_api_key")?;
    let (no, _) = state.domains.by_key(key).ok_or_else(|| unknown("domain"))?;
    state.delete_domain(no);
    Reply::message("Domain Deleted")
}

fn domain_list(state: &mut State, _: &Call) -> Outcome {
    let (mut last, end) = (None, state.domains.last());
    Reply::list(state, DomainList { domains: Vec::new() }, move |state, page| {
        let Some(end) = end else { return Progress::Done };
        page.fill(state.domains.after(last), &mut last, end, |domain| Some(domain::describe(domain)))
    })
}
