//! Sends the jobs of an outbox: [`builder`] has the settings of a worker, [`run`] its loop. Depends on `store`, `verdict` and
//! `outbox`.

mod builder;
mod run;

pub use builder::{Worker, WorkerReport};
