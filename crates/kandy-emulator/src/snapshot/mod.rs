//! Where snapshots are kept: in memory, and in files.
//!
//! ```text
//! memory  snapshots in memory, and those that have a name
//! file    one file: checked, locked, read, and replaced as a whole
//! saver   a thread that writes the state file when something has changed
//! ```
//!
//! Depends on `state`. Begin with [`MemorySnapshot`] and [`StateFile`].

mod file;
mod memory;
mod saver;

pub(crate) use file::{StateFile, load, save};
pub(crate) use memory::{MemorySnapshot, NameError, Snapshots};
pub(crate) use saver::Saver;
