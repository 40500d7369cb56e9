//! Operations of the tag Domain: access tokens, details and users.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault,
    types::{self, AnonymousUser, DomainAccessToken, DomainDetails, UserList},
};
use serde_json::json;

use super::{
    authority,
    handler::Handler,
    lookup, mobile_country_codes,
    rules::{check_password, check_user_id, country_code, create_new_user, has_password, new_password, phone_number},
    spidr,
    user_json::{self, UserCreatedJson, UserJson},
};
use crate::{
    protocol::{
        call::{Call, Fields},
        listing::Progress,
        refusal::{Refusal, invalid, invalid_credentials, permission_denied, unknown},
        reply::{Outcome, Reply},
    },
    state::{Account, Domain, DomainNo, NewUser, PhoneNumber, State, TokenOwner, UserNo, clock},
};

/// The time between two payments for a domain.
const PAYMENT_INTERVAL: u64 = 30 * 24 * 60 * 60 * 1000;
/// The country of all callers: the address of a local caller has none.
const COUNTRY_OF_CALLERS: &str = "US";
pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("domain_access_token_get", Handler::Anyone(access_token_get)),
    ("domain_access_token_delete", Handler::Anyone(access_token_delete)),
    ("domain_get", Handler::Anyone(get)),
    ("user_create_by_phone_number", Handler::Domain(user_create_by_phone_number)),
    ("user_create", Handler::Domain(user_create)),
    ("user_delete", Handler::Anyone(user_delete)),
    ("user_list", Handler::Domain(user_list)),
    ("user_get", Handler::Anyone(user_get)),
    ("domain_limited_get", Handler::Domain(limited_get)),
    ("anonymous_user_get", Handler::Domain(|state, _, domain| anonymous_user(state, domain))),
    ("anonymous_user_get_by_api_key", Handler::Anyone(anonymous_user_by_api_key)),
    ("country_code_get", Handler::Domain(country_code_get)),
    ("domain_spidr_configuration_get", Handler::Domain(spidr_configuration_get)),
];

fn access_token_get(state: &mut State, call: &Call) -> Outcome {
    let domain = authority::domain_credentials(state, call)?;
    let token = state.mint(TokenOwner::Domain(domain));
    Reply::result(DomainAccessToken { domain_access_token: Some(token.into()) })
}

fn access_token_delete(state: &mut State, call: &Call) -> Outcome {
    let domain = authority::domain_credentials(state, call)?;
    authority::revoke(state, call.require("domain_access_token")?, TokenOwner::Domain(domain))
}

fn get(state: &mut State, call: &Call) -> Outcome {
    let domain = match state.domains.by_key(authority::key(call)?) {
        // The domain's API key, with its secret and an access token beside it.
        Some(_) => {
            let domain = authority::domain_credentials(state, call)?;
            match authority::token_owner(state, call.require("domain_access_token")?)? {
                TokenOwner::Domain(owner) if owner == domain => domain,
                _ => return Err(Refusal::wrong_level()),
            }
        }
        // A domain access token, with the domain's API key beside it.
        None => {
            let domain = authority::domain(state, call)?;
            match state.domains.by_key(call.require("domain_api_key")?) {
                Some((asked, _)) if asked == domain => domain,
                Some(_) => return Err(permission_denied().into()),
                None => return Err(unknown("domain").into()),
            }
        }
    };
    Reply::result(DomainDetails { domain: state.domains.get(domain).map(describe) })
}

/// Describes a domain as the API returns it.
pub(crate) fn describe(domain: &Domain) -> types::Domain {
    types::Domain {
        domain_api_key: Some(domain.key().into()),
        domain_api_secret: Some(domain.secret().into()),
        domain_name: Some(domain.name.to_string()),
        project_name: domain.project_name.as_deref().map(str::to_owned),
        account_number: Some(Account::NUMBER.into()),
        account_email: Some(Account::EMAIL.to_owned()),
        number_of_users: Some(domain.number_of_users().to_string().into()),
        next_recurring_payment: Some(clock::day(domain.created.saturating_add(PAYMENT_INTERVAL))),
    }
}

fn user_create_by_phone_number(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let fields = call.fields()?;
    let PhoneNumber { dialling_code, number } = phone_number(&fields)?;
    let user_id = format!("{dialling_code}{number}").into();
    let (phone_number, dialling_code) = (Some(number), Some(dialling_code));
    create(state, domain, NewUser { user_id, phone_number, dialling_code, ..details(&fields)? })
}

fn user_create(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let fields = call.fields()?;
    let user_id = fields.given("user_id")?.ok_or_else(|| call.missing("user_id"))?;
    check_user_id(&user_id)?;
    let dialling_code = fields.optional("user_country_code")?.map(|country| country_code(&country)).transpose()?;
    create(state, domain, NewUser { user_id: user_id.into(), dialling_code, ..details(&fields)? })
}

/// Reads the fields that both operations that create a user take.
fn details(fields: &Fields<'_>) -> Result<NewUser, ApiFault> {
    let password = match fields.optional("user_password")? {
        Some(password) => {
            check_password(&password)?;
            password
        }
        None => new_password(),
    };
    Ok(NewUser {
        password,
        first_name: fields.optional("user_first_name")?,
        last_name: fields.optional("user_last_name")?,
        email: fields.optional("user_email")?,
        ..NewUser::default()
    })
}

