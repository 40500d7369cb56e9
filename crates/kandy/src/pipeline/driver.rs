//! [`Driver`]: sends the requests of one call, and adds to its error what was tried.

use bytes::Bytes;
use kandy_sys::{Envelope, Operation};
use serde::de::DeserializeOwned;

use super::{call::CallContext, response::Response};
use crate::{
    Error, Result,
    decode::{self, Body, Decode, Decoded},
    error::Progress,
};

/// Sends the requests of one call.
pub(crate) struct Driver<'a> {
    context: &'a CallContext,
    keeps_response: bool,
    /// The last response, if it is to be kept. Boxed, because few calls keep it.
    response: Option<Box<http::Response<Bytes>>>,
    /// The operation of the last request, and how much was tried for it.
    operation: Option<&'static Operation>,
    progress: Progress,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(context: &'a CallContext, keeps_response: bool) -> Self {
        Self { context, keeps_response, response: None, operation: None, progress: Progress::default() }
    }

    /// Sends one request, and returns the result of its response.
    pub(crate) async fn send<R: Decode>(&mut self, call: kandy_sys::Call<'_, R>) -> Result<Decoded<R>> {
        let request = call.into_request()?;
        self.operation = Some(request.operation());
        let options = self.context.options.as_deref();
        // A box of its own keeps this future and that of the builder below 1 KiB each: allocators serve larger blocks
        // from places where tasks wait for each other.
        let (outcome, progress) = Box::pin(self.context.client.send(&request, options)).await;
        self.progress = progress;
        let response = outcome?;
        if self.keeps_response {
            self.response = Some(Box::new(without_stream(&response)));
        }
        decode::read(&request, response, <R as Decode>::decode)
    }

    /// Returns the last response.
    pub(crate) fn take_response(&mut self) -> Option<http::Response<Bytes>> {
        self.response.take().map(|response| *response)
    }

    /// Decodes the result of the last response as `T`, of a call that was sent already.
    pub(crate) fn last_as<T: DeserializeOwned + Send>(&self) -> Result<T> {
        match (&self.response, self.operation) {
            (Some(response), Some(operation)) => {
                Envelope::decode(operation, http::Response::clone(response).map(Body::Full))
            }
            _ => Err(nothing_sent("response_as")),
        }
    }

    /// Adds to an error what the call was about and how much was tried.
    pub(crate) fn complete(&self, error: Error, subject: &dyn Fn() -> String) -> Error {
        let clock = &self.context.client.inner.clock;
        let error = error.received_at(|| clock.now_utc()).with_operation(self.operation);
        error.with_progress(self.progress.until(clock.now())).with_subject(subject)
    }

    pub(super) fn into_response<T>(mut self, value: T) -> Result<Response<T>> {
        match self.take_response() {
            Some(response) => Ok(Response::new(value, response)),
            None => Err(nothing_sent("with_response")),
        }
    }
}

/// Returns the error of a call that had nothing to send, where a response or a request was asked for.
pub(crate) fn nothing_sent(method: &'static str) -> Error {
    Error::argument(method, "nothing had to be sent, so there is neither a request nor a response")
}

/// Returns a copy of a response without a file, which is the caller's to read.
fn without_stream(response: &http::Response<Body>) -> http::Response<Bytes> {
    let body = match response.body() {
        Body::Full(body) => body.clone(),
        Body::Stream(_) => Bytes::new(),
    };
    let mut copy = http::Response::new(body);
    *copy.status_mut() = response.status();
    *copy.headers_mut() = response.headers().clone();
    copy
}
