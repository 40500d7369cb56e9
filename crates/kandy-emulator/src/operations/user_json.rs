//! Users in responses. Their texts are written from the state without copies: the generated types own their texts, and to
//! make, write and drop the two of them that `user_get` returns took half of the time of a request.
//!
//! Depends on `state`. Begin with `UserJson`.

use serde::{Serialize, Serializer};

use crate::state::{CredentialText, State, User, UserNo};

/// The full user id.
struct FullUserId<'a> {
    user_id: &'a str,
    domain_name: &'a str,
}

impl Serialize for FullUserId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}@{}", self.user_id, self.domain_name))
    }
}

/// Returns a user and the name of its domain.
fn with_domain_name(state: &State, no: UserNo) -> Option<(&User, Option<&str>)> {
    let user = state.users.get(no)?;
    Some((user, state.domains.get(user.domain).map(|domain| &*domain.name)))
}

/// A user, as [`User`](kandy_sys::types::User) is written.
#[derive(Serialize)]
pub(super) struct UserJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_name: Option<&'a str>,
    full_user_id: FullUserId<'a>,
    user_api_key: CredentialText,
    user_api_secret: CredentialText,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_country_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_first_name: Option<&'a str>,
    user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_phone_number: Option<&'a str>,
}

impl<'a> UserJson<'a> {
    pub(super) fn of(state: &'a State, no: UserNo) -> Option<Self> {
        let (user, domain_name) = with_domain_name(state, no)?;
        Some(Self {
            domain_name,
            full_user_id: FullUserId { user_id: user.user_id(), domain_name: domain_name.unwrap_or_default() },
            user_api_key: user.key(),
            user_api_secret: user.secret(),
            user_country_code: user.dialling_code(),
            user_email: user.email(),
            user_first_name: user.first_name(),
            user_id: user.user_id(),
            user_last_name: user.last_name(),
            user_phone_number: user.phone_number(),
        })
    }
}

/// Writes a user, as [`UserDetails`](kandy_sys::types::UserDetails) is written: once, and then as a copy of these bytes.
/// Live clients read `user`; those written from the documentation read the first of `users`.
pub(super) fn write_details(user: Option<&UserJson<'_>>, json: &mut Vec<u8>) -> serde_json::Result<()> {
    let Some(user) = user else {
        json.extend_from_slice(b"{}");
        return Ok(());
    };
    json.extend_from_slice(br#"{"user":"#);
    let begin = json.len();
    serde_json::to_writer(&mut *json, user)?;
    let written = begin..json.len();
    json.extend_from_slice(br#","users":["#);
    json.extend_from_within(written);
    json.extend_from_slice(b"]}");
    Ok(())
}

/// A user that was created, as [`UserCreated`](kandy_sys::types::UserCreated) is written.
#[derive(Serialize)]
pub(super) struct UserCreatedJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_name: Option<&'a str>,
    full_user_id: FullUserId<'a>,
    user_api_key: CredentialText,
    user_api_secret: CredentialText,
    user_id: &'a str,
    user_password: &'a str,
}

impl<'a> UserCreatedJson<'a> {
    pub(super) fn of(state: &'a State, no: UserNo) -> Option<Self> {
        let (user, domain_name) = with_domain_name(state, no)?;
        Some(Self {
            domain_name,
            full_user_id: FullUserId { user_id: user.user_id(), domain_name: domain_name.unwrap_or_default() },
            user_api_key: user.key(),
            user_api_secret: user.secret(),
            user_id: user.user_id(),
            user_password: user.password(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kandy_sys::types;
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::state::{Account, NewDomain, NewUser};

    /// What is written is what the generated type reads, with nothing left out, and writes in the same order.
    fn is_written_as<T: Serialize + DeserializeOwned>(json: &impl Serialize) -> String {
        let written = serde_json::to_string(json).expect("JSON");
        let read: T = serde_json::from_str(&written).expect("of the type");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), written);
        written
    }

    #[test]
    fn users_are_written_as_the_generated_types() {
        let account = Account { key: "AAKkey".into(), secret: "AASsecret".into() };
        let mut state = State::new(account, Duration::from_secs(60));
        let key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&key).expect("there").0;
        let text = |text: &str| Some(text.into());
        let full = NewUser {
            user_id: "\"russ\"".into(),
            password: "abcdef12".into(),
            phone_number: text("4055671234"),
            dialling_code: Some("1"),
            first_name: text("Russ"),
            last_name: text("O\\Doe"),
            email: text("russ@example.com"),
            ..NewUser::default()
        };
        let small = NewUser { user_id: "anna".into(), password: "abcdef12".into(), ..NewUser::default() };
        for (new, fields) in [(full, 10), (small, 5)] {
            let no = state.create_user(domain, new);
            let user = UserJson::of(&state, no).expect("there");
            assert_eq!(is_written_as::<types::User>(&user).matches("\":").count(), fields);
            let mut details = Vec::new();
            write_details(Some(&user), &mut details).expect("JSON");
            let read: types::UserDetails = serde_json::from_slice(&details).expect("of the type");
            assert_eq!(read.users.as_ref().and_then(|users| users.first()), read.user.as_ref());
            assert_eq!(serde_json::to_vec(&read).expect("JSON"), details);
            is_written_as::<types::UserCreated>(&UserCreatedJson::of(&state, no).expect("there"));
        }
        let mut nobody = Vec::new();
        write_details(None, &mut nobody).expect("JSON");
        assert_eq!(nobody, serde_json::to_vec(&types::UserDetails::default()).expect("JSON"));
    }
}
