//! Credentials, and the access tokens that they are exchanged for. Depends on `check`, `id` and `error`; sends nothing.
//!
//! * [`credentials`]: the types of keys, secrets and tokens, and what is checked of them.
//! * [`token_source`]: which request mints, or revokes, the token of a handle. Begin reading there.
//! * [`token_cache`]: keeps a token, and lets one request mint it, however many calls wait.
//! * [`token_store`]: the trait for tokens that processes share.

mod credentials;
mod token_cache;
mod token_source;
mod token_store;

pub use credentials::{AccessToken, ApiKey, ApiSecret, Level};
pub(crate) use credentials::{Credential, check, owner_of, sealed};
pub(crate) use token_cache::{CachedToken, TokenCache};
pub(crate) use token_source::TokenSource;
pub use token_store::{StoreError, TokenOwner, TokenStore};
