//! Lists users while the response arrives: with all fields, and without the whole list in memory.

use serde_json::Value;

use crate::{
    arguments::ListArguments,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Users in a list.
pub(super) const USERS: OutputSchema = OutputSchema {
    name: "users",
    operation: "user_list",
    at: "/users",
    id: "user_id",
    columns: &["user_id", "user_first_name", "user_last_name", "user_email", "user_phone_number"],
};

/// The maximum size of one user in the response.
const MAX_USER_SIZE: usize = 1024 * 1024;

/// Prints the users of the domain. With a limit, the rest of the response is not read.
pub(super) async fn list(context: &Context, arguments: &ListArguments) -> Result {
    context.limit_responses(MAX_USER_SIZE);
    let users = context.domain()?.users();
    if context.is_dry_run() {
        return context.list(users, &USERS, &ListView::ALL).await;
    }
    let mut users = users.stream_as::<Value>();
    let view = ListView::new(arguments);
    let mut list = context.output.begin_list_in(&USERS, &view);
    while let Some(user) = users.try_next().await? {
        list.item(user)?;
        if list.is_full() {
            // Only a reader on a terminal is told whether there are more.
            let is_last = !context.output.is_terminal() || matches!(users.try_next().await, Ok(None));
            return if is_last { list.end() } else { list.end_early() };
        }
    }
    list.end()
}
