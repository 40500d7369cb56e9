//! Bulk jobs: one call for each row of a file, for `user import` and `sms send --to-file`.
//!
//! ```text
//! FILE ─ read ─▶ rows ─ run ─▶ calls in flight ─ recorder ─▶ journal, rejected rows, progress
//!        a thread        up to --concurrency
//! ```
//!
//! A row is read when there is room for its call and dropped when its outcome is recorded, so memory does not grow with the
//! file. The journal records which rows are processed, so that the same command resumes where it stopped.
//!
//! ```text
//! outcome, format, ranges, fingerprint, file   leaf types: row statuses and counts, hashes, file names
//! journal                                      what previous runs recorded, and what this run appends
//! read                                         rows of CSV and JSON Lines
//! rejected_target, rejected_file               files for failed rows and for rows with unknown outcome
//! job, row_call                                what a command does with a row; what a result means for it
//! recorder, summary, unrecorded                records outcomes; the final report
//! flow, run, dry_run                           calls in flight; the loop
//! ```
//!
//! Begin with [`run()`]; a command implements [`BulkJob`].

mod arguments;
mod column;
mod dry_run;
mod file;
mod fingerprint;
mod flow;
mod format;
mod input;
mod job;
mod journal;
mod outcome;
mod paths;
mod progress;
mod ranges;
mod read;
mod recorder;
mod rejected_file;
mod rejected_target;
mod restart;
mod row_call;
mod run;
mod same_rows;
mod summary;
mod unrecorded;

pub(crate) use arguments::BulkArguments;
pub(crate) use column::{Columns, Fields};
pub(crate) use fingerprint::short_hash;
pub(crate) use format::Format;
pub(crate) use input::Input;
pub(crate) use job::BulkJob;
pub(crate) use progress::Progress;
pub(crate) use run::run;
