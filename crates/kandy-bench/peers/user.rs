//! The response in types of one's own, as a user of a generic HTTP client writes them.

use std::hint::black_box;

use serde::Deserialize;

use crate::protocol::BoxError;

#[derive(Debug, Deserialize)]
pub struct Envelope {
    pub status: i64,
    pub message: Option<String>,
    pub result: Option<UserResult>,
}

#[derive(Debug, Deserialize)]
pub struct UserResult {
    pub user: User,
}

#[derive(Debug, Deserialize)]
pub struct User {
    pub domain_name: Option<String>,
    pub full_user_id: Option<String>,
    pub user_api_key: Option<String>,
    pub user_api_secret: Option<String>,
    pub user_country_code: Option<String>,
    pub user_email: Option<String>,
    pub user_first_name: Option<String>,
    pub user_id: String,
    pub user_last_name: Option<String>,
    pub user_password: Option<String>,
    pub user_phone_number: Option<String>,
}

impl Envelope {
    /// Checks the status, and that there is a user.
    pub fn check(self) -> Result<(), BoxError> {
        match (self.status, self.result) {
            (0, Some(result)) if !result.user.user_id.is_empty() => {
                black_box(result);
                Ok(())
            }
            (status, _) => Err(format!("status {status}: {}", self.message.unwrap_or_default()).into()),
        }
    }
}
