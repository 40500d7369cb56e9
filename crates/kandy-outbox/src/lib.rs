#![doc = include_str!("../README.md")]
//!
//! # The modules
//!
//! ```text
//! job, store, journal_file   what is stored, the trait of stores, and the file format they may use
//! file_store                 a store in one file
//! verdict                    what the outcome of a call means for its job
//! outbox, observer           adds jobs, and tells of their changes
//! worker                     sends them
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod file_store;
mod job;
mod journal_file;
mod observer;
mod outbox;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod verdict;
mod worker;

pub use file_store::FileStore;
pub use job::{Job, JobCounts, JobId, JobPage, JobRecord, JobState, JobUpdate, Leased, NewJob, NewState, WorkerId};
pub use journal_file::{JournalError, JournalFile};
pub use observer::{JobChange, OutboxObserver};
pub use outbox::{Outbox, OutboxError};
pub use store::{JobStore, StoreError, StoreResult};
pub use verdict::concerns_every_call;
pub use worker::{Worker, WorkerReport};
