//! Seeding: objects to create at startup, and groups and contacts to create in tests.
//!
//! ```text
//! form       the JSON of a seed
//! apply      creates the objects of a seed, by the rules of the operations
//! json_path  finds the line of a value in the text of a seed
//! error      an invalid seed, with line and path
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
