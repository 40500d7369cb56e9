use std::{future::IntoFuture, time::Duration};

use kandy_sys::BoxFuture;

use super::{Preview, Response, RetryPolicy};
use crate::Result;

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// What every builder is: a call that is made when it is awaited. For code that takes any of them.
///
/// The builders have all of this themselves, so it need not be in scope to call it.
///
/// ```
/// use kandy::{CallBuilder, Result};
///
/// /// Makes a call, or just says what it would send.
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
/// Nobody else can implement it.
pub trait CallBuilder:
    IntoFuture<
        Output = Result<<Self as CallBuilder>::Value>,
        IntoFuture = BoxFuture<'static, Result<<Self as CallBuilder>::Value>>,
    > + Send
    + Sized
    + sealed::Sealed
{
    /// What the call answers.
    type Value;

    /// Sends the request, and answers the raw answer beside the typed one.
    ///
    /// # Errors
    ///
    /// As when it is awaited; [`Error::Argument`](crate::Error::Argument) where nothing had to be sent.
    fn with_response(self) -> impl Future<Output = Result<Response<Self::Value>>> + Send;

    /// Answers what would be sent, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an argument cannot be used, as when it is awaited, or where
    /// nothing has to be sent.
    fn preview(self) -> impl Future<Output = Result<Preview>> + Send;

    /// Gives up on an attempt when no answer comes, or nothing moves, for this time, instead of the client's.
    #[must_use = "it answers the changed call"]
    fn timeout(self, timeout: Duration) -> Self;

    /// Gives up on the call as a whole after this time, instead of the client's.
    #[must_use = "it answers the changed call"]
    fn deadline(self, deadline: Duration) -> Self;

    /// Repeats this call by this policy, instead of the client's.
    #[must_use = "it answers the changed call"]
    fn retry(self, policy: RetryPolicy) -> Self;
}
