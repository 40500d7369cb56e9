//! Passes the requests of a connection to the handler.
//!
//! Without a router: there is one handler, and a router would copy the connection's context into every request.

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

use super::{
    app_state::AppState, connection::ConnectionListener, context::ConnectionContext, handler, read_timeout::Phase,
};

/// Makes the service of each connection.
pub(crate) struct MakeService(pub(crate) Arc<AppState>);

impl Service<IncomingStream<'_, ConnectionListener>> for MakeService {
    type Response = ConnectionService;
    type Error = Infallible;
    type Future = Ready<Result<ConnectionService, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, stream: IncomingStream<'_, ConnectionListener>) -> Self::Future {
        let (app, connection) = (Arc::clone(&self.0), stream.io().handle().clone());
        future::ready(Ok(ConnectionService(Arc::new(ConnectionContext { app, connection }))))
    }
}

/// Handles the requests of a connection.
#[derive(Clone)]
pub(crate) struct ConnectionService(Arc<ConnectionContext>);

impl Service<Request<Body>> for ConnectionService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let context = Arc::clone(&self.0);
        Box::pin(async move {
            // From the head to the response, the read timeout does not apply; the body has a timeout of its own.
            context.connection.phase.set(Phase::Handling);
            let response = handler::handle(&context, request).await;
            context.connection.phase.set(Phase::Idle);
            Ok(response)
        })
    }
}
