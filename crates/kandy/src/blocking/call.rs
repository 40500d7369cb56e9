//! [`CallBuilder`], the trait of all blocking builders, and the macros that implement it, and what all handles share.
//! Depends on `runtime`. Begin reading at [`CallBuilder`]; the generated code calls the macros.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::runtime::{PendingCall, Runtime};
use crate::{CallBuilder as AsyncCallBuilder, Preview, Response, Result, RetryPolicy};

pub(super) mod sealed {
    use super::Runtime;

    /// A builder around the asynchronous one, with the thread of its client.
    pub trait Wrapper: Sized {
        type Inner: crate::CallBuilder<Value: Send + 'static> + 'static;
        type Output: Send + 'static;

        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn into_parts(self) -> (Self::Inner, Runtime);

        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn from_parts(inner: Self::Inner, runtime: Runtime) -> Self;

        /// Returns the blocking form of what the asynchronous call returns.
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn wrap(value: <Self::Inner as crate::CallBuilder>::Value, runtime: &Runtime) -> Self::Output;
    }
}

use sealed::Wrapper;

/// A builder of a blocking call, which is sent by [`send`](Self::send). For code that is generic over builders.
///
/// All builders have these methods as inherent methods, so calling them does not need the trait in scope.
///
/// ```
/// use kandy::{Result, blocking::CallBuilder};
///
/// /// Sends a call, or prints what it would send.
/// fn make<C: CallBuilder>(call: C, dry_run: bool) -> Result<Option<C::Value>> {
///     if dry_run {
///         println!("{}", call.preview()?);
///         return Ok(None);
///     }
///     call.send().map(Some)
/// }
///
/// # fn example(domain: kandy::blocking::Domain) -> Result<()> {
/// make(domain.create_user("russ").country_code("US"), true)?;
/// # Ok(()) }
/// ```
///
/// The trait is sealed: only the builders of this crate implement it.
pub trait CallBuilder: Wrapper {
    /// What the call returns.
    type Value: Send + 'static;

    /// Sends the request, and waits for what the call returns.
    ///
    /// # Errors
    ///
    /// Those of the call.
    fn send(self) -> Result<Self::Value> {
        self.start().wait()
    }

    /// Sends the request without waiting. Dropping what it returns cancels the call.
    fn start(self) -> PendingCall<Result<Self::Value>>;

    /// Sends the request, and returns the raw response beside the typed one.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); [`Error::Argument`](crate::Error::Argument) where nothing had to be sent.
    fn with_response(self) -> Result<Response<Self::Value>>;

    /// Sends the request, and decodes the `result` of the response as `T` instead of the type of this SDK: see
    /// [`kandy::CallBuilder::response_as`](crate::CallBuilder::response_as).
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    fn response_as<T>(self) -> Result<Response<T>>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (inner, runtime) = self.into_parts();
        runtime.run(inner.response_as())
    }

    /// Returns the request that would be sent, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an argument cannot be used, or where nothing has to be sent.
    fn preview(self) -> Result<Preview> {
        let (inner, runtime) = self.into_parts();
        runtime.run(inner.preview())
    }

    /// Sets the timeout of each attempt: the wait for its response, and each pause within its body. Overrides the
    /// timeout of the client.
    #[must_use = "it returns the changed call"]
    fn timeout(self, timeout: Duration) -> Self {
        let (inner, runtime) = self.into_parts();
        Self::from_parts(inner.timeout(timeout), runtime)
    }

    /// Sets the deadline of the call as a whole. Overrides the deadline of the client.
    #[must_use = "it returns the changed call"]
    fn deadline(self, deadline: Duration) -> Self {
        let (inner, runtime) = self.into_parts();
        Self::from_parts(inner.deadline(deadline), runtime)
    }

    /// Overrides the retry policy of the client.
    #[must_use = "it returns the changed call"]
    fn retry(self, policy: RetryPolicy) -> Self {
        let (inner, runtime) = self.into_parts();
        Self::from_parts(inner.retry(policy), runtime)
    }
}

impl<C: Wrapper> CallBuilder for C {
    type Value = C::Output;

    fn start(self) -> PendingCall<Result<Self::Value>> {
        let (inner, runtime) = self.into_parts();
        let (call, thread) = (inner.into_future(), runtime.clone());
        runtime.start_call(async move { call.await.map(|value| C::wrap(value, &thread)) })
    }

    fn with_response(self) -> Result<Response<Self::Value>> {
        let (inner, runtime) = self.into_parts();
        let Response { value, http_status, headers, body } = runtime.run(inner.with_response())?;
        Ok(Response { value: C::wrap(value, &runtime), http_status, headers, body })
    }
}

