//! The target `error_body`.

use std::{
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::StatusCode;
use kandy_sys::{
    AccessToken, ApiKey, ApiSecret, Body, BoxFuture, Client, Envelope, Error, ErrorKind, NoResult, Request,
    ResponseValue, SecretMask, Transport, TransportFailure, types,
};
use serde_json::Value;

use crate::canary;

/// Responds to every request with a given status and body.
#[derive(Default)]
struct FixedResponse(Mutex<(StatusCode, Bytes)>);

impl Transport for FixedResponse {
    fn send<'a>(&'a self, _: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        let (status, body) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut response = http::Response::new(body.into());
        *response.status_mut() = status;
        Box::pin(async { Ok(response) })
    }
}

thread_local! {
    static CLIENT: (Client, Arc<FixedResponse>) = {
        let transport = Arc::new(FixedResponse::default());
        (Client::with_transport(transport.clone()), transport)
    };
}

/// The calls that the first byte of an input selects from.
pub(crate) const CALLS: [&str; 8] = [
    "account_access_token_get",
    "domain_list",
    "user_list",
    "user_get",
    "message_list",
    "group_get",
    "device_delete",
    "domain_create",
];

/// A response with any HTTP status to one of several calls. The first byte selects the call, the next two the HTTP status.
///
/// * The call succeeds if the status is 200 and the body decodes; otherwise the kind of the error matches the failure.
/// * No error contains anything of the body but the message of a fault.
pub fn error_body(input: &[u8]) -> bool {
    let [call, high, low, body @ ..] = input else { return false };
    let status = StatusCode::from_u16(100 + u16::from_be_bytes([*high, *low]) % 500).unwrap_or(StatusCode::OK);
    let is_success = call_with(*call, status, body, false);
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        canary::fill(&mut value);
        call_with(*call, status, value.to_string().as_bytes(), true);
    } else {
        let at = body.len() / 2;
        let body = [&body[..at], canary::TEXT.as_bytes(), &body[at..]].concat();
        // Without an envelope there is no message that an error may contain.
        let is_envelope = Envelope::<NoResult>::read(&body).is_ok();
        call_with(*call, status, &body, !is_envelope);
    }
    is_success
}

fn call_with(call: u8, status: StatusCode, body: &[u8], is_secret: bool) -> bool {
    let (key, secret) = (ApiKey::from(canary::TEXT), ApiSecret::from(canary::TEXT));
    let token = AccessToken::from(canary::TEXT);
    let expected = Expectation { status, body, is_secret, has_secret: matches!(call % 8, 0 | 3) };
    CLIENT.with(|(client, transport)| {
        *transport.0.lock().unwrap_or_else(PoisonError::into_inner) = (status, Bytes::copy_from_slice(body));
        match call % 8 {
            0 => expected.check(client.account_access_token_get(&secret, &key).into_future().now_or_never()),
            1 => expected.check(client.domain_list().into_future().now_or_never()),
            2 => expected.check(client.user_list().into_future().now_or_never()),
            3 => expected.check(client.user_get(Some(&token), None).into_future().now_or_never()),
            4 => expected.check(client.message_list(None, canary::TEXT).into_future().now_or_never()),
            5 => expected.check(client.group_get(canary::TEXT).into_future().now_or_never()),
            6 => expected.check(client.device_delete(canary::TEXT).into_future().now_or_never()),
            _ => {
                let body = types::DomainCreate { domain_name: canary::TEXT.to_owned(), project_name: None };
                expected.check(client.domain_create(&body).into_future().now_or_never())
            }
        }
    })
}

/// A response, and what the error may contain of it.
struct Expectation<'a> {
    status: StatusCode,
    body: &'a [u8],
    /// Whether the body has canaries only where no error may repeat them.
    is_secret: bool,
    /// Whether the request has a canary that is a secret.
    has_secret: bool,
}

impl Expectation<'_> {
    fn check<T: serde::de::DeserializeOwned>(
        &self,
        outcome: Option<Result<ResponseValue<Envelope<T>>, Error>>,
    ) -> bool {
        let Self { status, body, .. } = *self;
        let shown = body.escape_ascii();
        let readable = Envelope::<T>::read(body).is_ok();
        match outcome.expect("nothing to wait for") {
            Ok(_) => {
                assert!(status == StatusCode::OK && readable, "HTTP {status} b\"{shown}\" is no success");
                true
            }
            Err(error) => {
                match error.kind() {
                    ErrorKind::Decode(_) => assert!(status == StatusCode::OK && !readable, "{error}: b\"{shown}\""),
                    ErrorKind::Response(response) => {
                        let fault = Envelope::<NoResult>::read(body).ok();
                        let fault = fault.and_then(|envelope| envelope.into_result().err());
                        // The calls here have no other secret.
                        let mut mask = SecretMask::default();
                        if self.has_secret {
                            mask.add(canary::TEXT);
                        }
                        let fault = fault.map(|fault| mask.fault(fault));
                        assert_ne!(status, StatusCode::OK, "{error}: b\"{shown}\"");
                        assert_eq!((response.http_status, &response.fault), (status, &fault), "b\"{shown}\"");
                        assert_eq!(response.body, body);
                    }
                    other => panic!("there is a response, but the error is {other:?}"),
                }
                self.assert_no_leak(&error);
                false
            }
        }
    }

    fn assert_no_leak(&self, error: &Error) {
        let ours = kandy::Error::from(error.clone());
        let _ = (ours.is_retryable(), ours.may_have_been_applied(), ours.is_unauthorized(), ours.status());
        let mut printed = format!("{error} {error:?} {ours} {ours:?}");
        let mut source = ours.source();
        while let Some(error) = source {
            printed += &format!(" {error} {error:?}");
            source = error.source();
        }
        if self.is_secret {
            canary::must_not_be_in(&printed, self.body);
        }
    }
}
