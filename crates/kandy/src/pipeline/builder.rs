//! [`CallBuilder`], the public trait of all builders, and the macro `request!` that implements it.
//!
//! Depends on the entry functions of the pipeline, such as [`send`](super::send()). Begin reading at the macro: it adds
//! timeout, deadline, retry policy, preview and `await` to every builder.

use std::{future::IntoFuture, time::Duration};

use kandy_sys::BoxFuture;
use serde::de::DeserializeOwned;

use super::{HasCall, Preview, Response, RetryPolicy};
use crate::Result;

/// A builder of a call, which is sent when it is awaited. For code that is generic over builders.
///
/// All builders have these methods as inherent methods, so calling them does not need the trait in scope.
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
/// Dropping the future of a call cancels it: no other attempt begins. A request that was on its way by then may still be
/// applied, as if its response had been lost; no error tells so. Bound the time of a call by [`timeout`](Self::timeout) and
/// [`deadline`](Self::deadline) instead, whose error tells whether it
/// [may have been applied](crate::Error::may_have_been_applied).
///
/// The trait is sealed: only the builders of this crate implement it.
pub trait CallBuilder:
    IntoFuture<
        Output = Result<<Self as CallBuilder>::Value>,
        IntoFuture = BoxFuture<'static, Result<<Self as CallBuilder>::Value>>,
    > + Send
    + Sized
    + HasCall
{
    /// What the call returns.
    type Value;

    /// Returns the future that `.await` makes of the builder: for `tokio::spawn`, `JoinSet` and `join_all`, which take
    /// futures and no builders.
    ///
    /// Dropping the future cancels the call. A request that was on its way may still be applied.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> Result<(), Box<dyn std::error::Error>> {
    /// let sending = tokio::spawn(phone.send_sms("+12245556666", "Hello").send());
    /// sending.await??;
    /// # Ok(()) }
    /// ```
    fn send(self) -> BoxFuture<'static, Result<Self::Value>> {
        self.into_future()
    }

    /// Sends the request, and returns the raw response beside the typed one.
    ///
    /// # Errors
    ///
    /// Those of awaiting it; [`Error::Argument`](crate::Error::Argument) where nothing had to be sent.
    fn with_response(self) -> impl Future<Output = Result<Response<Self::Value>>> + Send;

    /// Sends the request, and decodes the `result` of the response as `T` instead of the type of this SDK: a type with
    /// only the fields that you need, or a [`serde_json::Value`]. The response is decoded once.
    ///
    /// A refusal is an error as always. A call that downloads a file has no `result`, so for it this is an error, too.
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
    /// Those of awaiting it.
    fn response_as<T>(self) -> impl Future<Output = Result<Response<T>>> + Send
    where
        T: DeserializeOwned + Send;

    /// Returns the request that would be sent, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an argument cannot be used, or where nothing has to be sent.
    fn preview(self) -> impl Future<Output = Result<Preview>> + Send;

    /// Sends the call of a pool, which may send it again.
    #[doc(hidden)]
    fn send_borrowed(&self) -> BoxFuture<'_, Result<Self::Value>>;

    /// Sets the timeout of each attempt: the wait for its response, and each pause within its body. Overrides the
    /// timeout of the client.
    #[must_use = "it returns the changed call"]
    fn timeout(mut self, timeout: Duration) -> Self {
        self.call_mut().options().timeout = Some(timeout);
        self
    }

    /// Sets the deadline of the call as a whole. Overrides the deadline of the client.
    #[must_use = "it returns the changed call"]
    fn deadline(mut self, deadline: Duration) -> Self {
        self.call_mut().options().deadline = Some(deadline);
        self
    }

    /// Overrides the retry policy of the client.
    #[must_use = "it returns the changed call"]
    fn retry(mut self, policy: RetryPolicy) -> Self {
        self.call_mut().options().retry = Some(policy);
        self
    }
}

