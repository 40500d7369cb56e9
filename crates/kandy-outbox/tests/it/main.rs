//! The outbox over its file, against a service in memory, an emulator, and processes that are killed.

mod file_store;
mod killed;
mod proof;
mod worker;
