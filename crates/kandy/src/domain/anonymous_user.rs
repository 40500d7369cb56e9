use kandy_sys::{Call, Client, Envelope, ExtraFields, Secret, types};
use serde_json::Value;

use super::Domain;
use crate::{
    AccessToken, ApiKey, FullUserId, Result, User, UserId,
    auth::{self, Credential},
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

impl Domain {
    /// Gets an anonymous user: a user of the domain for somebody who has no name in it, with an access token that is
    /// ready for use. Such users can make calls.
    ///
    /// Each call of this creates or leases one more user, also one that fails after it has arrived. So it is never sent
    /// again by itself.
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

    /// Gets an anonymous user by the API key of the domain, which takes no secret and no token. It is the old form of
    /// [`anonymous_user`](Self::anonymous_user), and is never sent again by itself either.
    ///
    /// What it answers is not known. The members that the newer form has are looked for; whatever else comes is in
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

/// [`Domain::anonymous_user`], in the making.
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

/// [`Domain::anonymous_user_by_api_key`], in the making.
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
        Ok(api.anonymous_user_get_by_api_key(self.api_key.secret()))
    }

    fn read(&self, user: Decoded<Self::Response>) -> Result<AnonymousUser> {
        Ok(AnonymousUser::guess(ExtraFields::from(user)))
    }
}

/// A user for somebody who has no name in the domain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AnonymousUser {
    /// The user id, which this answer calls a name: `anonymous-1`.
    pub user_name: Option<UserId>,
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The access token, for [`Kandy::user_with_token`](crate::Kandy::user_with_token).
    pub access_token: Option<AccessToken<User>>,
    /// What else came.
    pub extra: ExtraFields,
}

impl AnonymousUser {
    /// From members that may be something else.
    fn guess(members: ExtraFields) -> Self {
        match serde_json::from_value::<types::AnonymousUser>(Value::Object(members.0.clone())) {
            Ok(user) => user.into(),
            Err(_) => Self {
                user_name: None,
                full_user_id: None,
                domain_name: None,
                password: None,
                access_token: None,
                extra: members,
            },
        }
    }
}

impl From<types::AnonymousUser> for AnonymousUser {
    fn from(user: types::AnonymousUser) -> Self {
        Self {
            user_name: user.user_name.map(|user_name| String::from(user_name).into()),
            full_user_id: user.full_user_id.map(Into::into),
            domain_name: user.domain_name,
            password: user.user_password,
            access_token: user.user_access_token.map(Into::into),
            extra: user.extra,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(json: &str) -> AnonymousUser {
        AnonymousUser::guess(serde_json::from_str(json).expect("an object"))
    }

    #[test]
    fn an_answer_of_an_unknown_form_is_kept() {
        let user = guess(r#"{"user_name": "anonymous-1", "user_access_token": "canary", "expires": "canary"}"#);
        assert_eq!(user.user_name, Some("anonymous-1".into()));
        assert_eq!(user.access_token, Some("canary".into()));
        assert_eq!(user.extra["expires"], "canary");
        assert!(!format!("{user:?}").contains("canary"), "{user:?}");

        let user = guess(r#"{"full_user_id": ["anonymous-1"], "user_access_token": "canary"}"#);
        assert_eq!((user.full_user_id, user.extra["user_access_token"].as_str()), (None, Some("canary")));
    }
}
