use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kandy_sys::{BoxFuture, Client, Operation, Transport, TransportFailure};
use reqwest::{Body, Request};

use super::{Caller, Options, Payload, core::carried};
use crate::{Result, error::Progress};

/// One call of a caller, with options of its own; it keeps the raw answer, and how much was tried.
pub(crate) struct Exchange {
    caller: Arc<Caller>,
    options: Options,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    answer: Option<http::Response<Bytes>>,
    progress: Progress,
}

impl Exchange {
    pub(crate) fn new(caller: Arc<Caller>, options: Options) -> Arc<Self> {
        Arc::new(Self { caller, options, last: Mutex::default() })
    }

    /// A generated client whose calls go through this exchange.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        self.caller.core.client(self.clone())
    }

    /// The last answer.
    pub(crate) fn take_answer(&self) -> Option<http::Response<Bytes>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).answer.take()
    }

    /// How much was tried.
    pub(crate) fn progress(&self) -> Progress {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).progress
    }
}

impl Transport for Exchange {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let (answer, progress) = self.caller.exchange(operation, request, &self.options).await;
            let last = Last { answer: answer.as_ref().ok().map(kept), progress };
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
            carried(answer)
        })
    }
}

/// The answer as it is kept: without a file, which is the caller's to read.
fn kept(answer: &http::Response<Payload>) -> http::Response<Bytes> {
    let body = match answer.body() {
        Payload::Whole(body) => body.clone(),
        Payload::Stream(_) => Bytes::new(),
    };
    let mut kept = http::Response::new(body);
    *kept.status_mut() = answer.status();
    *kept.headers_mut() = answer.headers().clone();
    kept
}
