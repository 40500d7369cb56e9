//! From an operation to its behaviour, put together from the chapters.

use std::{collections::HashMap, sync::LazyLock};

use kandy_sys::OPERATIONS;

use crate::{
    account, address_book,
    answer::{Outcome, Reply},
    authority,
    behaviour::Behaviour,
    content, conversation, device, directory, domain, group, hunt_group, presence,
    request::Call,
    session,
    state::State,
    user, verification,
};

/// The behaviours by the ids of their operations, so that no request has to go through all chapters.
static BEHAVIOURS: LazyLock<HashMap<&str, Behaviour>> = LazyLock::new(|| {
    OPERATIONS.iter().filter_map(|operation| Some((operation.id, written_down(operation.id)?))).collect()
});

/// What the operation with an id does, if that is written down.
fn behaviour(operation_id: &str) -> Option<Behaviour> {
    BEHAVIOURS.get(operation_id).copied()
}

fn written_down(operation_id: &str) -> Option<Behaviour> {
    let chapters = [
        account::behaviour,
        domain::behaviour,
        hunt_group::behaviour,
        verification::behaviour,
        user::behaviour,
        address_book::behaviour,
        directory::behaviour,
        presence::behaviour,
        device::behaviour,
        content::behaviour,
        group::behaviour,
        conversation::behaviour,
        session::behaviour,
    ];
    chapters.iter().find_map(|chapter| chapter(operation_id))
}

/// Does what a call asks for.
pub(crate) fn answer(state: &mut State, call: &Call) -> Outcome {
    presence::see_caller(state, call);
    match behaviour(call.operation.id) {
        Some(behaviour) => behaviour.run(state, call),
        None => example(state, call),
    }
}

/// What an operation without a behaviour answers: its example, to those who may ask.
fn example(state: &State, call: &Call) -> Outcome {
    authority::check(state, call)?;
    Reply::example(call.operation)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::HeaderMap;
    use kandy_sys::operation::{self, Confidence, Credential, Level};
    use serde_json::Value;

    use super::*;
    use crate::{
        answer::Answer,
        request::Pairs,
        state::{Account, Holder, NewDomain, NewUser},
    };

    /// Those that take their credentials in more than one form.
    const TWO_FORMS: [&str; 4] = ["domain_get", "last_seen_list", "user_delete", "user_get"];

    #[test]
    fn a_behaviour_lets_in_whom_the_table_says() {
        for operation in OPERATIONS {
            let agrees = match (behaviour(operation.id), operation.credential()) {
                (None, _) => continue,
                (Some(Behaviour::Anyone(_)), Credential::ApiKey(_)) => true,
                (Some(Behaviour::Anyone(_)), _) => TWO_FORMS.contains(&operation.id),
                (Some(Behaviour::Account(_)), credential) => credential == Credential::AccessToken(Level::Account),
                (Some(Behaviour::Domain(_)), credential) => credential == Credential::AccessToken(Level::Domain),
                (Some(Behaviour::User(_)), credential) => credential == Credential::AccessToken(Level::User),
            };
            assert!(agrees, "{operation}");
        }
    }

    #[test]
    fn every_documented_operation_has_a_behaviour() {
        for operation in OPERATIONS.iter().filter(|operation| operation.confidence == Confidence::A) {
            assert!(behaviour(operation.id).is_some(), "{operation}");
        }
    }

    #[test]
    fn an_example_is_for_those_who_may_ask() {
        let account = Account { key: "AAKkey".into(), secret: "AASsecret".into() };
        let mut state = State::new(account, Duration::from_secs(60));
        let domain_key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&domain_key).expect("there").0;
        let user = state.create_user(domain, NewUser { user_id: "russ".into(), ..NewUser::default() });
        let user_key = state.users.get(user).expect("there").key();
        let tokens = [Holder::Account, Holder::Domain(domain), Holder::User(user)].map(|holder| state.mint(holder));
        let keys = ["AAKkey".to_owned(), domain_key, user_key];
        let ask = |operation, key: &str| {
            let query = Pairs(vec![("key".to_owned(), key.to_owned())]);
            let call = Call::new(operation, query, &HeaderMap::new(), Bytes::new().into());
            example(&state, &call)
        };

        for operation in OPERATIONS {
            let (right, level, others) = match operation.credential() {
                Credential::AccessToken(level) => (&tokens, level, 11),
                Credential::ApiKey(level) => (&keys, level, 55),
            };
            for (key, owner) in right.iter().zip([Level::Account, Level::Domain, Level::User]) {
                let expected = if owner == level { 0 } else { others };
                let answer = Answer::from(ask(operation, key));
                let expected = (operation.answer != operation::Answer::File || expected != 0).then_some(expected);
                assert_eq!(answer.status.map(|status| status.0), expected, "{operation} {owner}");
            }
            assert_eq!(ask(operation, "").expect_err("no key").fault.status.0, 15);
            assert_eq!(ask(operation, "nobody").expect_err("an unknown key").fault.status.0, 55);
            let example: Value = serde_json::from_str(operation.example).expect("JSON");
            assert!(example.is_string() || example["status"] == 0, "what is answered is a success");
        }
    }
}
