use std::{fmt, sync::Arc, time::Duration};

use kandy_sys::Client;

use super::{Caller, Exchange, Near, Options, Response};
use crate::{Clock, Error, Result};

/// What every builder carries: the exchange that it is going to be.
pub(crate) struct Call(Arc<Exchange>);

impl Call {
    pub(crate) fn new(caller: &Near<Caller>) -> Self {
        Self(Arc::new(Exchange::new(caller.share(), None)))
    }

    pub(crate) fn caller(&self) -> &Near<Caller> {
        &self.0.caller
    }

    /// What this call wants otherwise than its client.
    pub(crate) fn options(&mut self) -> &mut Options {
        Arc::make_mut(&mut self.0).options.get_or_insert_default()
    }

    /// Whether it waits for the rate limit of the service as long as its deadline allows.
    pub(crate) fn waits_for_rate_limit(&self) -> bool {
        let own = self.0.options.as_ref().and_then(|options| options.retry.as_ref());
        own.unwrap_or(&self.0.caller.core.settings.retry).waits_for_rate_limit()
    }

    /// How long it may take as a whole.
    pub(crate) fn deadline(&self) -> Duration {
        let own = self.0.options.as_ref().and_then(|options| options.deadline);
        own.unwrap_or_else(|| self.0.caller.core.settings.deadline.duration())
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.caller.core.clock.as_ref()
    }

    /// The exchange, which calls of a generated client go through.
    pub(super) fn exchange(&self) -> &Arc<Exchange> {
        &self.0
    }
}

/// Another call, which has the same options and keeps account of itself.
impl Clone for Call {
    fn clone(&self) -> Self {
        Self(Arc::new(Exchange::clone(&self.0)))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("caller", &self.0.caller).field("options", &self.0.options).finish()
    }
}

/// A builder, which carries a call.
pub(crate) trait Carries {
    fn call(&self) -> &Call;
}

/// What a builder knows of its request.
pub(crate) trait Request: Carries + Send + Sync {
    /// What the call answers.
    type Output: Send;

    /// What the call is about, for people who read of its failure; no credential.
    fn subject(&self) -> String;

    /// Checks the arguments, sends the request, and reads the answer.
    fn run(&self, client: &Client) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Sends a request.
pub(crate) async fn send<R: Request>(request: R) -> Result<R::Output> {
    run(&request).await
}

/// Sends a request, and keeps the raw answer, which is the last one where a call takes several requests.
pub(crate) async fn send_with_response<R: Request>(request: R) -> Result<(R::Output, Arc<Exchange>)> {
    let exchange = request.call().exchange();
    exchange.keep_response();
    Ok((run(&request).await?, exchange.clone()))
}

/// Sends a request that is needed afterwards.
pub(crate) async fn run<R: Request>(request: &R) -> Result<R::Output> {
    let exchange = request.call().exchange();
    let output = request.run(&Client::with_transport(exchange.clone())).await;
    let clock = request.call().clock();
    output.map_err(|error| error.received_at(|| clock.now_utc()).after(exchange.progress()).on(|| request.subject()))
}

impl<T> Response<T> {
    pub(crate) fn of(value: T, exchange: &Exchange) -> Result<Self> {
        match exchange.take_response() {
            Some(answer) => Ok(Self::new(value, answer)),
            None => Err(Error::argument("with_response", "nothing had to be sent, so there is no answer")),
        }
    }
}

/// Makes a builder that can be awaited.
macro_rules! request {
    ($name:ident $(<$level:ident>)? => $output:ty) => {
        impl $(<$level: $crate::Level>)? $name $(<$level>)? {
            /// Gives up on an attempt when no answer comes, or nothing moves, for this time, instead of the
            /// client's.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call.options().timeout = Some(timeout);
                self
            }

            /// Gives up on the call as a whole after this time, with all its attempts and the waits between
            /// them, instead of the client's.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.call.options().deadline = Some(deadline);
                self
            }

            /// Repeats this call by this policy, instead of the client's.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call.options().retry = Some(policy);
                self
            }

            /// Sends the request, and answers the raw answer beside the typed one.
            ///
            /// # Errors
            ///
            /// As when it is awaited.
            pub async fn with_response(self) -> $crate::Result<$crate::Response<$output>> {
                let (value, exchange) = $crate::pipeline::send_with_response(self).await?;
                $crate::Response::of(value, &exchange)
            }

            /// Checks the arguments, and answers what would be sent, instead of sending it. No access token is
            /// fetched either. Where a call takes several requests, it is the first.
            ///
            /// # Errors
            ///
            /// [`Error::Argument`]($crate::Error::Argument) when an argument cannot be used, as when it is
            /// awaited, or where nothing has to be sent.
            pub async fn preview(self) -> $crate::Result<$crate::Preview> {
                $crate::pipeline::preview(self).await
            }
        }

        impl $(<$level: $crate::Level>)? $crate::pipeline::sealed::Sealed for $name $(<$level>)? {}

        impl $(<$level: $crate::Level>)? $crate::CallBuilder for $name $(<$level>)? {
            type Value = $output;

            // The builder's own methods come before those of this trait.
            fn with_response(self) -> impl Future<Output = $crate::Result<$crate::Response<$output>>> + Send {
                self.with_response()
            }

            fn preview(self) -> impl Future<Output = $crate::Result<$crate::Preview>> + Send {
                self.preview()
            }

            fn timeout(self, timeout: std::time::Duration) -> Self {
                self.timeout(timeout)
            }

            fn deadline(self, deadline: std::time::Duration) -> Self {
                self.deadline(deadline)
            }

            fn retry(self, policy: $crate::RetryPolicy) -> Self {
                self.retry(policy)
            }
        }

        impl $(<$level: $crate::Level>)? $crate::pipeline::Carries for $name $(<$level>)? {
            fn call(&self) -> &$crate::pipeline::Call {
                &self.call
            }
        }

        impl $(<$level: $crate::Level>)? std::future::IntoFuture for $name $(<$level>)? {
            type Output = $crate::Result<$output>;
            type IntoFuture = kandy_sys::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin($crate::pipeline::send(self))
            }
        }
    };
}

pub(crate) use request;
