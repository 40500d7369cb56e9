//! The operations of the API: each changes the state and returns a reply.
//!
//! A tag of the spec is a module with a table `HANDLERS` of its operations: id and [`handler::Handler`]. To add an
//! operation, write its function and a row of the table.
//!
//! ```text
//! dispatch   finds the handler of an operation in the tables, and runs it
//! handler    a function with the credential that its operation takes
//! authority  checks credentials and revokes tokens
//! lookup     finds the devices, users, groups and sessions that parameters name
//! rules      rules of names, passwords, numbers and ids, and the creation of domains and users by them
//! ```
//!
//! Depends on `state` and `protocol`. Nothing here knows of connections. Begin with [`dispatch::run`].

mod account;
mod address_book;
pub(crate) mod authority;
mod chat_message;
mod content;
mod conversation;
mod device;
mod directory;
pub(crate) mod dispatch;
mod domain;
mod group;
mod handler;
mod hunt_group;
mod last_seen;
mod lookup;
mod mobile_country_codes;
mod presence;
pub(crate) mod rules;
mod session;
pub(crate) mod session_data;
mod spidr;
mod user;
mod user_json;
mod verification;
