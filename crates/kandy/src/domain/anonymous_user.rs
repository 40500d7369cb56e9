//! Anonymous users: the methods of [`Domain`], their builders, and [`AnonymousUser`]. Depends on `auth` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, Secret, types};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Domain;
use crate::{
    AccessToken, ApiKey, FullUserId, Result, User, UserId, auth,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Value as _, fields, from_generated},
};

impl Domain {
    /// Creates or leases an anonymous user: a user of the domain for a person without an account in it, with an access
    /// token that is ready for use. Anonymous users can make calls.
    ///
    /// Each call creates or leases one more user, even a call that fails after the service received it. So it is
    /// retried only if the failed attempt was certainly not applied.
    ///
    /// Operation `anonymous_user_get`, confidence B.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, domain: kandy::Domain) -> kandy::Result<()> {
    /// let guest = domain.anonymous_user().await?;
    /// if let Some(access_token) = guest.access_token {
    ///     let guest = kandy.user_with_token(access_token);
    ///     println!("{} devices", guest.devices().await?.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn anonymous_user(&self) -> GetAnonymousUser {
        GetAnonymousUser { call: CallContext::new(&self.client) }
    }

    /// Creates or leases an anonymous user by the API key of the domain, without secret and token. It is the old form
    /// of [`anonymous_user`](Self::anonymous_user), and is retried in the same cases only.
    ///
    /// The form of the response is not known. It is read as that of the newer form; all other fields are in
    /// [`extra`](AnonymousUser::extra).
    ///
    /// Operation `anonymous_user_get_by_api_key`, confidence C: seen in code that was switched off.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let guest = domain.anonymous_user_by_api_key().await?;
    /// println!("{:?}", guest.full_user_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the key is empty or of another level;
    /// [`is_unauthorized`](crate::Error::is_unauthorized) when it is refused; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn anonymous_user_by_api_key(&self) -> GetAnonymousUserByApiKey {
        GetAnonymousUserByApiKey { call: CallContext::new(&self.client), api_key: self.api_key().clone() }
    }
}

/// Builder for [`Domain::anonymous_user`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetAnonymousUser {
    call: CallContext,
}

request!(GetAnonymousUser => AnonymousUser);

impl CallSpec for GetAnonymousUser {
    type Response = Envelope<types::AnonymousUser>;
    type Output = AnonymousUser;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.anonymous_user_get())
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<AnonymousUser> {
        Ok(result.into())
    }
}

/// Builder for [`Domain::anonymous_user_by_api_key`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetAnonymousUserByApiKey {
    call: CallContext,
    api_key: ApiKey<Domain>,
}

request!(GetAnonymousUserByApiKey => AnonymousUser);

impl CallSpec for GetAnonymousUserByApiKey {
    type Response = Envelope<types::AnonymousUserByApiKey>;
    type Output = AnonymousUser;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        auth::check("api_key", &self.api_key)?;
        Ok(api.anonymous_user_get_by_api_key(self.api_key.as_ref()))
    }

    fn read(&self, user: Decoded<Self::Response>) -> Result<AnonymousUser> {
        Ok(AnonymousUser::from_fields(ExtraFields::from(user)))
    }
}

/// A user for a person without an account in the domain.
///
/// It is serialised without its credentials: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnonymousUser {
    /// The user id, which this response calls a name: `anonymous-1`.
    pub user_name: Option<UserId>,
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The access token, for [`Kandy::user_with_token`](crate::Kandy::user_with_token).
    pub access_token: Option<AccessToken<User>>,
    /// All other fields of the response.
    pub extra: ExtraFields,
}

impl AnonymousUser {
    /// Reads a user from fields of an unknown form. Fields of unexpected types are all kept in `extra`.
    fn from_fields(fields: ExtraFields) -> Self {
        // The fields are cloned, because a failed decoding consumes them, and they are kept in that case.
        match serde_json::from_value::<types::AnonymousUser>(Value::Object(fields.0.clone())) {
            Ok(user) => user.into(),
            Err(_) => Self { extra: fields, ..Self::default() },
        }
    }
}

fields! {
    AnonymousUser as AnonymousUser {
        user_name: user_name,
        full_user_id: full_user_id,
        domain_name: domain_name,
        password: user_password,
        access_token: user_access_token,
        extra: extra,
    }
}

from_generated!(AnonymousUser as AnonymousUser);

impl Serialize for AnonymousUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(serializer)
    }
}

/// Reads fields of any form, as responses are read.
impl<'de> Deserialize<'de> for AnonymousUser {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ExtraFields::deserialize(deserializer).map(Self::from_fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> AnonymousUser {
        AnonymousUser::from_fields(serde_json::from_str(json).expect("an object"))
    }

    #[test]
    fn a_response_of_an_unknown_form_is_kept() {
        let user = read(r#"{"user_name": "anonymous-1", "user_access_token": "canary", "expires": "canary"}"#);
        assert_eq!(user.user_name, Some("anonymous-1".into()));
        assert_eq!(user.access_token, Some("canary".into()));
        assert_eq!(user.extra["expires"], "canary");
        assert!(!format!("{user:?}").contains("canary"), "{user:?}");

        let user = read(r#"{"full_user_id": ["anonymous-1"], "user_access_token": "canary"}"#);
        assert_eq!((user.full_user_id, user.extra["user_access_token"].as_str()), (None, Some("canary")));
    }
}
