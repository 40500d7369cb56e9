//! A raw call, from its arguments to its decoded answer.

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
    Body, BoxFuture, ByteStream, Client, Envelope, Error, ErrorKind, ErrorResponse, NoResult, Operation, Request,
    ResponseValue, SecretMask, Transport, TransportFailure, Upload, body::is_json, mask::RequestSecrets,
    operation::ResponseKind, request::Argument,
};

/// A raw call in the making: `.await` sends it and decodes its answer.
///
/// ```
/// # use kandy_sys::{Client, Envelope, types};
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let answer = client.user_list().await?;
/// println!("HTTP {}, {} headers", answer.status(), answer.headers().len());
/// let users = answer.into_inner().into_result()?.users;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Call<'a, T> {
    transport: &'a dyn Transport,
    request: Request<'a>,
    /// Why the request could not be made.
    failed: Option<serde_json::Error>,
    answer: PhantomData<fn() -> T>,
}

impl Client {
    /// A call without arguments yet.
    pub(crate) fn call<T>(&self, operation: &'static Operation) -> Call<'_, T> {
        Call { transport: self.transport(), request: Request::new(operation), failed: None, answer: PhantomData }
    }
}

impl<'a, T> Call<'a, T> {
    pub(crate) fn query(mut self, name: &'static str, value: impl Argument<'a>) -> Self {
        self.request.add(name, value);
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.failed = self.request.set_json(body).err();
        self
    }

    pub(crate) fn file(mut self, file: Upload) -> Self {
        self.request.set_file(file);
        self
    }

    /// What is called.
    pub fn operation(&self) -> &'static Operation {
        self.request.operation()
    }

    /// The request that would be sent.
    ///
    /// # Errors
    ///
    /// When its body cannot be written as JSON.
    pub fn into_request(self) -> Result<Request<'a>, Error> {
        let operation = self.request.operation();
        match self.failed {
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
        let Self { transport: _, request, failed, answer } = self;
        Call { transport: client.transport(), request: request.into_owned(), failed, answer }
    }

    /// Reads the answer as another type: one of your own with just the members that you need, for instance.
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
        let Self { transport, request, failed, answer: _ } = self;
        Call { transport, request, failed, answer: PhantomData }
    }

    /// Sends it, and answers whatever comes, with any HTTP status and undecoded. With a transport that can do so, the
    /// body of a success is a stream that has just begun. The extensions of the response have the [`SecretMask`] of the
    /// request, for text in the body.
    ///
    /// # Errors
    ///
    /// When the request cannot be made, or the transport fails.
    pub async fn stream(mut self) -> Result<http::Response<Body>, Error> {
        self.request.stream();
        let (operation, transport, secrets) = (self.request.operation(), self.transport, self.request.secrets());
        match transport.send(self.into_request()?).await {
            Ok(mut response) => {
                let mask = masking(response.extensions(), &secrets);
                response.extensions_mut().insert(mask);
                Ok(response)
            }
            Err(failure) => Err(Error::of_transport(operation, failure)),
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
            Ok(request) => State::CallFuture(transport.send(request)),
            Err(error) => State::Failed(error),
        };
        CallFuture { operation, state, secrets, answer: PhantomData }
    }
}

/// A raw call that is under way.
#[must_use = "it goes on only while it is awaited"]
pub struct CallFuture<'a, T> {
    operation: &'static Operation,
    state: State<'a>,
    secrets: RequestSecrets<'a>,
    answer: PhantomData<fn() -> T>,
}

enum State<'a> {
    CallFuture(BoxFuture<'a, Result<http::Response<Body>, TransportFailure>>),
    Failed(Error),
    Done,
}

impl<T: FromResponse> Future for CallFuture<'_, T> {
    type Output = Result<ResponseValue<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let operation = self.operation;
        if let State::CallFuture(sent) = &mut self.state {
            let answer = ready!(sent.as_mut().poll(context));
            // It has gone its way; what it held on to goes with it.
            self.state = State::Done;
            return Poll::Ready(match answer {
                Ok(answer) => T::decode(operation, answer, &self.secrets),
                Err(failure) => Err(Error::of_transport(operation, failure)),
            });
        }
        match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(error) => Poll::Ready(Err(error)),
            State::CallFuture(_) | State::Done => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for CallFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallFuture").field(&self.operation.id).finish()
    }
}

mod sealed {
    use crate::{Body, Error, Operation, ResponseValue, mask::RequestSecrets};

