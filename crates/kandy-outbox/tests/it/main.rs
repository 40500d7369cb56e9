//! The outbox over its file, against a service in memory, an emulator, and processes that are killed.

mod file_store;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod proof;
mod worker;
