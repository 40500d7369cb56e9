//! Credentials, and the access tokens that they are exchanged for. Depends on `check`, `id` and `error`; sends nothing.
//!
//! * [`credentials`]: the types of keys, secrets and tokens, and how they are checked.
//! * [`exposed`]: the only way to serialise a credential.
//! * [`token_source`]: the requests that mint and revoke the token of a handle, as data. Begin reading there.
//! * [`token_cache`]: caches a token, and mints it by one request, however many calls wait.
//! * [`token_store`]: the trait of stores that share tokens between processes.

mod credentials;
mod exposed;
mod token_cache;
mod token_source;
mod token_store;

pub use credentials::{AccessToken, ApiKey, ApiSecret, Level};
pub(crate) use credentials::{check, owner_of, sealed};
pub use exposed::Exposed;
pub(crate) use token_cache::{CachedToken, TokenCache};
pub(crate) use token_source::TokenSource;
pub use token_store::{StoreError, TokenLock, TokenOwner, TokenStore};
