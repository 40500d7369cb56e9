//! Where connections come in.
//!
//! There is but one handler, so requests go straight to it: a router would copy what the handler knows of its
//! connection into every request.

use std::{
    convert::Infallible,
    future::{self, Future, Ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, serve::IncomingStream};
use http::{Request, Response};
use tower_service::Service;

use crate::{
    connection::{Line, Lines},
    read_timeout::Phase,
    world::{self, World},
};

/// Gives every connection a desk.
pub(crate) struct Reception(pub(crate) Arc<World>);

impl Service<IncomingStream<'_, Lines>> for Reception {
    type Response = Desk;
    type Error = Infallible;
    type Future = Ready<Result<Desk, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, stream: IncomingStream<'_, Lines>) -> Self::Future {
        let (world, line) = (Arc::clone(&self.0), stream.io().line().clone());
        future::ready(Ok(Desk(Arc::new(Visit { world, line }))))
    }
}

/// What a handler knows beside the request: the same for all requests of a connection.
pub(crate) struct Visit {
    pub(crate) world: Arc<World>,
    pub(crate) line: Line,
}

/// Answers the requests of a connection.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Visit>);

impl Service<Request<Body>> for Desk {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let visit = Arc::clone(&self.0);
        Box::pin(async move {
            visit.line.phase.set(Phase::Handling);
            let response = world::handle(&visit, request).await;
            visit.line.phase.set(Phase::Idle);
            Ok(response)
        })
    }
}
