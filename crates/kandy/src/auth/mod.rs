//! Credentials, and the access tokens that they are exchanged for.

mod credentials;
mod revoke;
mod source;
mod tokens;

pub use credentials::{AccessToken, ApiKey, ApiSecret, Level};
pub(crate) use credentials::{Credential, check};
pub use revoke::RevokeAccessToken;
pub(crate) use source::{Proof, Source};
pub(crate) use tokens::{Issued, TokenCache};
