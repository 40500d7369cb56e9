//! Raw calls mask the secrets of the request that the service repeats in its message, with any transport.

use std::sync::Arc;

use crate::support::server::Server;
use kandy_sys::{
    Body, BoxFuture, ByteStream, Client, Envelope, ErrorKind, Operation, Request, SecretMask, Transport,
    TransportFailure,
};
use serde_json::{Value, json};

const TOKEN: &str = "tok/en & of the client";
const PASSWORD: &str = "Hunter/22 \"x\"";

/// A message of the service that repeats both in several spellings.
fn message() -> String {
    format!(
        "{PASSWORD} {TOKEN} {} {} Hunter%2F22+%22x%22 tok%2Fen%20%26%20of%20the%20client hunter/2-2 \\\"x\\\" tok/en &amp; of the client",
        PASSWORD.to_uppercase(),
        TOKEN.to_uppercase()
    )
}

fn envelope(status: i64) -> String {
    json!({"status": status, "message": message(), "status_description": {"code": status, "message": message()}})
        .to_string()
}

fn hides(text: &str) {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_lowercase();
    assert!(!letters.contains("hunter") && !letters.contains("oftheclient"), "{text}");
}

/// A transport that masks only its own token.
struct CustomTransport((u16, i64));

impl Transport for CustomTransport {
    fn send<'a>(&'a self, _: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async {
            let (http_status, status) = self.0;
            let mut response = http::Response::new(bytes::Bytes::from(envelope(status)).into());
            *response.status_mut() = http::StatusCode::from_u16(http_status).expect("a status");
            let mut mask = SecretMask::default();
            mask.add(TOKEN);
            response.extensions_mut().insert(mask);
            Ok(response)
        })
    }
}

fn call<'a>(client: &'a Client, id: &str) -> kandy_sys::Call<'a, Envelope<Value>> {
    let operation = Operation::find(id).expect("an operation");
    let mut call = client.dynamic(operation);
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required || parameter.secret) {
        let value = if parameter.secret { PASSWORD } else { "1" };
        call = call.parameter(parameter.name, value).expect("a parameter");
    }
    if matches!(operation.body, kandy_sys::operation::RequestBody::Json(_)) {
        call = call.json(json!({"user_id": "russ", "a": [{"user_password": PASSWORD}]}));
    }
    call.into_call().expect("all that is required")
}

async fn check(client: &Client, id: &str) -> String {
    match call(client, id).await {
        Ok(response) => {
            let envelope = response.into_inner();
            let text = format!("{envelope:?} {}", serde_json::to_string(&envelope).expect("JSON"));
            hides(&text);
            text
        }
        Err(error) => {
            let mut text = format!("{error} {error:?}");
            let mut source = std::error::Error::source(&error);
            while let Some(error) = source {
                text += &format!(" {error} {error:?}");
                source = error.source();
            }
            if let ErrorKind::Response(response) = error.kind() {
                text += &response.fault.as_ref().map(|fault| fault.message.clone()).unwrap_or_default();
            }
            hides(&text);
            text
        }
    }
}

#[tokio::test]
async fn token_and_request_secrets_are_masked() {
    for (http_status, status) in [("200 OK", 16), ("400 Bad Request", 14), ("500 Oops", 1), ("200 OK", 0)] {
        let server = Server::with_body(http_status, &envelope(status)).await;
        let client = Client::with_credential(server.base_url(), TOKEN).expect("a client");
        // Each of them carries the password and the token.
        for id in ["user_create", "user_delete", "domain_delete", "domain_get"] {
            let text = check(&client, id).await;
            let is_told = status != 0 || id != "domain_get";
            assert!(!is_told || text.contains("***"), "{id}, {http_status}: {text}");
        }
        // In the place of a file, and undecoded.
        if let Err(error) = call(&client, "domain_delete").read_as::<ByteStream>().await {
            hides(&format!("{error} {error:?}"));
        }
        let response = call(&client, "user_list").stream().await.expect("an response");
        let mask = response.extensions().get::<SecretMask>().expect("a mask");
        assert_eq!(mask.text(TOKEN), "***");
    }
}

#[tokio::test]
async fn secrets_are_masked_with_any_transport() {
    for form in [(200, 16), (403, 11), (200, 0)] {
        let client = Client::with_transport(Arc::new(CustomTransport(form)));
        let text = check(&client, "user_create").await;
        assert!(text.contains("***"), "{form:?}: {text}");
    }
}
