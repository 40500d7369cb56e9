//! Decodes a response into its result, or into the [`Error`] that it reports. Depends on `error` only. Begin reading at
//! [`Decode`].

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use kandy_sys::{ByteChunks, ByteStream, Envelope, FromResponse, Operation, Request, SecretMask};
use serde::de::DeserializeOwned;

use crate::{Error, Result, error::result_of};

/// The body of a response. A stream in it ends with an [`Error`] when the connection breaks.
pub(crate) type Body = kandy_sys::Body<Error>;

/// A type that a response is decoded into.
pub(crate) trait Decode: FromResponse + Send {
    /// The result of a successful response.
    type Result: Send;

    /// Returns the result of a successful response.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the service refused the request, [`Error::Decode`] if the response has an unexpected form.
    fn decode(operation: &'static Operation, response: http::Response<Body>) -> Result<Self::Result>;
}

/// The result of a successful response.
pub(crate) type Decoded<R> = <R as Decode>::Result;

/// Reads the response to a request with [`Decode::decode`] or a similar function, and masks the secrets of the request
/// in the error.
pub(crate) fn read<T>(
    request: &Request<'_>,
    mut response: http::Response<Body>,
    decode: impl FnOnce(&'static Operation, http::Response<Body>) -> Result<T>,
) -> Result<T> {
    // The transport attaches a mask to every response that is not a plain success. It has the secrets of the URL
    // already. Those of the body must be in the same mask: one secret may be a substring of another, and masking the
    // shorter one first would leave the rest of the longer one readable.
    if let Some(mask) = response.extensions_mut().get_mut::<SecretMask>() {
        mask.extend(&request.secret_mask());
    }
    decode(request.operation(), response).map_err(|error| error.masked(&request.secret_mask()))
}

impl<T: DeserializeOwned + Send> Decode for Envelope<T> {
    type Result = T;

    fn decode(operation: &'static Operation, response: http::Response<Body>) -> Result<T> {
        // Only files and list streams have a streamed body, and neither is decoded as an envelope.
        let response = response.map(|body| match body {
            Body::Full(body) => kandy_sys::Body::Full(body),
            Body::Stream(_) => kandy_sys::Body::Full(Bytes::new()),
        });
        result_of(operation.id, Self::from_response(operation, response))
    }
}

/// A file whose response headers have arrived, and whose body is a stream.
pub(crate) struct FileResponse {
    pub(crate) operation: &'static Operation,
    pub(crate) headers: HeaderMap,
    pub(crate) chunks: ByteChunks<Error>,
}

impl Decode for ByteStream {
    type Result = FileResponse;

    fn decode(operation: &'static Operation, response: http::Response<Body>) -> Result<FileResponse> {
        let (parts, body) = response.into_parts();
        let headers = parts.headers.clone();
        let (start, chunks): (Bytes, ByteChunks<Error>) = match body {
            // A complete body may be an error response. `from_response` recognises it.
            Body::Full(body) => (body.clone(), Box::pin(stream::once(async { Ok(body) }))),
            Body::Stream(chunks) => (Bytes::new(), chunks),
        };
        // Only detects an error response: the bytes of a file are in `chunks`.
        Self::from_response(operation, http::Response::from_parts(parts, start.into()))?;
        Ok(FileResponse { operation, headers, chunks })
    }
}
