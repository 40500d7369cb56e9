//! From a response to its result, or to the [`Error`] that it stands for. Depends on `error` only.

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use kandy_sys::{ByteChunks, ByteStream, Envelope, FromResponse, Operation, Request, SecretMask};
use serde::de::DeserializeOwned;

use crate::{Error, Result, error::result_of};

/// The body of a response. A stream in it breaks off with an [`Error`].
pub(crate) type Body = kandy_sys::Body<Error>;

/// What a response is read as.
pub(crate) trait Decode: FromResponse + Send {
    /// What a success contains.
    type Result: Send;

    /// Returns what a success contains.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] for a refusal, [`Error::Decode`] for a response of an unexpected form.
    fn decode(operation: &'static Operation, response: http::Response<Body>) -> Result<Self::Result>;
}

/// What a success contains.
pub(crate) type Decoded<R> = <R as Decode>::Result;

/// Reads the response to a request with [`Decode::decode`] or its like, and masks the secrets of the request in the
/// error.
pub(crate) fn read<T>(
    request: &Request<'_>,
    mut response: http::Response<Body>,
    decode: impl FnOnce(&'static Operation, http::Response<Body>) -> Result<T>,
) -> Result<T> {
    // There is a mask unless the response is a plain success. It has the secrets of the URL already; those of the body
    // must be in the same mask, because one secret may be a part of another.
    if let Some(mask) = response.extensions_mut().get_mut::<SecretMask>() {
        mask.extend(&request.secret_mask());
    }
    decode(request.operation(), response).map_err(|error| error.masked(&request.secret_mask()))
}

impl<T: DeserializeOwned + Send> Decode for Envelope<T> {
    type Result = T;

    fn decode(operation: &'static Operation, response: http::Response<Body>) -> Result<T> {
        // An envelope is never a stream.
        let response = response.map(|body| match body {
            Body::Full(body) => kandy_sys::Body::Full(body),
            Body::Stream(_) => kandy_sys::Body::Full(Bytes::new()),
        });
        result_of(operation.id, Self::from_response(operation, response))
    }
}

/// A file that has begun to arrive.
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
            // A body that is here as a whole may be a refusal, which the generated layer recognises.
            Body::Full(body) => (body.clone(), Box::pin(stream::once(async { Ok(body) }))),
            Body::Stream(chunks) => (Bytes::new(), chunks),
        };
        Self::from_response(operation, http::Response::from_parts(parts, start.into()))?;
        Ok(FileResponse { operation, headers, chunks })
    }
}
