//! [`ListStream`]: a list whose items are decoded while the response arrives.
//!
//! Depends on `authenticated_client`, which sends the request, and on `kandy_sys::ListReader`, which finds the items in
//! the bytes. Begin reading at [`open`], then at `Items::poll_next`.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http::StatusCode;
use kandy_sys::{ByteChunks, Client, Envelope, ListReader, NoResult, Operation, SecretMask};
use serde::de::DeserializeOwned;

use super::{api::api, call::CallContext};
use crate::{
    Error, Result,
    decode::{self, Body, Decode},
    error::{ApiError, DecodeError},
};

/// A stream of the items of a list, decoded while the response arrives.
///
/// Only items that have arrived and are not yielded yet are in memory, so a list may be of any length; the
/// [limit](crate::KandyBuilder::body_limit) applies to one item. Dropping the stream cancels the rest of the response.
///
/// [`next`](Self::next) and [`try_next`](Self::try_next) need no other crate; for the combinators of the crate
/// `futures-util` it is a [`Stream`].
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// let mut users = domain.users().stream();
/// while let Some(user) = users.try_next().await? {
///     println!("{}", user.full_user_id());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The last item may be an error: a refusal, a broken connection, a deadline that passed, or an item that cannot be
/// decoded. The items before it are valid; but where the service writes its status after the list, a fault is known
/// only after the items.
///
/// A response that has begun to arrive is never requested again.
#[must_use = "nothing is sent until the first item is polled"]
pub struct ListStream<T> {
    items: Option<Pin<Box<dyn Stream<Item = Result<T>> + Send>>>,
}

/// The call that returns a list, and the place of the list in the response.
pub(crate) struct Listing<A> {
    /// The call that returns the list.
    pub(crate) call: for<'a> fn(&'a Client) -> kandy_sys::Call<'a, A>,
    /// The field of the result that holds the list.
    pub(crate) list: &'static str,
    /// What the call acts on, for error messages.
    pub(crate) subject: &'static str,
}

impl<T: DeserializeOwned + Send + 'static> ListStream<T> {
    pub(crate) fn new<A: 'static>(context: CallContext, listing: Listing<A>) -> Self {
        let items = stream::once(open(context, listing)).try_flatten();
        Self { items: Some(Box::pin(items)) }
    }
}

impl<T: Send> ListStream<T> {
    /// Returns the next item; `None` after the last one, and after an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item.
    pub async fn next(&mut self) -> Option<Result<T>> {
        StreamExt::next(self).await
    }

    /// Returns the next item, for loops with `?`.
    ///
    /// # Errors
    ///
    /// Those of [`ListStream`].
    ///
    /// # Cancel safety
    ///
    /// That of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }
}

impl<T: Send> Stream for ListStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(items) = &mut self.items else { return Poll::Ready(None) };
        let next = ready!(items.as_mut().poll_next(context));
        if !matches!(next, Some(Ok(_))) {
            // Dropping the response returns its connection to the pool, also if the stream is kept.
            self.items = None;
        }
        Poll::Ready(next)
    }
}

impl<T> fmt::Debug for ListStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListStream").field("has_ended", &self.items.is_none()).finish()
    }
}

/// Sends the request, and waits for the headers of its response.
async fn open<T: DeserializeOwned, A>(context: CallContext, listing: Listing<A>) -> Result<Items<T>> {
    let limit = context.client.inner.settings.body_limit;
    let mut request = (listing.call)(api()).into_request()?;
    request.stream();
    let operation = request.operation();
    let (outcome, progress) = context.client.send(&request, context.options.as_deref()).await;
    let clock = context.client.inner.clock.clone();
    let subject = listing.subject;
    // A chunk may repeat secrets of the request. `request` is gone by then, so the closure below owns the mask.
    let mut mask = request.secret_mask();
    if let Some(added) = outcome.as_ref().ok().and_then(|response| response.extensions().get::<SecretMask>()) {
        mask.extend(added);
    }
    let complete = move |error: Error| {
        let progress = progress.until(clock.now());
        error.masked(&mask).with_progress(progress).with_subject(|| subject.to_owned())
    };
    let response = match outcome {
        // A response other than HTTP 200 has no list: read it like that of any other call, which fails.
        Ok(response) if response.status() != StatusCode::OK => {
            let read = decode::read(&request, response, Envelope::<NoResult>::decode);
            read.map(|_| http::Response::new(Body::from("")))
        }
        outcome => outcome,
    };
    let response = response.map_err(&complete)?;
    let mut reader = ListReader::new(listing.list);
    let chunks = match response.into_body() {
        Body::Stream(chunks) => Some(chunks),
        Body::Full(body) => {
            reader.add(&body);
            reader.close();
            None
        }
    };
    Ok(Items { operation, chunks, reader, limit, complete: Box::new(complete) })
}

/// The items of a response that is being received.
struct Items<T> {
    operation: &'static Operation,
    /// `None` once the response is complete.
    chunks: Option<ByteChunks<Error>>,
    reader: ListReader<T>,
    /// The most bytes of an incomplete item that are held.
    limit: usize,
    /// Adds the subject and the attempts to an error.
    complete: Box<dyn Fn(Error) -> Error + Send>,
}

impl<T: DeserializeOwned> Items<T> {
    fn decode_error(&self, path: String, reason: String) -> Error {
        Error::Decode(Arc::new(DecodeError::new(self.operation.id, path, reason)))
    }
}

impl<T: DeserializeOwned> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let error = loop {
            match self.reader.next() {
                Some(Ok(item)) => return Poll::Ready(Some(Ok(item))),
                Some(Err(problem)) => break self.decode_error(problem.path, problem.reason),
                None => {}
            }
            // No complete item is buffered: read another chunk, or end with the status of the envelope.
            let Some(chunks) = &mut self.chunks else {
                match self.reader.fault() {
                    Some(fault) => {
                        break Error::Api(Arc::new(ApiError::new(self.operation.id, StatusCode::OK, Some(fault))));
                    }
                    None => return Poll::Ready(None),
                }
            };
            match ready!(chunks.as_mut().poll_next(context)) {
                // The limit bounds one item: complete ones were yielded above, so the reader holds an incomplete one.
                Some(Ok(chunk)) if self.reader.held() + chunk.len() <= self.limit => self.reader.add(&chunk),
                Some(Ok(_)) => {
                    let reason = format!("it is larger than the limit of {} bytes", self.limit);
                    break self.decode_error(format!("result.{}[{}]", self.reader.list(), self.reader.items()), reason);
                }
                Some(Err(error)) => break error,
                None => {
                    self.chunks = None;
                    self.reader.close();
                }
            }
        };
        Poll::Ready(Some(Err((self.complete)(error))))
    }
}
