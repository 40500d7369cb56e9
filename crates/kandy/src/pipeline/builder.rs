//! [`CallBuilder`], the public trait of all builders, and the macro that implements it.

use std::{future::IntoFuture, time::Duration};

use kandy_sys::BoxFuture;
use serde::de::DeserializeOwned;

use super::{Preview, Response, RetryPolicy};
use crate::Result;

pub(crate) mod sealed {
    use std::time::Duration;

    use crate::Clock;

    /// Implemented by builders only. It says what [`CallPool`](crate::CallPool) needs for waiting.
    pub trait Sealed {
        fn clock(&self) -> &dyn Clock;
        /// How long the call may take as a whole.
        fn total_deadline(&self) -> Duration;
        /// Whether it waits for the rate limit of the service as long as its deadline allows.
        fn waits_for_rate_limit(&self) -> bool;
    }
}

/// A call that is sent when it is awaited. For code that takes any builder.
///
/// All builders have these methods themselves, so the trait need not be in scope to call them.
///
/// ```
/// use kandy::{CallBuilder, Result};
///
/// /// Sends a call, or prints what it would send.
/// async fn make<C: CallBuilder>(call: C, dry_run: bool) -> Result<Option<C::Value>> {
///     if dry_run {
///         println!("{}", call.preview().await?);
///         return Ok(None);
///     }
///     call.await.map(Some)
/// }
///
/// # async fn example(domain: kandy::Domain) -> Result<()> {
/// make(domain.create_user("russ").country_code("US"), true).await?;
/// # Ok(()) }
/// ```
///
/// The trait is sealed.
pub trait CallBuilder:
    IntoFuture<
        Output = Result<<Self as CallBuilder>::Value>,
        IntoFuture = BoxFuture<'static, Result<<Self as CallBuilder>::Value>>,
    > + Send
    + Sized
    + sealed::Sealed
{
    /// What the call returns.
    type Value;

    /// Sends the request, and returns the raw response beside the typed one.
    ///
    /// # Errors
    ///
    /// As when it is awaited; [`Error::Argument`](crate::Error::Argument) where nothing had to be sent.
    fn with_response(self) -> impl Future<Output = Result<Response<Self::Value>>> + Send;

    /// Sends the request, and decodes the `result` of the response as `T` instead of the type of this SDK: a type with
    /// just the fields that you need, or a [`serde_json::Value`]. The response is decoded once.
    ///
    /// Whether the service refused is checked as always. A call that downloads a file has no `result`, so for it this is
    /// an error.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Names {
    ///     users: Vec<Name>,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Name {
    ///     user_id: String,
    /// }
    ///
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let names = domain.users().response_as::<Names>().await?.value;
    /// println!("{}", names.users.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As when it is awaited.
    fn response_as<T>(self) -> impl Future<Output = Result<Response<T>>> + Send
    where
        T: DeserializeOwned + Send;

    /// Returns the request that would be sent, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an argument cannot be used, as when it is awaited, or where
    /// nothing has to be sent.
    fn preview(self) -> impl Future<Output = Result<Preview>> + Send;

    /// Bounds each attempt: the wait for its response, and each pause within it. Overrides the timeout of the client.
    #[must_use = "it returns the changed call"]
    fn timeout(self, timeout: Duration) -> Self;

    /// Bounds the call as a whole. Overrides the deadline of the client.
    #[must_use = "it returns the changed call"]
    fn deadline(self, deadline: Duration) -> Self;

    /// Overrides the retry policy of the client.
    #[must_use = "it returns the changed call"]
    fn retry(self, policy: RetryPolicy) -> Self;
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
