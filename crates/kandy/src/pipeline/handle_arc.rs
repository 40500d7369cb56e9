//! [`HandleArc`]: the pointer from handles and builders to their client. Depends on nothing.

use std::{fmt, ops::Deref, sync::Arc};

/// `Arc<Arc<T>>`: a shared value with a reference count per handle.
///
/// Every builder holds its client. With one count for all, tasks on different cores would contend for one cache line,
/// twice per call (`kandy-bench`, 256 calls in flight). So each handle has a count of its own: a clone of a handle
/// makes a new one, and the builders that a handle makes share it.
#[expect(clippy::redundant_allocation, reason = "the outer count keeps tasks from contending for the inner one")]
pub(crate) struct HandleArc<T>(Arc<Arc<T>>);

impl<T> HandleArc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Arc::new(value)))
    }

    /// Returns another reference with the same count, for a value that belongs to the same handle.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns a plain `Arc`, counted together with all other handles.
    pub(crate) fn to_arc(&self) -> Arc<T> {
        Arc::clone(&self.0)
    }
}

impl<T> Clone for HandleArc<T> {
    fn clone(&self) -> Self {
        Self(Arc::new(self.to_arc()))
    }
}

impl<T> Deref for HandleArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for HandleArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
