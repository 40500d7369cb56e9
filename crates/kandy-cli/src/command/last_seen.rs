//! Prints when users were last seen, for `kandy user last-seen` and `kandy domain last-seen`.

use clap::Args;
use kandy::sys::types;
use serde::Deserialize;
use serde_json::Value;

use crate::{call::undecodable, context::Context, failure::Result, output::OutputSchema};

/// Selects users.
#[derive(Args)]
pub(crate) struct Seen {
    /// User ids, with or without the domain
    #[arg(value_name = "FULL_USER_ID", required = true)]
    pub(super) users: Vec<String>,
}

/// `is_online` is not in the response: it is derived as Kandy's clients do.
const SEEN: OutputSchema = OutputSchema {
    name: "users",
    operation: "",
    at: "/users",
    id: "full_user_id",
    columns: &["full_user_id", "last_seen", "is_online"],
};

/// Prints when users were last seen, and which are online.
pub(super) async fn show(context: &Context, call: kandy::GetLastSeen) -> Result {
    context.check_fields(&SEEN)?;
    let Some(mut result) = context.send(call).await? else { return Ok(()) };
    let seen = types::LastSeenList::deserialize(&result);
    let seen = kandy::LastSeenList::from(seen.map_err(|error| undecodable("last_seen_list", &error))?);
    let mut list = context.output.begin_list(&SEEN);
    let items = result["users"].as_array_mut().map(std::mem::take).unwrap_or_default();
    for (mut item, seen) in items.into_iter().zip(&seen.users) {
        if let Value::Object(members) = &mut item {
            members.insert("is_online".to_owned(), seen.is_online().into());
        }
        list.item(item)?;
    }
    list.end()
}
