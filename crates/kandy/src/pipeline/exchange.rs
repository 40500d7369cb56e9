use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kandy_sys::{BoxFuture, Client, Operation, Transport, TransportFailure};
use reqwest::{Body, Request};

use super::{
    Options, Session,
    core::{carried, traced},
};
use crate::Result;

/// One call through a session, with options of its own; it keeps the raw answer.
pub(crate) struct Exchange {
    session: Arc<Session>,
    options: Options,
    answer: Mutex<Option<http::Response<Bytes>>>,
}

impl Exchange {
    pub(crate) fn new(session: Arc<Session>, options: Options) -> Arc<Self> {
        Arc::new(Self { session, options, answer: Mutex::new(None) })
    }

    /// A generated client whose calls go through this exchange.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        self.session.core.client(self.clone())
    }

    /// The last answer.
    pub(crate) fn take_answer(&self) -> Option<http::Response<Bytes>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Transport for Exchange {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(traced(operation, async move {
            let answer = self.session.exchange(operation, request, self.options).await.map_err(carried)?;
            *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.clone());
            Ok(answer.map(Body::from))
        }))
    }
}
