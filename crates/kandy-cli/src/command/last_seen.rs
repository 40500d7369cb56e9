//! When users were last seen, as a user or the domain is told.

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

/// `is_online` is not of the answer: it is what clients take from it.
const SEEN: OutputSchema = OutputSchema {
    name: "users",
    operation: "",
    at: "/users",
    id: "full_user_id",
    columns: &["full_user_id", "last_seen", "is_online"],
};

/// Prints when users were last seen, and who of them is online.
pub(super) async fn show(context: &Context, call: kandy::GetLastSeen) -> Result {
    context.expects(&SEEN)?;
    let Some(answer) = context.send(call).await? else { return Ok(()) };
    let mut list = context.output.begin_list(&SEEN);
    let items = part(&answer, &SEEN)?;
    for (mut item, seen) in items.as_array().cloned().unwrap_or_default().into_iter().zip(&answer.value.users) {
        if let Value::Object(members) = &mut item {
            members.insert("is_online".to_owned(), seen.is_online().into());
        }
        list.item(item)?;
    }
    list.end()
}
