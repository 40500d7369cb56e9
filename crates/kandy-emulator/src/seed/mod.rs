//! What is put into the emulator beside the API: a seed to begin with, and groups and contacts that no operation creates.
//!
//! ```text
//! form       the JSON of a seed
//! apply      creates what a seed names, by the rules of the operations
//! json_path  finds the line of a value in the text of a seed
//! error      what is wrong with a seed, and where
//! group      groups to create
//! contact    contacts to add
//! ```
//!
//! Depends on `state`, `protocol::refusal` and `operations::rules`. Begin with [`Seed`] and `Seed::apply`.

mod apply;
mod contact;
mod error;
mod form;
mod group;
mod json_path;

pub use apply::SeededDomain;
pub use error::SeedError;
pub use form::Seed;
pub use group::NewGroup;
