//! A raw call, from its arguments to its decoded response. Begin with [`Call`]; generated code builds one per operation.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ApiFault, Body, BoxFuture, ByteStream, Client, Envelope, Error, ErrorKind, NoResult, Operation, Request,
    ResponseValue, SecretMask, Transport, TransportFailure, Upload,
    body::is_json,
    envelope::{
        USUAL_MESSAGE,
        reader::{self, Head, ReadResult, ResultSlot},
    },
    operation::ResponseKind,
    query_value::QueryValue,
    request_secrets::RequestSecrets,
};

/// A raw call. `.await` sends it and decodes the response.
///
/// ```
/// # use kandy_sys::{Client, Envelope, types};
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let response = client.user_list().await?;
/// println!("HTTP {}, {} headers", response.status(), response.headers().len());
/// let users = response.into_inner().into_result()?.users;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Call<'a, T> {
    transport: &'a dyn Transport,
    request: Request<'a>,
    /// Why the body could not be encoded.
    encode_error: Option<serde_json::Error>,
    output: PhantomData<fn() -> T>,
}

impl Client {
    /// Returns a call without arguments.
    pub(crate) fn call<T>(&self, operation: &'static Operation) -> Call<'_, T> {
        Call { transport: self.transport(), request: Request::new(operation), encode_error: None, output: PhantomData }
    }
}

impl<'a, T> Call<'a, T> {
    pub(crate) fn query(mut self, name: &'static str, value: impl QueryValue<'a>) -> Self {
        self.request.add_query(name, value);
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.encode_error = self.request.set_json(body).err();
        self
    }

    pub(crate) fn file(mut self, file: Upload) -> Self {
        self.request.set_file(file);
        self
    }

    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        self.request.operation()
    }

    /// Returns the request without sending it.
    ///
    /// # Errors
    ///
    /// When its body cannot be encoded as JSON.
    pub fn into_request(self) -> Result<Request<'a>, Error> {
        let operation = self.request.operation();
        match self.encode_error {
            None => Ok(self.request),
            Some(error) => Err(Error::new(operation.id, ErrorKind::Request(error.to_string()))),
        }
    }

    /// Copies what the call borrows, so that it can outlive its arguments. It is a call of `client` then.
    ///
    /// ```
    /// # use kandy_sys::{Call, Client, Envelope, NoResult};
    /// fn delete<'a>(client: &'a Client, numbers: &[u32]) -> Call<'a, Envelope<NoResult>> {
    ///     let ids = format!("{numbers:?}");
    ///     client.message_delete("A149", &ids).into_owned(client)
    /// }
    /// ```
    pub fn into_owned(self, client: &Client) -> Call<'_, T> {
        let Self { transport: _, request, encode_error, output } = self;
        Call { transport: client.transport(), request: request.into_owned(), encode_error, output }
    }

    /// Decodes the response as another type, such as one of your own with only the members that you need.
    ///
    /// ```
    /// # use kandy_sys::{Client, Envelope};
    /// #[derive(serde::Deserialize)]
    /// struct Users {
    ///     users: Vec<serde_json::Value>,
    /// }
    ///
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let users = client.user_list().read_as::<Envelope<Users>>().await?.into_inner().into_result()?.users;
    /// # Ok(()) }
    /// ```
    pub fn read_as<U: FromResponse>(self) -> Call<'a, U> {
        let Self { transport, request, encode_error, output: _ } = self;
        Call { transport, request, encode_error, output: PhantomData }
    }

    /// Sends the request, and returns the response undecoded, with any HTTP status. If the transport can stream, the body
    /// of a success is a stream of which nothing was read. The extensions of the response contain the [`SecretMask`] of
    /// the request, for text in the body.
    ///
    /// # Errors
    ///
    /// When the body cannot be encoded, or the transport fails.
    pub async fn stream(mut self) -> Result<http::Response<Body>, Error> {
        self.request.stream();
        let (operation, transport, secrets) = (self.request.operation(), self.transport, self.request.secrets());
        match transport.send(self.into_request()?).await {
            Ok(mut response) => {
                let mask = response_mask(response.extensions(), &secrets);
                response.extensions_mut().insert(mask);
                Ok(response)
            }
            Err(failure) => Err(Error::transport(operation, failure)),
        }
    }
}

impl<T> fmt::Debug for Call<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}

impl<'a, T: FromResponse> IntoFuture for Call<'a, T> {
    type Output = Result<ResponseValue<T>, Error>;
    type IntoFuture = CallFuture<'a, T>;

    fn into_future(self) -> CallFuture<'a, T> {
        let (operation, transport, secrets) = (self.request.operation(), self.transport, self.request.secrets());
        let state = match self.into_request() {
            Ok(request) => State::Sent(transport.send(request)),
            Err(error) => State::Failed(error),
        };
        CallFuture { operation, state, secrets, output: PhantomData }
    }
}

/// The future of a raw [`Call`].
#[must_use = "futures do nothing unless polled"]
pub struct CallFuture<'a, T> {
    operation: &'static Operation,
    state: State<'a>,
    secrets: RequestSecrets<'a>,
    output: PhantomData<fn() -> T>,
}

enum State<'a> {
    Sent(BoxFuture<'a, Result<http::Response<Body>, TransportFailure>>),
    Failed(Error),
    Done,
}

