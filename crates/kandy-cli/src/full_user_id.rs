//! Completes `bob` to `bob@DOMAIN`, with the domain of the caller.
//!
//! The name of the domain is looked up once and then remembered in a cache. Depends on the context. Begin with
//! [`Context::full_user_ids`].

use std::time::Duration;

use crate::{
    arguments::UserArguments,
    cache::Cache,
    context::Context,
    credential::Setting,
    eprint::eprint,
    failure::{Failure, Result},
};

/// How long the name of a domain is remembered. It does not change, but files of old credentials are removed.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The maximum length of a domain name (RFC 1035).
const MAX_NAME: usize = 255;

/// Stands for the domain in a dry run that does not know it.
const PLACEHOLDER: &str = "DOMAIN_NAME";

impl Context {
    /// Completes user ids with the domain of the acting user. An id with a domain is unchanged.
    pub(crate) async fn full_user_ids(&self, user: &UserArguments, ids: Vec<String>) -> Result<Vec<String>> {
        self.complete(Some(user), ids).await
    }

    /// Completes one user id with the domain of the acting user.
    pub(crate) async fn full_user_id(&self, user: &UserArguments, id: String) -> Result<String> {
        Ok(self.complete(Some(user), vec![id]).await?.remove(0))
    }

    /// Completes user ids with the selected domain.
    pub(crate) async fn full_user_ids_of_domain(&self, ids: Vec<String>) -> Result<Vec<String>> {
        self.complete(None, ids).await
    }

    async fn complete(&self, user: Option<&UserArguments>, mut ids: Vec<String>) -> Result<Vec<String>> {
        if ids.iter().all(|id| is_full(id)) {
            return Ok(ids);
        }
        let domain = self.domain_name(user).await?;
        for id in ids.iter_mut().filter(|id| !is_full(id)) {
            let full = format!("{id}@{domain}");
            self.output.status(format_args!("{id:?} is {full}"));
            *id = full;
        }
        Ok(ids)
    }

    /// Returns the name of the domain: from the cache, or from the service.
    pub(crate) async fn domain_name(&self, user: Option<&UserArguments>) -> Result<String> {
        let cache =
            self.cache_key(user)?.and_then(|key| Cache::new("domain", &[self.kandy().ok()?.base_url(), &key], MAX_AGE));
        if let Some(name) = cache.as_ref().and_then(Cache::read).filter(|name| is_domain_name(name)) {
            return Ok(name);
        }
        if self.is_dry_run() {
            eprint(format_args!(
                "{PLACEHOLDER} is a placeholder: without --dry-run the name of the domain is looked up first"
            ));
            return Ok(PLACEHOLDER.to_owned());
        }
        let name = match user {
            Some(user) => {
                let full = self.user(user)?.limited_details().await?.full_user_id;
                full.and_then(|full| full.as_str().split_once('@').map(|(_, domain)| domain.to_owned()))
            }
            None => self.domain()?.details().await?.name.into(),
        };
        let name = name.filter(|name| is_domain_name(name)).ok_or_else(|| {
            Failure::local(
                "the service did not return the name of the domain; give user ids with it, as in anna@example.com",
            )
        })?;
        if let Some(cache) = cache {
            cache.write(name.clone());
        }
        Ok(name)
    }

    /// Returns the credential that determines the domain. A user token may be of another domain than the domain key.
    pub(crate) fn cache_key(&self, user: Option<&UserArguments>) -> Result<Option<String>> {
        let own = user.is_some_and(|user| user.user.is_none()).then_some(Setting::UserAccessToken);
        for setting in own.into_iter().chain([Setting::DomainApiKey, Setting::DomainAccessToken]) {
            if let Some(secret) = self.settings().secret(setting)? {
                return Ok(Some(secret.expose().to_owned()));
            }
        }
        Ok(None)
    }
}

/// Returns whether a user id is used as it is. The SDK rejects an empty one, and one with blanks.
fn is_full(id: &str) -> bool {
    id.is_empty() || id.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
}

/// Returns whether a text can be the name of a domain.
fn is_domain_name(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= MAX_NAME && name.chars().all(is_part)
}
