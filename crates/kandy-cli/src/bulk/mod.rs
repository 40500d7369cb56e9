//! Bulk jobs: one call for each row of a file, for `user import` and `sms send --to-file`.
//!
//! ```text
//! FILE ─ read ─▶ rows ─ run ─▶ calls in flight ─ recorder ─▶ journal, rejected rows, progress
//!                        up to --concurrency
//! ```
//!
//! A row is read when there is room for its call and dropped when its outcome is recorded, so memory does not grow with the
//! file. The journal records which rows are processed, so that the same command resumes where it stopped.
//!
//! ```text
//! outcome, format, ranges, fingerprint, file   leaf types: row statuses and counts, hashes, file names
//! schedule                                     when rows may begin
//! journal                                      what previous runs recorded, and what this run appends
//! read                                         rows of CSV and JSON Lines
//! template, suppressed, preparation            what is made of a row before its call; which rows are left out
//! rejected_target, rejected_file               files for failed rows and for rows with unknown outcome
//! job, row_call                                what a command does with a row; what a result means for it
//! recorder, summary, unrecorded                records outcomes; the final report
//! precheck, dry_run, figures                   checks of all rows before, or instead of, the first call
//! flow, run                                    calls in flight; the loop
//! queued, enqueue                              rows as jobs of a queue, for workers; adds those of a list
//! ```
//!
//! Begin with [`run()`]; a command implements [`BulkJob`].

mod arguments;
mod column;
mod dry_run;
mod enqueue;
mod figures;
mod file;
mod fingerprint;
mod flow;
mod format;
mod input;
mod job;
mod journal;
mod outcome;
mod paths;
mod precheck;
mod preparation;
mod progress;
mod queued;
mod ranges;
mod read;
mod recorder;
mod rejected_file;
mod rejected_target;
mod restart;
mod row_call;
mod run;
mod same_rows;
mod schedule;
mod summary;
mod suppressed;
mod template;
mod unrecorded;

pub(crate) use arguments::{BulkArguments, ScheduleArguments, rate};
pub(crate) use column::{Columns, Fields, ListColumns, OtherColumns, refusal, shown};
pub(crate) use enqueue::{QueueableJob, enqueue};
pub(crate) use figures::{Figures, rows};
pub(crate) use fingerprint::short_hash;
pub(crate) use format::Format;
pub(crate) use input::Input;
pub(crate) use job::{BulkJob, RowCheck};
pub(crate) use preparation::{Preparation, Prepared};
pub(crate) use progress::Progress;
pub(crate) use queued::{QueuedJob, QueuedKind, QueuedRow};
pub(crate) use read::{RawRow, ReadArguments};
pub(crate) use run::run;
pub(crate) use schedule::Schedule;
pub(crate) use summary::{add_counts, seconds};
pub(crate) use suppressed::{SuppressedNumbers, recipient};
pub(crate) use template::{Template, apparent_placeholder};