fn create(state: &mut State, domain: DomainNo, new: NewUser) -> Outcome {
    let no = create_new_user(state, domain, new)?;
    Reply::result(UserCreatedJson::of(state, no).ok_or_else(|| unknown("user"))?)
}

fn user_delete(state: &mut State, call: &Call) -> Outcome {
    let names = ["user_api_key", "user_id", "user_password"];
    let user = match state.user_by_key(authority::key(call)?) {
        // The user's API key alone.
        Some(user) if names.iter().all(|name| call.query(name).is_none()) => user,
        Some(_) => return Err(Refusal::wrong_level()),
        // A domain access token, with parameters that name the user.
        None => {
            let domain = authority::domain(state, call)?;
            named_user(state, call, domain)?
        }
    };
    state.delete_user(user);
    Reply::message("User Deleted")
}

/// Finds the user to delete: by API key, or by user id and password.
fn named_user(state: &State, call: &Call, domain: DomainNo) -> Result<UserNo, Refusal> {
    if let Some(key) = call.query("user_api_key") {
        return Ok(lookup::user_by_key(state, key, domain)?);
    }
    let user_id = call.query("user_id").ok_or_else(|| call.missing("user_api_key, or user_id and user_password"))?;
    let password = call.require("user_password")?;
    check_user_id(user_id)?;
    let no = state.users.by_name(domain, user_id);
    let (no, user) = no.and_then(|no| Some((no, state.users.get(no)?))).ok_or_else(|| unknown("user"))?;
    // The caller's token is good, so HTTP 403 would make a client renew it in vain.
    if has_password(user, password) { Ok(no) } else { Err(Refusal::from(invalid_credentials()).with_http_200()) }
}

fn user_list(state: &mut State, _: &Call, domain: DomainNo) -> Outcome {
    let (mut last, end) = (None, state.domains.get(domain).and_then(Domain::last_user));
    Reply::list(state, UserList { users: Vec::new() }, move |state, page| {
        let (Some(domain), Some(end)) = (state.domains.get(domain), end) else { return Progress::Done };
        let users = domain.users_after(last).map(|no| (no, no));
        page.fill(users, &mut last, end, |no| UserJson::of(state, no))
    })
}

fn user_get(state: &mut State, call: &Call) -> Outcome {
    let domain = match state.domains.by_key(authority::key(call)?) {
        // One client sends the domain's API key, and nothing beside it.
        Some((domain, _)) => domain,
        None => authority::domain(state, call)?,
    };
    let by_token =
        call.query("user_access_token").map(|token| lookup::user_by_token(state, token, domain)).transpose()?;
    let by_key = call.query("user_api_key").map(|key| lookup::user_by_key(state, key, domain)).transpose()?;
    let user = match (by_token, by_key) {
        (Some(token), Some(key)) if token != key => return Err(invalid("user_api_key").into()),
        (Some(user), _) | (None, Some(user)) => user,
        (None, None) => return Err(call.missing("user_access_token or user_api_key").into()),
    };
    let user = UserJson::of(state, user);
    Reply::written(|json| user_json::write_details(user.as_ref(), json))
}

fn limited_get(state: &mut State, _: &Call, domain: DomainNo) -> Outcome {
    let without_secrets = |domain| types::Domain { domain_api_key: None, domain_api_secret: None, ..describe(domain) };
    Reply::result(DomainDetails { domain: state.domains.get(domain).map(without_secrets) })
}

/// Creates a user with a generated name, and a token.
fn anonymous_user(state: &mut State, domain: DomainNo) -> Outcome {
    let user_id = state.anonymous_user_id(domain).ok_or_else(|| unknown("domain"))?;
    let no = state.create_user(domain, NewUser { user_id, password: new_password(), ..NewUser::default() });
    let token = state.mint(TokenOwner::User(no));
    let user = state.users.get(no).ok_or_else(|| unknown("user"))?;
    Reply::result(AnonymousUser {
        user_name: Some(user.user_id().into()),
        user_password: Some(user.password().into()),
        full_user_id: Some(state.full_user_id(user)),
        domain_name: state.domains.get(domain).map(|domain| domain.name.to_string()),
        user_access_token: Some(token.into()),
        extra: kandy_sys::ExtraFields::default(),
    })
}

fn anonymous_user_by_api_key(state: &mut State, call: &Call) -> Outcome {
    let (domain, _) = state.domains.by_key(authority::key(call)?).ok_or_else(invalid_credentials)?;
    anonymous_user(state, domain)
}

fn country_code_get(_: &mut State, call: &Call, _: DomainNo) -> Outcome {
    let country = call.query("MCC").map_or(Some(COUNTRY_OF_CALLERS), mobile_country_codes::country);
    let country = country.ok_or_else(|| unknown("mobile country code"))?;
    Reply::result(json!({"country_code": country_code(country)?, "country": country}))
}

fn spidr_configuration_get(_: &mut State, call: &Call, _: DomainNo) -> Outcome {
    Reply::result(json!({"spidr_configuration": spidr::configuration(&call.server_address())}))
}
