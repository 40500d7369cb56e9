//! [`ListIter`]: a list whose items are decoded while the response arrives. Depends on `polled`.

use std::{collections::VecDeque, fmt, iter::FusedIterator};

use super::{polled::Polled, runtime::Runtime};
use crate::{ListStream, Result};

/// An iterator over the items of a list, decoded while the response arrives: the blocking form of [`ListStream`].
///
/// Few items are in memory, however long the list is. Dropping the iterator cancels the rest of the response.
///
/// ```no_run
/// # fn example(domain: kandy::blocking::Domain) -> kandy::Result<()> {
/// for user in domain.users().iter() {
///     println!("{}", user?.full_user_id());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The last item may be an error, as it may be of a [`ListStream`].
#[must_use = "nothing is sent until the first item is taken"]
pub struct ListIter<T: Send + 'static> {
    list: Polled<ListStream<T>>,
    ready: VecDeque<Result<T>>,
}

impl<T: Send + 'static> ListIter<T> {
    pub(super) fn of(list: ListStream<T>, runtime: Runtime) -> Self {
        Self { list: Polled::new(list, runtime), ready: VecDeque::new() }
    }
}

impl<T: Send + 'static> Iterator for ListIter<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if self.ready.is_empty() {
            match self.list.next_batch()? {
                Ok(items) => self.ready = items,
                Err(error) => return Some(Err(error)),
            }
        }
        self.ready.pop_front()
    }
}

impl<T: Send + 'static> FusedIterator for ListIter<T> {}

impl<T: Send + 'static> fmt::Debug for ListIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListIter").field("list", &self.list.stream()).field("ready", &self.ready.len()).finish()
    }
}
