use std::{fmt, ops::Deref, sync::Arc};

/// A shared thing, whose references are counted near to whoever holds it.
///
/// Every builder holds on to its caller. With one count for all, tasks on different cores would wait for each other to
/// count, twice a call. So each handle has a count of its own: its clone makes another, and what it makes shares it.
#[expect(clippy::redundant_allocation, reason = "the count of the inner one is what nobody should wait for")]
pub(crate) struct Near<T>(Arc<Arc<T>>);

impl<T> Near<T> {
    pub(crate) fn new(thing: T) -> Self {
        Self(Arc::new(Arc::new(thing)))
    }

    /// The same, with the same count: for what lives no longer than its maker, or goes along with it.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// The thing itself, counted with all others.
    pub(crate) fn far(&self) -> Arc<T> {
        Arc::clone(&self.0)
    }
}

impl<T> Clone for Near<T> {
    fn clone(&self) -> Self {
        Self(Arc::new(self.far()))
    }
}

impl<T> Deref for Near<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Near<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
