//! The response to a GET in types of one's own, as a user of a generic HTTP client writes them.
//!
//! Depends on nothing. The programs in `peers/` have it, too.

use serde::Deserialize;

/// The envelope of a response.
#[derive(Debug, Deserialize)]
pub struct Envelope<T> {
    /// 0 for a success.
    pub status: i64,
    /// The message.
    pub message: Option<String>,
    /// The result.
    pub result: Option<T>,
}

/// One user.
#[derive(Debug, Deserialize)]
pub struct UserResponse {
    /// The user.
    pub user: User,
}

/// A user, with the same fields as in `kandy`.
#[derive(Debug, Deserialize)]
pub struct User {
    /// The name of the domain.
    pub domain_name: Option<String>,
    /// The user id with the domain.
    pub full_user_id: Option<String>,
    /// The API key.
    pub user_api_key: Option<String>,
    /// The API secret.
    pub user_api_secret: Option<String>,
    /// The country.
    pub user_country_code: Option<String>,
    /// The mail address.
    pub user_email: Option<String>,
    /// The first name.
    pub user_first_name: Option<String>,
    /// The user id.
    pub user_id: String,
    /// The last name.
    pub user_last_name: Option<String>,
    /// The password.
    pub user_password: Option<String>,
    /// The phone number.
    pub user_phone_number: Option<String>,
}
