//! Calls by name send the same requests as generated calls, and wrong arguments fail before anything is sent.

use std::sync::Arc;

use crate::support::server::Server;
use futures_util::StreamExt;
use kandy_sys::{
    ApiKey, ApiSecret, Body, BodyKind, BoxFuture, ByteStream, Client, Content, DynamicCall, DynamicCallError,
    OPERATIONS, Operation, Request, Transport, TransportFailure, Upload,
    operation::{Credential, RequestBody, ResponseKind},
    types,
};
use serde_json::json;

const CANARY: &str = "canary-of-a-value";

/// Responds with the example of each operation.
struct ExampleTransport;

impl Transport for ExampleTransport {
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move { Ok(http::Response::new(request.operation().example.into())) })
    }
}

fn client() -> Client {
    Client::with_transport(Arc::new(ExampleTransport))
}

fn operation(id: &str) -> &'static Operation {
    Operation::find(id).unwrap_or_else(|| panic!("{id} is no operation"))
}

fn shape(request: &Request<'_>) -> (Vec<(&'static str, String)>, String) {
    let content = match request.content() {
        Content::Json(body) => String::from_utf8(body.to_vec()).expect("JSON"),
        other => format!("{other:?}"),
    };
    (request.query().map(|(name, value)| (name, value.to_owned())).collect(), content)
}

/// All parameters but one, with their names as values, in the order of the table.
fn all_but<'a>(client: &'a Client, operation: &'static Operation, but: &str) -> DynamicCall<'a> {
    let names = operation.parameters.iter().map(|known| known.name).filter(|name| *name != but);
    names.fold(client.dynamic(operation), |call, name| call.parameter(name, name).expect(name))
}

/// The body that an operation takes.
fn with_body(call: DynamicCall<'_>) -> DynamicCall<'_> {
    match call.operation().body {
        RequestBody::Json(_) => call.json(json!({"a": CANARY})),
        RequestBody::File(_) => call.file(Upload::new(CANARY, CANARY)),
        _ => call,
    }
}

#[tokio::test]
async fn every_operation_is_callable() {
    let client = client();
    for operation in OPERATIONS {
        let call = || with_body(all_but(&client, operation, "")).into_call().expect(operation.id);
        let request = call().into_request().expect(operation.id);
        let mut names: Vec<_> = operation.parameters.iter().map(|known| known.name).collect();
        names.sort_unstable();
        assert_eq!(request.query().collect::<Vec<_>>(), names.iter().map(|name| (*name, *name)).collect::<Vec<_>>());
        assert!(std::ptr::eq(request.operation(), operation));
        if operation.response == ResponseKind::File {
            let file = call().read_as::<ByteStream>().await.expect(operation.id);
            assert!(file.into_inner().into_inner().next().await.expect("a piece").is_ok());
        } else {
            let result = call().await.expect(operation.id).into_inner().into_result().expect(operation.id);
            assert!(result.is_object(), "{operation}: {result}");
        }
    }
}

#[test]
fn request_equals_that_of_the_generated_call() {
    let client = client();
    let (key, secret) = (ApiKey::from("DAK"), ApiSecret::from("DAS"));
    let body = types::SmsSend {
        message: types::Sms {
            source: None,
            destination: "+12245556666".into(),
            message: types::SmsText { text: "Hello".into() },
        },
    };
    let note = Upload::new("note.txt", "Hello");
    let generated = [
        client.user_access_token_get(None, None, Some(&secret), None, &key, "russ", None).into_request(),
        client.message_list(Some("1"), "A149").into_request(),
        client.sms_send("A149", &body).into_request(),
        client.content_upload("text/plain", "5d1c", "A149", note.clone()).into_request(),
    ];
    let dynamic = |id| client.dynamic(operation(id));
    let set = |call: DynamicCall<'_>, pairs: &[(&str, &str)]| -> (Vec<(&'static str, String)>, String) {
        let call = pairs.iter().fold(call, |call, (name, value)| call.parameter(name, *value).expect(name));
        shape(&call.into_call().expect("a call").into_request().expect("a request"))
    };
    let by_name = [
        set(dynamic("user_access_token_get"), &[("user_id", "russ"), ("key", "DAK"), ("domain_api_secret", "DAS")]),
        set(dynamic("message_list"), &[("device_id", "A149"), ("client_timestamp", "1")]),
        set(
            dynamic("sms_send").json(json!({"message": {"destination": "+12245556666", "message": {"text": "Hello"}}})),
            &[("device_id", "A149")],
        ),
        set(
            dynamic("content_upload").file(note),
            &[("device_id", "A149"), ("content_uuid", "5d1c"), ("content_type", "text/plain")],
        ),
    ];
    assert_eq!(generated.map(|request| shape(&request.expect("a request"))), by_name);
}