    pub trait Decode: Sized {
        /// Reads the answer of an operation, and masks these secrets of its request in the texts of a failure.
        fn decode(
            operation: &'static Operation,
            answer: http::Response<Body>,
            secrets: &RequestSecrets<'_>,
        ) -> Result<ResponseValue<Self>, Error>;
    }
}

use sealed::Decode;

/// The mask for the secrets of a request, and for those that the transport added.
fn masking(extensions: &http::Extensions, secrets: &RequestSecrets<'_>) -> SecretMask {
    let mut mask = secrets.mask();
    if let Some(added) = extensions.get::<SecretMask>() {
        mask.extend(added);
    }
    mask
}

/// What an answer can be read as: an [`Envelope`], or the [`ByteStream`] of a file.
pub trait FromResponse: Sized + Decode {
    /// Reads the answer of an operation. If its extensions have a [`SecretMask`], this masks the texts of a failure.
    ///
    /// # Errors
    ///
    /// When it is a refusal, or cannot be understood.
    fn from_response(
        operation: &'static Operation,
        answer: http::Response<Body>,
    ) -> Result<ResponseValue<Self>, Error> {
        Self::decode(operation, answer, &RequestSecrets::default())
    }
}

impl<T: DeserializeOwned> FromResponse for Envelope<T> {}

impl FromResponse for ByteStream {}

impl<T: DeserializeOwned> Decode for Envelope<T> {
    fn decode(
        operation: &'static Operation,
        answer: http::Response<Body>,
        secrets: &RequestSecrets<'_>,
    ) -> Result<ResponseValue<Self>, Error> {
        let (parts, payload) = answer.into_parts();
        let mask = || masking(&parts.extensions, secrets);
        let body = match payload {
            Body::Full(body) => body,
            Body::Stream(_) => Default::default(),
        };
        if parts.status != StatusCode::OK {
            let mask = mask();
            return Err(Error::of_refusal(operation, parts, body, &mask));
        }
        let needs_result = matches!(operation.response, ResponseKind::Result(_));
        match Self::read_response(&body, needs_result) {
            // By far the most successes have this message, or none.
            Ok(Self::Success(success)) if ["success", ""].contains(&success.message.as_str()) => {
                Ok(ResponseValue::new(Self::Success(success), parts.status, parts.headers))
            }
            Ok(envelope) => Ok(ResponseValue::new(envelope.masked(&mask()), parts.status, parts.headers)),
            Err(_) => {
                let problem = Self::problem_of(&body, needs_result);
                Err(Error::new(operation.id, ErrorKind::Decode(mask().problem(problem))))
            }
        }
    }
}

impl Decode for ByteStream {
    /// Where a file was asked for, a refusal may come as HTTP 200.
    fn decode(
        operation: &'static Operation,
        answer: http::Response<Body>,
        secrets: &RequestSecrets<'_>,
    ) -> Result<ResponseValue<Self>, Error> {
        let (parts, payload) = answer.into_parts();
        let mask = || masking(&parts.extensions, secrets);
        let file = match payload {
            Body::Full(body) => {
                let is_refusal = parts.status != StatusCode::OK || is_json(&parts.headers) && is_fault(&body);
                if is_refusal {
                    let mask = mask();
                    return Err(Error::of_refusal(operation, parts, body, &mask));
                }
                reqwest::Body::from(body)
            }
            Body::Stream(_) if parts.status != StatusCode::OK => {
                let mask = mask();
                return Err(Error::of_refusal(operation, parts, Default::default(), &mask));
            }
            Body::Stream(file) => reqwest::Body::wrap_stream(file),
        };
        // A response is what reqwest makes a stream of.
        let file = reqwest::Response::from(http::Response::new(file)).bytes_stream();
        Ok(ResponseValue::new(ByteStream::new(Box::pin(file)), parts.status, parts.headers))
    }
}

fn is_fault(body: &[u8]) -> bool {
    Envelope::<NoResult>::read(body).is_ok_and(|envelope| envelope.into_result().is_err())
}

impl Error {
    /// The failure stays what it is, as a transport's own error type may be found in it: the transport masks it.
    fn of_transport(operation: &'static Operation, failure: TransportFailure) -> Self {
        Self::new(operation.id, ErrorKind::Transport(failure))
    }

    fn of_refusal(
        operation: &'static Operation,
        parts: http::response::Parts,
        body: bytes::Bytes,
        mask: &SecretMask,
    ) -> Self {
        Self::new(operation.id, ErrorKind::Response(ErrorResponse::new(parts.status, parts.headers, body, mask)))
    }
}
