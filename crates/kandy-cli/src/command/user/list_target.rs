//! What the lists of users depend on beside their rows.

use crate::{bulk::short_hash, context::Context, credential::Setting, failure::Result};

/// Returns a short hash of the base URL and the domain.
pub(crate) fn list_target(context: &Context) -> Result<u32> {
    let [key] = context.secrets([Setting::DomainApiKey])?;
    Ok(short_hash([context.kandy()?.base_url(), key.expose()]))
}
