//! Fault injection on every operation, bulk sends under faults, and a consumer that is killed.

mod fault_matrix;
#[cfg(unix)]
mod killed_consumer;
mod no_duplicate_sends;
