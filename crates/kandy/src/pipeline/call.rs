use std::sync::Arc;

use kandy_sys::Client;

use super::{Answer, Caller, Exchange, Options};
use crate::{Error, Result};

/// What every builder carries: the caller that it is made by, and options of its own.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    caller: Arc<Caller>,
    /// Most calls want nothing otherwise than their client, so the place for it is made when it is needed.
    options: Option<Box<Options>>,
}

impl Call {
    pub(crate) fn new(caller: &Arc<Caller>) -> Self {
        Self { caller: caller.clone(), options: None }
    }

    pub(crate) fn caller(&self) -> &Arc<Caller> {
        &self.caller
    }

    /// What this call wants otherwise than its client.
    pub(crate) fn wishes(&self) -> Option<&Options> {
        self.options.as_deref()
    }

    pub(crate) fn options(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
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
    run(&request, &Exchange::new(request.call().clone())).await
}

/// Sends a request, and gives it back.
pub(crate) async fn send_back<R: Request>(request: R) -> (R, Result<R::Output>) {
    let result = run(&request, &Exchange::new(request.call().clone())).await;
    (request, result)
}

/// Sends a request, and keeps the raw answer, which is the last one where a call takes several requests.
pub(crate) async fn send_with_answer<R: Request>(request: R) -> Result<(R::Output, Arc<Exchange>)> {
    let exchange = Exchange::keeping_answer(request.call().clone());
    let output = run(&request, &exchange).await?;
    Ok((output, exchange))
}

async fn run<R: Request>(request: &R, exchange: &Arc<Exchange>) -> Result<R::Output> {
    let output = request.run(&exchange.client()).await;
    output.map_err(|error| error.after(exchange.progress()).on(|| request.subject()))
}

impl<T> Answer<T> {
    pub(crate) fn of(value: T, exchange: &Exchange) -> Result<Self> {
        match exchange.take_answer() {
            Some(answer) => Ok(Self::new(value, answer)),
            None => Err(Error::argument("with_answer", "nothing had to be sent, so there is no answer")),
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
            pub async fn with_answer(self) -> $crate::Result<$crate::Answer<$output>> {
                let (value, exchange) = $crate::pipeline::send_with_answer(self).await?;
                $crate::Answer::of(value, &exchange)
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
