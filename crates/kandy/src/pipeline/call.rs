//! [`CallContext`], which every builder has beside its arguments, and the macro that makes a builder awaitable.

use std::{fmt, time::Duration};

use super::{authenticated_client::AuthenticatedClient, handle_arc::HandleArc, settings::Options};
use crate::Clock;

/// Whose call it is, and what it overrides. Data only.
pub(crate) struct CallContext {
    pub(crate) client: HandleArc<AuthenticatedClient>,
    /// Boxed, because few calls override anything.
    pub(super) options: Option<Box<Options>>,
}

impl CallContext {
    pub(crate) fn new(client: &HandleArc<AuthenticatedClient>) -> Self {
        Self { client: client.share(), options: None }
    }

    /// Returns what this call overrides, to be changed.
    pub(crate) fn options(&mut self) -> &mut Options {
        self.options.get_or_insert_default()
    }

    /// Whether the call waits for the rate limit of the service as long as its deadline allows.
    pub(crate) fn waits_for_rate_limit(&self) -> bool {
        let own = self.options.as_ref().and_then(|options| options.retry.as_ref());
        own.unwrap_or(&self.client.inner.settings.retry).waits_for_rate_limit()
    }

    /// Returns how long the call may take as a whole.
    pub(crate) fn deadline(&self) -> Duration {
        let own = self.options.as_ref().and_then(|options| options.deadline);
        own.unwrap_or_else(|| self.client.inner.settings.time_limit.duration())
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.client.inner.clock.as_ref()
    }
}

impl Clone for CallContext {
    fn clone(&self) -> Self {
        Self { client: self.client.share(), options: self.options.clone() }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext").field("client", &self.client).field("options", &self.options).finish()
    }
}

/// Implements what all builders have: options, `await`, and [`CallBuilder`].
macro_rules! request {
    ($name:ident $(<$level:ident>)? => $output:ty) => {
        impl $(<$level: $crate::Level>)? $name $(<$level>)? {
            /// Bounds each attempt: the wait for its response, and each pause within it. Overrides the timeout of
            /// the client.
            pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call.options().timeout = Some(timeout);
                self
            }

            /// Bounds the call as a whole, with all its attempts and the waits between them. Overrides the
            /// deadline of the client.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.call.options().deadline = Some(deadline);
                self
            }

            /// Overrides the retry policy of the client.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call.options().retry = Some(policy);
                self
            }

            /// Sends the request, and returns the raw response beside the typed one.
            ///
            /// # Errors
            ///
            /// As when it is awaited.
            pub async fn with_response(self) -> $crate::Result<$crate::Response<$output>> {
                $crate::pipeline::send_with_response(self).await
            }

            /// Sends the request, and decodes the `result` of the response as a type of yours, instead of the one of
            /// this SDK: see [`CallBuilder::response_as`]($crate::CallBuilder::response_as).
            ///
            /// # Errors
            ///
            /// As when it is awaited.
            pub async fn response_as<T>(self) -> $crate::Result<$crate::Response<T>>
            where
                T: serde::de::DeserializeOwned + Send,
            {
                $crate::pipeline::send_as(self).await
            }

            /// Checks the arguments and returns the request that would be sent, without sending anything. No access
            /// token is fetched either. Where a call takes several requests, it is the first.
            ///
            /// # Errors
            ///
            /// [`Error::Argument`]($crate::Error::Argument) when an argument cannot be used, as when it is
            /// awaited, or where nothing has to be sent.
            pub async fn preview(self) -> $crate::Result<$crate::Preview> {
                $crate::pipeline::preview(&self)
            }
        }

        impl $(<$level: $crate::Level>)? $crate::pipeline::sealed::Sealed for $name $(<$level>)? {
            fn clock(&self) -> &dyn $crate::Clock {
                self.call.clock()
            }

            fn total_deadline(&self) -> std::time::Duration {
                self.call.deadline()
            }

            fn waits_for_rate_limit(&self) -> bool {
                self.call.waits_for_rate_limit()
            }
        }

        impl $(<$level: $crate::Level>)? $crate::CallBuilder for $name $(<$level>)? {
            type Value = $output;

            // The builder's own methods come before those of this trait.
            fn with_response(self) -> impl Future<Output = $crate::Result<$crate::Response<$output>>> + Send {
                self.with_response()
            }

            fn response_as<T>(self) -> impl Future<Output = $crate::Result<$crate::Response<T>>> + Send
            where
                T: serde::de::DeserializeOwned + Send,
            {
                self.response_as()
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

        impl $(<$level: $crate::Level>)? $crate::pipeline::HasCall for $name $(<$level>)? {
            fn call(&self) -> &$crate::pipeline::CallContext {
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