#[tokio::test]
async fn access_token_is_added_and_response_decoded() {
    let server = Server::with_body("200 OK", r#"{"status":0,"message":"success","result":{"new":[1]}}"#).await;
    let client = Client::with_credential(server.base_url(), "UAT").expect("a client");
    let call = client.dynamic(operation("device_delete")).parameter("device_id", "A149").expect("known");
    let response = call.into_call().expect("a call").await.expect("an response");
    assert_eq!(response.into_inner().into_result().expect("a success"), json!({"new": [1]}));
    let request = server.request();
    assert_eq!(request.query, [("device_id".into(), "A149".into()), ("key".into(), "UAT".into())]);
    assert_eq!(request.method, "DELETE");
}

fn error_text<T>(outcome: Result<T, DynamicCallError>) -> String {
    let Err(error) = outcome else { panic!("it is accepted") };
    let shown = format!("{error} {error:?} {error:#?}");
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!shown.contains("example"), "it shows the table: {shown}");
    error.to_string()
}

#[test]
fn error_texts() {
    let client = client();
    let sms = || client.dynamic(operation("sms_send")).json(json!({"text": CANARY}));
    assert_eq!(error_text(sms().into_call()), "sms_send: the parameter `device_id` is missing");
    assert_eq!(
        error_text(sms().parameter("device", CANARY)),
        "sms_send: it has no parameter \"device\"; it has `device_id`"
    );
    assert_eq!(
        error_text(sms().parameter("key", CANARY)),
        "sms_send: it has no parameter \"key\", because the transport adds the access token; it has `device_id`"
    );
    let twice = sms().parameter("device_id", CANARY).and_then(|call| call.parameter("device_id", CANARY));
    assert_eq!(error_text(twice), "sms_send: the parameter `device_id` is given twice");
    let list = || client.dynamic(operation("device_list"));
    assert_eq!(error_text(list().parameter("a", CANARY)), "device_list: it has no parameter \"a\"; it has none");
    let credential = format!("UAT{}", "0123456789abcdef".repeat(2));
    assert_eq!(error_text(list().parameter(&credential, "")), "device_list: it has no parameter \"***\"; it has none");
    let token = client.dynamic(operation("user_access_token_delete")).parameter("user_id", CANARY).expect("known");
    assert_eq!(
        error_text(token.into_call()),
        "user_access_token_delete: the parameters `key`, `user_password` and `user_access_token` are missing"
    );
}

#[test]
fn body_kind_is_checked() {
    let client = client();
    for operation in OPERATIONS {
        let call = || all_but(&client, operation, "");
        let bodies = [
            (BodyKind::None, call()),
            (BodyKind::Json, call().json(json!(CANARY))),
            (BodyKind::File, call().file(Upload::new(CANARY, CANARY))),
        ];
        for (kind, call) in bodies {
            assert!(!format!("{call:?}").contains(CANARY));
            let is_right = match operation.body {
                RequestBody::None => kind == BodyKind::None,
                RequestBody::Json(_) => kind == BodyKind::Json,
                _ => kind == BodyKind::File,
            };
            match call.into_call() {
                Ok(_) => assert!(is_right, "{operation} takes {kind:?}"),
                Err(error) => {
                    assert!(matches!(error, DynamicCallError::WrongBody { given, .. } if given == kind && !is_right));
                    assert!(error_text(Err::<(), _>(error)).contains("it takes"));
                }
            }
        }
    }
}

#[test]
fn required_parameters_are_checked() {
    let client = client();
    for operation in OPERATIONS {
        for parameter in operation.parameters {
            match with_body(all_but(&client, operation, parameter.name)).into_call() {
                Ok(_) => assert!(!parameter.required, "{operation}: {}", parameter.name),
                Err(DynamicCallError::MissingParameters { names, .. }) => assert_eq!(names, [parameter.name]),
                Err(error) => panic!("{error}"),
            }
        }
        let takes_key = client.dynamic(operation).parameter("key", CANARY).is_ok();
        assert_eq!(takes_key, matches!(operation.credential(), Credential::ApiKey(_)), "{operation}");
    }
}
