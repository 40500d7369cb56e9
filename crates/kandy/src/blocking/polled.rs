//! [`Polled`]: a stream of the asynchronous API behind a blocking iterator. Depends on `runtime`.

use std::collections::VecDeque;

use futures_util::{FutureExt, Stream, StreamExt};
use kandy_sys::BoxFuture;

use super::runtime::Runtime;
use crate::Result;

/// The most items that are fetched at once.
const BATCH: usize = 64;

/// A stream that moves to the thread of its client while something waits for it, and back: like a stream that is not
/// polled, it makes no progress in between.
pub(super) struct Polled<S: Send + 'static> {
    /// `None` after an error of the thread, or after a panic in the stream.
    stream: Option<S>,
    runtime: Runtime,
}

impl<S: Send + 'static> Polled<S> {
    pub(super) fn new(stream: S, runtime: Runtime) -> Self {
        Self { stream: Some(stream), runtime }
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(super) fn stream(&self) -> Option<&S> {
        self.stream.as_ref()
    }

    pub(super) fn stream_mut(&mut self) -> Option<&mut S> {
        self.stream.as_mut()
    }

    /// Changes the settings of the stream.
    pub(super) fn map(mut self, change: impl FnOnce(S) -> S) -> Self {
        self.stream = self.stream.take().map(change);
        self
    }

    /// Runs `call` on the thread with the stream, and waits for it. `None` if the stream is gone; it is after an error.
    pub(super) fn with<T: Send + 'static>(
        &mut self,
        call: impl for<'a> FnOnce(&'a mut S) -> BoxFuture<'a, T> + Send + 'static,
    ) -> Option<Result<T>> {
        let mut stream = self.stream.take()?;
        let done = self.runtime.start_call(async move {
            let value = call(&mut stream).await;
            (value, stream)
        });
        Some(done.result().map(|(value, stream)| {
            self.stream = Some(stream);
            value
        }))
    }

    /// Runs `call` on the thread with the stream, which it consumes. `None` if the stream is gone.
    pub(super) fn consume<T: Send + 'static, F>(mut self, call: impl FnOnce(S) -> F) -> Option<Result<T>>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let stream = self.stream.take()?;
        Some(self.runtime.run(call(stream)))
    }
}

impl<S> Polled<S>
where
    S: Stream<Item: Send> + Unpin + Send + 'static,
{
    /// Waits for an item, and returns it with those that follow without a wait. Empty at the end of the stream.
    pub(super) fn next_batch(&mut self) -> Option<Result<VecDeque<S::Item>>> {
        self.with(|stream| {
            Box::pin(async move {
                let mut items = VecDeque::from_iter(stream.next().await);
                while !items.is_empty()
                    && items.len() < BATCH
                    && let Some(Some(item)) = stream.next().now_or_never()
                {
                    items.push_back(item);
                }
                items
            })
        })
    }
}

impl<S: Send + 'static> Drop for Polled<S> {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            self.runtime.drop_within(stream);
        }
    }
}
