//! The fixture of all tests.

pub(crate) mod process;
pub(crate) mod redis_server;

use kandy::{TokenOwner, sys::operation::Level};

/// Returns the owner of the tokens of a user.
pub(crate) fn owner(user_id: &str) -> TokenOwner {
    TokenOwner::new("https://api.kandy.io/v1.2", Level::User, "DAK-key").with_user_id(user_id)
}
