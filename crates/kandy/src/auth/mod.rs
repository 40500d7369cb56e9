//! Credentials, and the access tokens that they are exchanged for.

mod credentials;
mod revoke;
mod source;
mod store;
mod tokens;

pub use credentials::{AccessToken, ApiKey, ApiSecret, Level};
pub(crate) use credentials::{Credential, check};
pub use revoke::RevokeAccessToken;
pub(crate) use source::{Proof, Source};
pub use store::{StoreError, TokenOwner, TokenStore};
pub(crate) use tokens::{Issued, TokenCache};
