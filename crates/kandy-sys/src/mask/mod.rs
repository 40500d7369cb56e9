//! Masks credentials in text and in JSON. Every crate of the workspace masks with this module only.
//!
//! ```text
//! names         which names of members and parameters hold a credential
//! json          masks members of JSON by their names
//! text          masks words that have the form of a credential, and values after a name such as `password`
//! named_values  finds the values after such a name, in prose, JSON, URLs and HTML
//! known_values  finds given values in a text, however they are escaped
//! secret_mask   `SecretMask`: the values of one request, and everything that `text` finds
//! failure       masks the text of an error and its sources
//! ```
//!
//! Begin with [`SecretMask`]. Without a request, use [`mask_json`] for JSON and [`mask_credentials`] for text whose ids
//! have to stay readable.

mod failure;
mod json;
mod known_values;
mod named_values;
mod names;
mod secret_mask;
#[cfg(test)]
mod tests;
mod text;

pub use json::mask_json;
pub use names::{holds_credential, may_hold_credential};
pub use secret_mask::SecretMask;
pub(crate) use text::mask;
pub use text::mask_credentials;

/// The text that replaces a credential, `***`.
///
/// ```
/// let mut json = serde_json::json!({"user_password": "b0e4c71d674744"});
/// kandy_sys::mask_json(&mut json);
/// assert_eq!(json["user_password"], kandy_sys::MASK);
/// ```
pub const MASK: &str = "***";
