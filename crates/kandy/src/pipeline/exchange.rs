use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use kandy_sys::{BoxFuture, Request, Transport, TransportFailure};

use super::{Caller, Near, Options, core::carried, payload::Body};
use crate::error::Progress;

/// One call of a caller, with options of its own; it keeps how much was tried, and the raw answer for those who want it.
pub(crate) struct Exchange {
    pub(super) caller: Near<Caller>,
    /// Most calls want nothing otherwise than their client, so the place for it is made when it is needed.
    pub(super) options: Option<Box<Options>>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    keeps_response: bool,
    answer: Option<http::Response<Bytes>>,
    progress: Progress,
}

impl Exchange {
    pub(super) fn new(caller: Near<Caller>, options: Option<Box<Options>>) -> Self {
        Self { caller, options, last: Mutex::default() }
    }

    /// Keeps the raw answer from now on.
    pub(super) fn keep_response(&self) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).keeps_response = true;
    }

    /// The last answer.
    pub(crate) fn take_response(&self) -> Option<http::Response<Bytes>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).answer.take()
    }

    /// How much was tried.
    pub(crate) fn progress(&self) -> Progress {
        let progress = self.last.lock().unwrap_or_else(PoisonError::into_inner).progress;
        progress.until(self.caller.core.clock.now())
    }
}

/// Another one, with the same options, which keeps account of itself.
impl Clone for Exchange {
    fn clone(&self) -> Self {
        Self::new(self.caller.share(), self.options.clone())
    }
}

impl Transport for Exchange {
    fn send<'a>(
        &'a self,
        request: Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Body>, TransportFailure>> {
        Box::pin(async move {
            let mut attempts = match self.caller.attempts(request.operation(), self.options.as_deref()) {
                Ok(attempts) => attempts,
                Err(error) => return carried(Err(error)),
            };
            let answer = attempts.make(&request).await;
            {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                last.progress = attempts.progress();
                if last.keeps_response {
                    last.answer = answer.as_ref().ok().map(kept);
                }
            }
            carried(answer)
        })
    }
}

/// The answer as it is kept: without a file, which is the caller's to read.
fn kept(answer: &http::Response<Body>) -> http::Response<Bytes> {
    let body = match answer.body() {
        Body::Full(body) => body.clone(),
        Body::Stream(_) => Bytes::new(),
    };
    let mut kept = http::Response::new(body);
    *kept.status_mut() = answer.status();
    *kept.headers_mut() = answer.headers().clone();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kandy;

    /// Allocators keep what is no larger than about this near to each thread. A call that needs more waits for others.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_future_of_a_call_is_small() {
        let kandy = Kandy::builder().base_url("http://127.0.0.1/v1.2").build().expect("a client");
        let domain = kandy.domain("DAK-key", "DAS-secret");
        let exchange = Exchange::new(domain.caller().share(), None);
        let request = domain.raw().user_list().into_request().expect("a request");
        let size = size_of_val(&*exchange.send(request));
        assert!(size <= 1024, "{size} bytes");
    }
}
