use std::{
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::StatusCode;
use kandy_sys::{
    Body, BoxFuture, Client, Envelope, Error, ErrorKind, NoResult, Request, ResponseValue, Secret, SecretMask,
    Transport, TransportFailure, types,
};
use serde_json::Value;

use crate::canary;

/// Answers every request with what it was given.
#[derive(Default)]
struct Canned(Mutex<(StatusCode, Bytes)>);

impl Transport for Canned {
    fn send<'a>(&'a self, _: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        let (status, body) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut response = http::Response::new(body.into());
        *response.status_mut() = status;
        Box::pin(async { Ok(response) })
    }
}

thread_local! {
    static CLIENT: (Client, Arc<Canned>) = {
        let canned = Arc::new(Canned::default());
        (Client::with_transport(canned.clone()), canned)
    };
}

/// The calls that are made, by the first byte of an input.
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

/// An answer with any HTTP status to one of several calls: the first byte says which, the next two the HTTP status.
///
/// * It is an answer if it is HTTP 200 and can be read; otherwise the error says which of both it is.
/// * No error repeats the body, but for the message of a fault.
pub fn error_body(input: &[u8]) -> bool {
    let [call, high, low, body @ ..] = input else { return false };
    let status = StatusCode::from_u16(100 + u16::from_be_bytes([*high, *low]) % 500).unwrap_or(StatusCode::OK);
    let is_answer = ask(*call, status, body, false);
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        canary::fill(&mut value);
        ask(*call, status, value.to_string().as_bytes(), true);
    } else {
        let at = body.len() / 2;
        let body = [&body[..at], canary::TEXT.as_bytes(), &body[at..]].concat();
        // Without an envelope there is no message, and nothing that may be repeated.
        let is_envelope = Envelope::<NoResult>::read(&body).is_ok();
        ask(*call, status, &body, !is_envelope);
    }
    is_answer
}

fn ask(call: u8, status: StatusCode, body: &[u8], is_secret: bool) -> bool {
    let secret = Secret::from(canary::TEXT);
    let asked = Asked { status, body, is_secret, has_secret: matches!(call % 8, 0 | 3) };
    CLIENT.with(|(client, canned)| {
        *canned.0.lock().unwrap_or_else(PoisonError::into_inner) = (status, Bytes::copy_from_slice(body));
        match call % 8 {
            0 => asked.check(client.account_access_token_get(&secret, &secret).into_future().now_or_never()),
            1 => asked.check(client.domain_list().into_future().now_or_never()),
            2 => asked.check(client.user_list().into_future().now_or_never()),
            3 => asked.check(client.user_get(Some(&secret), None).into_future().now_or_never()),
            4 => asked.check(client.message_list(None, canary::TEXT).into_future().now_or_never()),
            5 => asked.check(client.group_get(canary::TEXT).into_future().now_or_never()),
            6 => asked.check(client.device_delete(canary::TEXT).into_future().now_or_never()),
            _ => {
                let body = types::DomainCreate { domain_name: canary::TEXT.to_owned(), project_name: None };
                asked.check(client.domain_create(&body).into_future().now_or_never())
            }
        }
    })
}

/// What the service answers.
struct Asked<'a> {
    status: StatusCode,
    body: &'a [u8],
    /// Whether the body has canaries only where nothing may be repeated.
    is_secret: bool,
    /// Whether the request has a canary that is a secret.
    has_secret: bool,
}

impl Asked<'_> {
    fn check<T: serde::de::DeserializeOwned>(
        &self,
        outcome: Option<Result<ResponseValue<Envelope<T>>, Error>>,
    ) -> bool {
        let Self { status, body, .. } = *self;
        let shown = body.escape_ascii();
        let readable = Envelope::<T>::read(body).is_ok();
        match outcome.expect("nothing to wait for") {
            Ok(_) => {
                assert!(status == StatusCode::OK && readable, "HTTP {status} b\"{shown}\" is no answer");
                true
            }
            Err(error) => {
                match error.kind() {
                    ErrorKind::Decode(_) => assert!(status == StatusCode::OK && !readable, "{error}: b\"{shown}\""),
                    ErrorKind::Response(refusal) => {
                        let fault = Envelope::<NoResult>::read(body).ok();
                        let fault = fault.and_then(|envelope| envelope.into_result().err());
                        // The calls here have no other secret.
                        let mut mask = SecretMask::default();
                        if self.has_secret {
                            mask.add(canary::TEXT);
                        }
                        let fault = fault.map(|fault| mask.fault(fault));
                        assert_ne!(status, StatusCode::OK, "{error}: b\"{shown}\"");
                        assert_eq!((refusal.http_status, &refusal.fault), (status, &fault), "b\"{shown}\"");
                        assert_eq!(refusal.body, body);
                    }
                    other => panic!("there is an answer, and yet {other:?}"),
                }
                self.prints_nothing(&error);
                false
            }
        }
    }

    fn prints_nothing(&self, error: &Error) {
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
