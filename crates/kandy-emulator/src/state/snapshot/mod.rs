//! Snapshots: the state at one moment as text, written while requests are served.
//!
//! ```text
//! record   the records, each a line of JSON
//! items    what is taken out of the state while it is locked
//! tracked  keeps the former form of objects that change while a snapshot is written
//! write    writes each object
//! walk     walks each collection, from where the chunk before ended
//! writer   makes the text of a snapshot, chunk by chunk
//! loader   reads the text into a state of its own
//! restore, restore_group  put the objects of records into it
//! error    an invalid snapshot, with line and column
//! ```
//!
//! Begin with [`SnapshotWriter`] and [`Loader`].

mod error;
mod items;
mod loader;
mod record;
mod restore;
mod restore_group;
mod tracked;
mod walk;
mod write;
mod writer;

pub use error::SnapshotError;
pub(crate) use items::Items;
pub(crate) use loader::Loader;
pub(crate) use tracked::{SnapshotNo, Tracked};
pub(crate) use writer::{SnapshotWriter, Version};
