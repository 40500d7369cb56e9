//! Prints when users were last seen, for `kandy user last-seen` and `kandy domain last-seen`.

use clap::Args;
use serde_json::Value;

use crate::{call::part, context::Context, failure::Result, output::OutputSchema};

/// Selects users by user id with the domain.
#[derive(Args)]
pub(crate) struct Seen {
    /// User ids with the domain, such as anna@example.com
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
    let Some(response) = context.send(call).await? else { return Ok(()) };
    let mut list = context.output.begin_list(&SEEN);
    let items = part(&response, &SEEN)?;
    for (mut item, seen) in items.as_array().cloned().unwrap_or_default().into_iter().zip(&response.value.users) {
        if let Value::Object(members) = &mut item {
            members.insert("is_online".to_owned(), seen.is_online().into());
        }
        list.item(item)?;
    }
    list.end()
}
