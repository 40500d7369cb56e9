//! Fault injection on every operation, bulk sends under faults, and consumers that are killed.

mod fault_matrix;
#[cfg(unix)]
mod handled;
#[cfg(unix)]
mod killed_consumer;
mod no_duplicate_sends;
#[cfg(all(feature = "push", unix))]
mod pushed;
