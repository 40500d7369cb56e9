//! Decides what is retried, when, and how often: the [policy](RetryPolicy) of a call, the [budget](RetryBudget) of all
//! calls of a client, the backoff between attempts, and which outcomes allow another attempt. Depends on `error` and
//! `clock`.

mod backoff;
mod budget;
mod classify;
mod policy;
#[cfg(test)]
mod tests;

pub use budget::RetryBudget;
pub(super) use classify::is_safe_again;
pub use policy::RetryPolicy;
