//! The builder that revokes an access token, for all three levels. `auth` describes the request; depends on `auth` and
//! `pipeline`. Begin reading at [`RevokeAccessToken`].

use kandy_sys::{Call, Client, Envelope, NoResult, Secret};

use crate::{
    AccessToken, Level, Result,
    auth::{check, owner_of},
    decode::Decoded,
    pipeline::{CallContext, CallSpec, Driver, api, nothing_sent, request},
};

/// Builder for [`Account::revoke_access_token`](crate::Account::revoke_access_token),
/// [`Domain::revoke_access_token`](crate::Domain::revoke_access_token) and
/// [`User::revoke_access_token`](crate::User::revoke_access_token).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RevokeAccessToken<L: Level> {
    call: CallContext,
    token: Option<AccessToken<L>>,
    pub(crate) password: Option<Secret>,
}

impl<L: Level> RevokeAccessToken<L> {
    pub(crate) fn new(call: CallContext) -> Self {
        Self { call, token: None, password: None }
    }

    /// Revokes this token instead of the one of the handle.
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

request!(RevokeAccessToken<L> => ());

impl<L: Level> RevokeAccessToken<L> {
    /// Checks the credentials, and returns the token to revoke; `None` if the handle has none and none is given.
    fn token_to_revoke(&self) -> Result<Option<kandy_sys::AccessToken>> {
        // First, so that missing credentials are reported even if the handle has no token.
        self.call.client.source.check_revoke(self.password.as_ref())?;
        match &self.token {
            Some(token) => check("token", token).map(|()| Some(token.clone().into())),
            None => Ok(self.call.client.tokens.current().map(|current| current.token.clone().into())),
        }
    }
}

impl<L: Level> CallSpec for RevokeAccessToken<L> {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("an access token of {}", owner_of(L::LEVEL))
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let source = &self.call.client.source;
        match self.token_to_revoke()? {
            Some(token) => Ok(source.revoke(api, &token, self.password.as_ref())?.into_owned(api)),
            None => Err(nothing_sent("preview")),
        }
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }

    const IS_SINGLE: bool = false;

    async fn execute(&self, driver: &mut Driver<'_>) -> Result<()> {
        let client = &self.call.client;
        let Some(token) = self.token_to_revoke()? else { return Ok(()) };
        driver.send(client.source.revoke(api(), &token, self.password.as_ref())?).await?;
        // Only after the service confirmed it: a token whose revocation failed is still valid, and stays in use.
        client.forget(token.as_ref()).await;
        Ok(())
    }
}
