use kandy_sys::{Client, Secret};

use super::{AccessToken, Credential, Level, check};
use crate::{
    Result, User,
    pipeline::{Call, Request, request},
};

/// [`Account::revoke_access_token`](crate::Account::revoke_access_token),
/// [`Domain::revoke_access_token`](crate::Domain::revoke_access_token) or
/// [`User::revoke_access_token`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RevokeAccessToken<L: Level> {
    call: Call,
    token: Option<AccessToken<L>>,
    password: Option<Secret>,
}

impl<L: Level> RevokeAccessToken<L> {
    pub(crate) fn new(call: Call) -> Self {
        Self { call, token: None, password: None }
    }

    /// Revokes this token instead of the one that the handle has.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, leaked: &str) -> kandy::Result<()> {
    /// domain.revoke_access_token().token(leaked).await?;
    /// # Ok(()) }
    /// ```
    pub fn token(mut self, token: impl Into<AccessToken<L>>) -> Self {
        self.token = Some(token.into());
        self
    }
}

impl RevokeAccessToken<User> {
    /// The password of the user, where the handle does not have it.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, leaked: &str) -> kandy::Result<()> {
    /// domain.user("russ").revoke_access_token().token(leaked).password("b0e4c71d674744").await?;
    /// # Ok(()) }
    /// ```
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }
}

request!(RevokeAccessToken<L> => ());

impl<L: Level> Request for RevokeAccessToken<L> {
    type Output = ();

    fn subject(&self) -> String {
        format!("an access token of {}", L::OWNER)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        let caller = self.call.caller();
        let revoker = caller.source.revoker(self.password.as_ref())?;
        let current = caller.tokens.current();
        let token = match (&self.token, &current) {
            (Some(token), _) => {
                check("token", token)?;
                token.secret()
            }
            (None, Some(current)) => &current.token,
            (None, None) => return Ok(()),
        };
        revoker.revoke(client, token).await?;
        caller.source.forget(&caller.core, token).await;
        if let Some(current) = current.as_ref().filter(|current| current.token == *token) {
            caller.tokens.forget(current.number());
        }
        Ok(())
    }
}
