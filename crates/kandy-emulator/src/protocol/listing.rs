//! Long lists, which are answered piece by piece.
//!
//! A list that is longer than a [`Page`] is never there as a whole: while it is sent, one page after the other is
//! written, and the state is held for one page at a time. Others are served in between, and may change what is
//! listed. All the same, what is there the whole time is in the list exactly once and in its place. What comes in the
//! meantime need not be in it, nor what goes; a list does not grow as long as it is read. Where all of it goes, such as
//! with its domain, the list just ends.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Serialize;

use crate::state::{SharedState, State};

/// How many bytes make a page full.
const PAGE: usize = 32 * 1024;
/// How many things are looked at for a page: a search may look at many and list few.
const LOOKED_AT: usize = 500;
/// What an empty list looks like.
const EMPTY: &[u8] = b"[]";

/// Whether there is more of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    Done,
}

/// A piece of a list.
pub(crate) struct Page {
    json: Vec<u8>,
    looked_at: usize,
    /// Whether something is in the list already, on this page or before.
    is_begun: bool,
}

impl Page {
    fn new(json: Vec<u8>, is_begun: bool) -> Self {
        Self { json, looked_at: 0, is_begun }
    }

    /// Lists things until they are all listed, or the page is full. `things` come with what orders them and begin
    /// after `last`, which becomes the last that was looked at; `end` is the last of all that may be listed.
    /// `describe` answers nothing for what is not to be in the list.
    pub(crate) fn fill<K: Copy + Ord, T, D: Serialize>(
        &mut self,
        things: impl Iterator<Item = (K, T)>,
        last: &mut Option<K>,
        end: K,
        describe: impl Fn(T) -> Option<D>,
    ) -> Progress {
        for (at, thing) in things.take_while(|(at, _)| *at <= end) {
            if self.json.len() >= PAGE || self.looked_at == LOOKED_AT {
                return Progress::More;
            }
            self.looked_at += 1;
            *last = Some(at);
            if let Some(described) = describe(thing) {
                self.add(&described);
            }
        }
        Progress::Done
    }

    fn add(&mut self, thing: &impl Serialize) {
        let before = self.json.len();
        if self.is_begun {
            self.json.push(b',');
        }
        match serde_json::to_writer(&mut self.json, thing) {
            Ok(()) => self.is_begun = true,
            // Nothing of what is listed can fail to be written.
            Err(_) => self.json.truncate(before),
        }
    }
}

/// Writes a page after the other.
type Write = Box<dyn FnMut(&State, &mut Page) -> Progress + Send>;

/// What is left of a list after its first page.
pub(crate) struct Rest {
    write: Write,
    is_begun: bool,
    /// What comes after the list.
    after: Bytes,
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

/// Puts a list into an answer that has an empty one in its place. None if it has none.
pub(crate) fn begin(
    state: &State,
    answer: Vec<u8>,
    mut write: impl FnMut(&State, &mut Page) -> Progress + Send + 'static,
) -> Option<(Bytes, Option<Rest>)> {
    let at = answer.windows(EMPTY.len()).position(|bytes| bytes == EMPTY)? + 1;
    let mut json = answer;
    let after = json.split_off(at);
    let mut page = Page::new(json, false);
    Some(match write(state, &mut page) {
        Progress::More => {
            let (write, after) = (Box::new(write), after.into());
            (page.json.into(), Some(Rest { write, is_begun: page.is_begun, after }))
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
        let mut page = Page::new(Vec::with_capacity(PAGE + PAGE / 16), self.is_begun);
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