/// Implements the methods of all builders: options, `await`, and [`CallBuilder`].
macro_rules! request {
    ($name:ident $(<$level:ident>)? => $output:ty) => {
        impl $(<$level: $crate::Level>)? $name $(<$level>)? {
            /// Sets the timeout of each attempt: the wait for its response, and each pause within its body. Overrides
            /// the timeout of the client.
            #[inline]
            pub fn timeout(self, timeout: std::time::Duration) -> Self {
                $crate::CallBuilder::timeout(self, timeout)
            }

            /// Sets the deadline of the call as a whole, with all its attempts and the waits between them. Overrides
            /// the deadline of the client.
            #[inline]
            pub fn deadline(self, deadline: std::time::Duration) -> Self {
                $crate::CallBuilder::deadline(self, deadline)
            }

            /// Overrides the retry policy of the client.
            #[inline]
            pub fn retry(self, policy: $crate::RetryPolicy) -> Self {
                $crate::CallBuilder::retry(self, policy)
            }

            /// Returns the future that `.await` makes of the builder: for `tokio::spawn`, `JoinSet` and `join_all`,
            /// which take futures and no builders.
            ///
            /// Nothing is sent before it is polled. Dropping it cancels the call: no other attempt begins, but a request
            /// that was on its way may still be applied.
            #[must_use = "nothing is sent until it is awaited"]
            #[inline]
            pub fn send(self) -> kandy_sys::BoxFuture<'static, $crate::Result<$output>> {
                std::future::IntoFuture::into_future(self)
            }

            /// Sends the request, and returns the raw response beside the typed one.
            ///
            /// # Errors
            ///
            /// Those of awaiting it.
            ///
            /// # Cancel safety
            ///
            /// That of [`send`](Self::send).
            #[inline]
            pub fn with_response(self) -> impl Future<Output = $crate::Result<$crate::Response<$output>>> + Send {
                $crate::pipeline::send_with_response(self)
            }

            /// Sends the request, and decodes the `result` of the response as `T` instead of the type of this SDK: see
            /// [`CallBuilder::response_as`]($crate::CallBuilder::response_as).
            ///
            /// # Errors
            ///
            /// Those of awaiting it.
            ///
            /// # Cancel safety
            ///
            /// That of [`send`](Self::send).
            #[inline]
            pub fn response_as<T>(self) -> impl Future<Output = $crate::Result<$crate::Response<T>>> + Send
            where
                T: serde::de::DeserializeOwned + Send,
            {
                $crate::pipeline::send_as(self)
            }

            /// Checks the arguments and returns the request that would be sent, without sending anything. No access
            /// token is fetched either. Where a call takes several requests, it is the first.
            ///
            /// # Errors
            ///
            /// [`Error::Argument`]($crate::Error::Argument) when an argument cannot be used, or where nothing
            /// has to be sent.
            ///
            /// # Cancel safety
            ///
            /// Nothing is sent, so dropping the future has no effect.
            #[inline]
            pub fn preview(self) -> impl Future<Output = $crate::Result<$crate::Preview>> + Send {
                $crate::pipeline::preview(self)
            }
        }

        impl $(<$level: $crate::Level>)? $crate::CallBuilder for $name $(<$level>)? {
            type Value = $output;

            // Inherent methods take precedence over those of a trait, so these calls do not recurse.
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

            #[inline]
            fn send_borrowed(&self) -> kandy_sys::BoxFuture<'_, $crate::Result<$output>> {
                Box::pin($crate::pipeline::run(self))
            }
        }

        impl $(<$level: $crate::Level>)? $crate::pipeline::HasCall for $name $(<$level>)? {
            fn call(&self) -> &$crate::pipeline::CallContext {
                &self.call
            }

            fn call_mut(&mut self) -> &mut $crate::pipeline::CallContext {
                &mut self.call
            }
        }

        impl $(<$level: $crate::Level>)? std::future::IntoFuture for $name $(<$level>)? {
            type Output = $crate::Result<$output>;
            type IntoFuture = kandy_sys::BoxFuture<'static, Self::Output>;

            // Inlined, as all methods of builders: so a program compiles the calls that it makes, and this crate none. The
            // decoders of all responses and the futures of all calls are half of what there is to compile.
            #[inline]
            fn into_future(self) -> Self::IntoFuture {
                // Boxed, because `IntoFuture` needs a type with a name, and that of an async function has none.
                Box::pin($crate::pipeline::send(self))
            }
        }
    };
}

pub(crate) use request;
