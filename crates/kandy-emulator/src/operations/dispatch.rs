//! Finds the handler of an operation in the tables of the tags, and runs it.
//!
//! Depends on the modules of all tags. Begin with `run`.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    account, address_book, authority, content, conversation, device, directory, domain, group, handler::Handler,
    hunt_group, last_seen, presence, session, user, verification,
};
use crate::{
    protocol::{
        call::Call,
        reply::{Outcome, Reply},
    },
    state::State,
};

/// The tables of all tags.
const TABLES: &[&[(&str, Handler)]] = &[
    account::HANDLERS,
    domain::HANDLERS,
    hunt_group::HANDLERS,
    verification::HANDLERS,
    user::HANDLERS,
    address_book::HANDLERS,
    directory::HANDLERS,
    presence::HANDLERS,
    device::HANDLERS,
    content::HANDLERS,
    group::HANDLERS,
    conversation::HANDLERS,
    session::HANDLERS,
];

/// The rows of all tables by operation id, so that a request needs one lookup.
static HANDLERS: LazyLock<HashMap<&str, Handler>> =
    LazyLock::new(|| TABLES.iter().flat_map(|table| table.iter().copied()).collect());

/// The handler of the operation with an id, if a table has one.
fn lookup(operation_id: &str) -> Option<Handler> {
    HANDLERS.get(operation_id).copied()
}

/// Runs the operation of a call.
pub(crate) fn run(state: &mut State, call: &Call) -> Outcome {
    match lookup(call.operation.id) {
        Some(handler) => handler.run(state, call),
        None => {
            last_seen::touch_last_seen(state, call);
            example(state, call)
        }
    }
}

/// Returns the example of an operation that has no handler, to callers with the right credential.
fn example(state: &State, call: &Call) -> Outcome {
    authority::check(state, call)?;
    Reply::example(call.operation)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::HeaderMap;
    use kandy_sys::{
        OPERATIONS, Operation,
        operation::{self, Confidence, Credential, Level},
    };
    use serde_json::Value;

    use super::*;
    use crate::{
        protocol::call::FormParams,
        state::{Account, NewDomain, NewUser, TokenOwner},
    };

    /// Operations that take credentials in more than one form.
    const TWO_FORMS: [&str; 4] = ["domain_get", "last_seen_list", "user_delete", "user_get"];

    #[test]
    fn handlers_match_credentials_of_the_table() {
        for operation in OPERATIONS {
            let agrees = match (lookup(operation.id), operation.credential()) {
                (None, _) => continue,
                (Some(Handler::Anyone(_)), Credential::ApiKey(_)) => true,
                (Some(Handler::Anyone(_)), _) => TWO_FORMS.contains(&operation.id),
                (Some(Handler::Account(_)), credential) => credential == Credential::AccessToken(Level::Account),
                (Some(Handler::Domain(_)), credential) => credential == Credential::AccessToken(Level::Domain),
                (Some(Handler::User(_)), credential) => credential == Credential::AccessToken(Level::User),
            };
            assert!(agrees, "{operation}");
        }
    }

    /// A row with an id that no operation has would never run.
    #[test]
    fn rows_are_unique_and_known() {
        let mut ids: Vec<_> = TABLES.iter().flat_map(|table| table.iter().map(|(id, _)| *id)).collect();
        for id in &ids {
            assert!(Operation::find(id).is_some(), "{id}");
        }
        let rows = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows, "an operation has two rows");
    }

    #[test]
    fn every_documented_operation_has_a_handler() {
        for operation in OPERATIONS.iter().filter(|operation| operation.confidence == Confidence::A) {
            assert!(lookup(operation.id).is_some(), "{operation}");
        }
    }

    #[test]
    fn example_needs_the_right_credential() {
        let account = Account { key: "AAKkey".into(), secret: "AASsecret".into() };
        let mut state = State::new(account, Duration::from_secs(60));
        let domain_key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&domain_key).expect("there").0;
        let user = state.create_user(domain, NewUser { user_id: "russ".into(), ..NewUser::default() });
        let user_key = state.users.get(user).expect("there").key().into();
        let tokens =
            [TokenOwner::Account, TokenOwner::Domain(domain), TokenOwner::User(user)].map(|owner| state.mint(owner));
        let keys = ["AAKkey".to_owned(), domain_key, user_key];
        let ask = |operation, key: &str| {
            let query = FormParams::of(&[("key", key)]);
            let call = Call::new(operation, query, &HeaderMap::new(), false, Bytes::new().into());
            example(&state, &call)
        };

        for operation in OPERATIONS {
            let (right, level, others) = match operation.credential() {
                Credential::AccessToken(level) => (&tokens, level, 11),
                Credential::ApiKey(level) => (&keys, level, 55),
            };
            for (key, owner) in right.iter().zip([Level::Account, Level::Domain, Level::User]) {
                let expected = if owner == level { 0 } else { others };
                let status = match ask(operation, key) {
                    Ok(reply) => reply.status,
                    Err(refusal) => Some(refusal.fault.status),
                };
                let expected =
                    (operation.response != operation::ResponseKind::File || expected != 0).then_some(expected);
                assert_eq!(status.map(|status| status.0), expected, "{operation} {owner}");
            }
            assert_eq!(ask(operation, "").expect_err("no key").fault.status.0, 15);
            assert_eq!(ask(operation, "nobody").expect_err("an unknown key").fault.status.0, 55);
            let example: Value = serde_json::from_str(operation.example).expect("JSON");
            assert!(example.is_string() || example["status"] == 0, "the example is a success");
        }
    }
}
