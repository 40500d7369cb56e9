//! Writes long lists page by page.
//!
//! A list that is longer than a [`Page`] is written while it is sent: the state is locked for one page at a time, so
//! that other requests run in between. They may change what is listed. An element that exists the whole time is in the
//! list exactly once and in its place; one that is created or deleted in between may be missing. Elements that are
//! created after the first page do not extend the list. If the owner of the list is deleted, such as its domain, the
//! list ends there.
//!
//! Begin with [`begin`].

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Serialize;

use crate::state::{SharedState, State};

/// The size of a page, in bytes.
const PAGE: usize = 32 * 1024;
/// The most elements that are visited for a page. A search may visit many and list few, and the size of a
/// page alone would not bound the time that the state is locked.
const MOST_VISITED: usize = 500;
/// An empty list in JSON.
const EMPTY: &[u8] = b"[]";

/// Whether a list goes on after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    Done,
}

/// A part of a list, in JSON.
pub(crate) struct Page {
    json: Vec<u8>,
    visited: usize,
    /// Whether the list has an element already, on this page or before.
    is_begun: bool,
}

impl Page {
    fn new(json: Vec<u8>, is_begun: bool) -> Self {
        Self { json, visited: 0, is_begun }
    }

    /// Adds elements until there are no more, or the page is full. `elements` come with their sort keys and begin
    /// after `last`, which becomes the last that was visited; `end` is the last key of the list.
    /// `describe` returns none for an element that is not listed.
    pub(crate) fn fill<K: Copy + Ord, T, D: Serialize>(
        &mut self,
        elements: impl Iterator<Item = (K, T)>,
        last: &mut Option<K>,
        end: K,
        describe: impl Fn(T) -> Option<D>,
    ) -> Progress {
        for (at, element) in elements.take_while(|(at, _)| *at <= end) {
            if self.json.len() >= PAGE || self.visited == MOST_VISITED {
                return Progress::More;
            }
            // The cursor is a key and not a position: elements before it may be deleted between two pages.
            self.visited += 1;
            *last = Some(at);
            if let Some(described) = describe(element) {
                self.add(&described);
            }
        }
        Progress::Done
    }

    fn add(&mut self, element: &impl Serialize) {
        let before = self.json.len();
        if self.is_begun {
            self.json.push(b',');
        }
        match serde_json::to_writer(&mut self.json, element) {
            Ok(()) => self.is_begun = true,
            // No type that is listed fails to serialize.
            Err(_) => self.json.truncate(before),
        }
    }
}

/// Writes the next page.
type Write = Box<dyn FnMut(&State, &mut Page) -> Progress + Send>;

/// The rest of a list after its first page.
pub(crate) struct Rest {
    write: Write,
    is_begun: bool,
    /// The generation of the state that it lists.
    generation: u64,
    /// The JSON after the list.
    after: Bytes,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

/// Writes the first page of a list in place of the empty list in a reply. Returns none if the reply has no list.
pub(crate) fn begin(
    state: &State,
    reply: Vec<u8>,
    mut write: impl FnMut(&State, &mut Page) -> Progress + Send + 'static,
) -> Option<(Bytes, Option<Rest>)> {
    // The first `[]` is the list: the envelope before it has none, and each result has one list.
    let at = reply.windows(EMPTY.len()).position(|bytes| bytes == EMPTY)? + 1;
    let mut json = reply;
    let after = json.split_off(at);
    let mut page = Page::new(json, false);
    Some(match write(state, &mut page) {
        Progress::More => {
            let (write, after) = (Box::new(write), after.into());
            (page.json.into(), Some(Rest { write, is_begun: page.is_begun, generation: state.generation, after }))
        }
        Progress::Done => {
            page.json.extend_from_slice(&after);
            (page.json.into(), None)
        }
    })
}

impl Rest {
    /// The next page, and whether there is more after it.
    fn next(mut self, state: &State) -> (Vec<u8>, Option<Self>) {
        // A page exceeds `PAGE` by a part of its last element, which mostly fits into this capacity.
        let mut page = Page::new(Vec::with_capacity(PAGE + PAGE / 16), self.is_begun);
        // After a reset or a restore, the numbers are those of other objects.
        if state.generation != self.generation {
            return (self.after.to_vec(), None);
        }
        match (self.write)(state, &mut page) {
            Progress::More => {
                self.is_begun = page.is_begun;
                (page.json, Some(self))
            }
            Progress::Done => {
                page.json.extend_from_slice(&self.after);
                (page.json, None)
            }
        }
    }

    /// The pages, of which `first` is the first. Each of the others is written when the one before it was sent, so
    /// that a client that reads slowly costs no memory.
    pub(crate) fn into_stream(
        self,
        first: Bytes,
        state: Arc<SharedState>,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        // The server polls the stream only when the socket has room, so pages are written at the pace of the client.
        stream::unfold((Some(first), Some(self)), move |(first, rest)| {
            let state = Arc::clone(&state);
            async move {
                if let Some(first) = first {
                    return Some((Ok(first), (None, rest)));
                }
                let rest = rest?;
                state.yield_to_waiters().await;
                let (page, rest) = rest.next(&state.lock());
                Some((Ok(page.into()), (None, rest)))
            }
        })
    }

    /// All pages in one buffer, of which `first` is the first.
    pub(crate) async fn collect(self, first: Bytes, state: &SharedState) -> Bytes {
        let (mut whole, mut rest) = (Vec::from(first), Some(self));
        while let Some(it) = rest {
            state.yield_to_waiters().await;
            let (page, left) = it.next(&state.lock());
            whole.extend_from_slice(&page);
            rest = left;
        }
        whole.into()
    }
}
