//! [`Response`]: the raw response beside the value that a call returns. Depends on nothing.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

/// The value that a call returns, with the raw response.
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// let response = domain.users().with_response().await?;
/// println!("HTTP {}, {} bytes, {} users", response.http_status, response.body.len(), response.value.len());
/// # Ok(()) }
/// ```
#[non_exhaustive]
pub struct Response<T> {
    /// The value that the call returns when it is awaited.
    pub value: T,
    /// The HTTP status.
    pub http_status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body. It may contain credentials: do not log it.
    pub body: Bytes,
}

impl<T> Response<T> {
    pub(super) fn new(value: T, response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self { value, http_status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("http_status", &self.http_status)
            // Only the length, and no headers: both may contain credentials.
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}
