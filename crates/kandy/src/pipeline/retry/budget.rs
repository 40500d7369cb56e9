//! [`RetryBudget`]: bounds the retries of all calls of a client together. Depends on nothing.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The number of retries that all calls of a client may make together, so that retries do not multiply the load of an
/// outage.
///
/// A retry takes one from the budget, and ten successful calls put one back. With an empty budget, calls fail with the
/// error of their first attempt. The default is 100. Several clients can share a budget: clones are the same budget.
///
/// ```
/// use kandy::{Kandy, RetryBudget};
///
/// let budget = RetryBudget::new(20);
/// let one = Kandy::builder().retry_budget(budget.clone()).build()?;
/// let other = Kandy::builder().retry_budget(budget.clone()).build()?;
/// assert_eq!(budget.left(), 20);
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone)]
pub struct RetryBudget(Arc<Budget>);

struct Budget {
    /// The tenths of a retry that are left.
    left: AtomicU64,
    size: u64,
}

/// One retry, in tenths: each success puts one tenth back.
const RETRY: u64 = 10;

impl RetryBudget {
    /// Returns a budget of this many retries.
    pub fn new(retries: u32) -> Self {
        let size = u64::from(retries) * RETRY;
        Self(Arc::new(Budget { left: AtomicU64::new(size), size }))
    }

    /// Returns how many retries are left.
    pub fn left(&self) -> u64 {
        self.0.left.load(Ordering::Relaxed) / RETRY
    }

    /// Takes a retry, if there is one.
    pub(crate) fn take(&self) -> bool {
        self.change(|left| left.checked_sub(RETRY))
    }

    /// Puts a tenth of a retry back, after a successful call.
    pub(crate) fn put_back(&self) {
        // The budget is full most of the time. A load leaves its cache line shared between cores; a write would make
        // all calls contend for it.
        if self.0.left.load(Ordering::Relaxed) != self.0.size {
            self.change(|left| Some(self.0.size.min(left + 1)));
        }
    }

    fn change(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        // Relaxed: the count guards no other data.
        self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(100)
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("left", &self.left()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_out_and_fills_up() {
        let budget = RetryBudget::new(2);
        assert!(budget.take() && budget.clone().take());
        assert!(!budget.take());
        (0..9).for_each(|_| budget.put_back());
        assert!(!budget.take());
        budget.put_back();
        assert!(budget.take());
        (0..100).for_each(|_| budget.put_back());
        assert_eq!(budget.left(), 2, "never more than it began with");
    }
}