impl<T: FromResponse> Future for CallFuture<'_, T> {
    type Output = Result<ResponseValue<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let operation = self.operation;
        if let State::Sent(sent) = &mut self.state {
            let response = ready!(sent.as_mut().poll(context));
            // Drop the future of the transport now, with everything that it borrows or owns.
            self.state = State::Done;
            return Poll::Ready(match response {
                Ok(response) => T::decode(operation, response, &self.secrets),
                Err(failure) => Err(Error::transport(operation, failure)),
            });
        }
        match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(error) => Poll::Ready(Err(error)),
            State::Sent(_) | State::Done => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for CallFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallFuture").field(&self.operation.id).finish()
    }
}

mod sealed {
    use crate::{Body, Error, Operation, ResponseValue, request_secrets::RequestSecrets};

    pub trait Decode: Sized {
        /// Decodes the response of an operation, and masks these secrets of its request in the texts of an error.
        fn decode(
            operation: &'static Operation,
            response: http::Response<Body>,
            secrets: &RequestSecrets<'_>,
        ) -> Result<ResponseValue<Self>, Error>;
    }
}

use sealed::Decode;

/// Returns a mask for the secrets of a request, and for those that the transport added to the extensions.
fn response_mask(extensions: &http::Extensions, secrets: &RequestSecrets<'_>) -> SecretMask {
    let mut mask = secrets.mask();
    if let Some(added) = extensions.get::<SecretMask>() {
        mask.extend(added);
    }
    mask
}

/// The types that a response decodes into: an [`Envelope`], or the [`ByteStream`] of a file.
pub trait FromResponse: Sized + Decode {
    /// Decodes the response of an operation. If its extensions contain a [`SecretMask`], it masks the texts of an error.
    ///
    /// # Errors
    ///
    /// When the HTTP status is not 200, when there is a fault instead of a file, or when the body does not decode.
    fn from_response(
        operation: &'static Operation,
        response: http::Response<Body>,
    ) -> Result<ResponseValue<Self>, Error> {
        Self::decode(operation, response, &RequestSecrets::default())
    }
}

impl<T: DeserializeOwned> FromResponse for Envelope<T> {}

impl FromResponse for ByteStream {}

impl<T: DeserializeOwned> Decode for Envelope<T> {
    fn decode(
        operation: &'static Operation,
        response: http::Response<Body>,
        secrets: &RequestSecrets<'_>,
    ) -> Result<ResponseValue<Self>, Error> {
        let mut result = ResultSlot(None);
        let response = decode_envelope(operation, response, secrets, &mut result)?;
        let (parts, head) = response.into_parts();
        let envelope = Self::of(head, result);
        let envelope = envelope.map_err(|error| Error::new(operation.id, ErrorKind::Decode(error)))?;
        Ok(ResponseValue::new(envelope, parts.status, parts.headers))
    }
}

/// Decodes the response of an operation, whatever its result is.
fn decode_envelope(
    operation: &'static Operation,
    response: http::Response<Body>,
    secrets: &RequestSecrets<'_>,
    result: &mut dyn ReadResult,
) -> Result<http::Response<Result<Head, ApiFault>>, Error> {
    let (parts, body) = response.into_parts();
    let mask = || response_mask(&parts.extensions, secrets);
    let body = match body {
        Body::Full(body) => body,
        Body::Stream(_) => Default::default(),
    };
    if parts.status != StatusCode::OK {
        let mask = mask();
        return Err(Error::response(operation, parts, body, &mask));
    }
    let needs_result = matches!(operation.response, ResponseKind::Result(_));
    let head = match reader::read(&body, needs_result, result) {
        // Most successes have this message or none, and need no mask.
        Ok(Ok(head)) if head.message.is_empty() || head.message == USUAL_MESSAGE => Ok(head),
        Ok(head) => reader::masked(head, &mask()),
        Err(error) => return Err(Error::new(operation.id, ErrorKind::Decode(error.masked(&mask())))),
    };
    Ok(http::Response::from_parts(parts, head))
}

impl Decode for ByteStream {
    /// A fault instead of a file may have HTTP 200.
    fn decode(
        operation: &'static Operation,
        response: http::Response<Body>,
        secrets: &RequestSecrets<'_>,
    ) -> Result<ResponseValue<Self>, Error> {
        let (parts, body) = response.into_parts();
        let mask = || response_mask(&parts.extensions, secrets);
        let file = match body {
            Body::Full(body) => {
                let is_error = parts.status != StatusCode::OK || is_json(&parts.headers) && is_fault(&body);
                if is_error {
                    let mask = mask();
                    return Err(Error::response(operation, parts, body, &mask));
                }
                reqwest::Body::from(body)
            }
            Body::Stream(_) if parts.status != StatusCode::OK => {
                let mask = mask();
                return Err(Error::response(operation, parts, Default::default(), &mask));
            }
            Body::Stream(file) => reqwest::Body::wrap_stream(file),
        };
        // reqwest converts a response, but not a body, into a stream.
        let file = reqwest::Response::from(http::Response::new(file)).bytes_stream();
        Ok(ResponseValue::new(ByteStream::new(Box::pin(file)), parts.status, parts.headers))
    }
}

fn is_fault(body: &[u8]) -> bool {
    Envelope::<NoResult>::read(body).is_ok_and(|envelope| envelope.into_result().is_err())
}