/// Implements the methods of a builder: `send`, the options, and [`CallBuilder`]. `$wrap` makes the blocking form of a
/// value that has one.
macro_rules! builder {
    ($name:ident $(<$level:ident>)? => $output:ty) => {
        $crate::blocking::call::builder!($name $(<$level>)? => $output, |value, _| value);
    };
    ($name:ident $(<$level:ident>)? => $output:ty, $wrap:expr) => {
        impl $(<$level: $crate::Level>)? $name $(<$level>)? {
            pub(crate) fn of(
                inner: $crate::$name $(<$level>)?,
                runtime: $crate::blocking::runtime::Runtime,
            ) -> Self {
                Self { inner, runtime }
            }

            /// Sends the request, and waits for what the call returns.
            ///
            /// # Errors
            ///
            /// Those of the method that returns the builder.
            pub fn send(self) -> $crate::Result<$output> {
                $crate::blocking::call::CallBuilder::send(self)
            }

            /// Sends the request without waiting. Dropping what it returns cancels the call.
            pub fn start(self) -> $crate::blocking::runtime::PendingCall<$crate::Result<$output>> {
                $crate::blocking::call::CallBuilder::start(self)
            }

            /// Sends the request, and returns the raw response beside the typed one.
            ///
            /// # Errors
            ///
            /// Those of [`send`](Self::send).
            pub fn with_response(self) -> $crate::Result<$crate::Response<$output>> {
                $crate::blocking::call::CallBuilder::with_response(self)
            }

            /// Sends the request, and decodes the `result` of the response as `T` instead of the type of this SDK: see
            /// [`kandy::CallBuilder::response_as`]($crate::CallBuilder::response_as).
            ///
            /// # Errors
            ///
            /// Those of [`send`](Self::send).
            pub fn response_as<T>(self) -> $crate::Result<$crate::Response<T>>
            where
                T: serde::de::DeserializeOwned + Send + 'static,
            {
                $crate::blocking::call::CallBuilder::response_as(self)
            }

            /// Checks the arguments and returns the request that would be sent, without sending anything. No access
            /// token is fetched either. Where a call takes several requests, it is the first.
            ///
            /// # Errors
            ///
            /// [`Error::Argument`]($crate::Error::Argument) when an argument cannot be used, or where nothing has to be
            /// sent.
            pub fn preview(self) -> $crate::Result<$crate::Preview> {
                $crate::blocking::call::CallBuilder::preview(self)
            }

            /// Sets the timeout of each attempt: the wait for its response, and each pause within its body. Overrides
            /// the timeout of the client.
            pub fn timeout(self, timeout: std::time::Duration) -> Self {
                $crate::blocking::call::CallBuilder::timeout(self, timeout)
            }

            /// Sets the deadline of the call as a whole, with all its attempts and the waits between them. Overrides
            /// the deadline of the client.
            pub fn deadline(self, deadline: std::time::Duration) -> Self {
                $crate::blocking::call::CallBuilder::deadline(self, deadline)
            }

            /// Overrides the retry policy of the client.
            pub fn retry(self, policy: $crate::RetryPolicy) -> Self {
                $crate::blocking::call::CallBuilder::retry(self, policy)
            }
        }

        impl $(<$level: $crate::Level + std::fmt::Debug>)? std::fmt::Debug for $name $(<$level>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }

        impl $(<$level: $crate::Level>)? $crate::blocking::call::sealed::Wrapper for $name $(<$level>)? {
            type Inner = $crate::$name $(<$level>)?;
            type Output = $output;

            #[allow(private_interfaces, reason = "the trait is sealed")]
            fn into_parts(self) -> (Self::Inner, $crate::blocking::runtime::Runtime) {
                (self.inner, self.runtime)
            }

            #[allow(private_interfaces, reason = "the trait is sealed")]
            fn from_parts(inner: Self::Inner, runtime: $crate::blocking::runtime::Runtime) -> Self {
                Self { inner, runtime }
            }

            #[allow(private_interfaces, reason = "the trait is sealed")]
            fn wrap(
                value: <Self::Inner as $crate::CallBuilder>::Value,
                runtime: &$crate::blocking::runtime::Runtime,
            ) -> Self::Output {
                let wrap: fn(_, &$crate::blocking::runtime::Runtime) -> $output = $wrap;
                wrap(value, runtime)
            }
        }
    };
}

/// Implements what all handles have.
macro_rules! handle {
    ($name:ident) => {
        impl $name {
            pub(crate) fn of(inner: $crate::$name, runtime: $crate::blocking::runtime::Runtime) -> Self {
                Self { inner, runtime }
            }

            /// Returns the asynchronous form, which shares tokens and connections with this one. Await it in
            /// [`Kandy::block_on`]($crate::blocking::Kandy::block_on) only: connections belong to the thread of the
            /// client.
            pub fn as_async(&self) -> &$crate::$name {
                &self.inner
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

pub(super) use builder;
pub(super) use handle;
