use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kandy_sys::{BoxFuture, Client, Request, Transport, TransportFailure};

use super::{
    Call,
    core::{Payload, carried},
};
use crate::error::Progress;

/// One call with options of its own; it keeps how much was tried, and the raw answer for those who want it.
pub(crate) struct Exchange {
    call: Call,
    keeps_answer: bool,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    answer: Option<http::Response<Bytes>>,
    progress: Progress,
}

impl Exchange {
    pub(crate) fn new(call: Call) -> Arc<Self> {
        Arc::new(Self { call, keeps_answer: false, last: Mutex::default() })
    }

    /// An exchange that keeps the raw answer.
    pub(crate) fn keeping_answer(call: Call) -> Arc<Self> {
        Arc::new(Self { call, keeps_answer: true, last: Mutex::default() })
    }

    /// A generated client whose calls go through this exchange.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        Client::with_transport(self.clone())
    }

    /// The last answer.
    pub(crate) fn take_answer(&self) -> Option<http::Response<Bytes>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).answer.take()
    }

    /// How much was tried.
    pub(crate) fn progress(&self) -> Progress {
        let progress = self.last.lock().unwrap_or_else(PoisonError::into_inner).progress;
        progress.until(self.call.caller().core.clock.now())
    }
}

impl Transport for Exchange {
    fn send<'a>(
        &'a self,
        request: Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Payload>, TransportFailure>> {
        Box::pin(async move {
            let (answer, progress) = self.call.caller().exchange(&request, self.call.wishes()).await;
            let kept = answer.as_ref().ok().filter(|_| self.keeps_answer).map(kept);
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Last { answer: kept, progress };
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
