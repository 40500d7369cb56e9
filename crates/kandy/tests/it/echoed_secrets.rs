//! A service that echoes the secrets of a request in its responses: no error or `Debug` output may repeat them.

use std::{
    error::Error as StdError,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use kandy::{
    Error, Kandy, RetryPolicy,
    sys::{
        Envelope, OPERATIONS, Operation, Upload,
        operation::{Credential, Level, RequestBody},
    },
};
use serde_json::{Value, json};

use crate::support::mock_server::{MockServer, RecordedRequest, json_response};

/// The letters that no output may contain, in any case and with any other characters between them.
const CANARY: &str = "canary";

/// Returns a unique secret with characters that have to be escaped.
fn secret() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("cAn4ry & \"{}\" ü%+/", NUMBER.fetch_add(1, Ordering::Relaxed)).replace('4', "a")
}

/// Whether a text contains the canary, plain or escaped.
fn contains_secret(text: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    letters(text).contains(CANARY) || letters(&decoded(text)).contains(CANARY)
}

/// Decodes escapes such as `%41` and `\\u0041`.
fn decoded(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = [("%", 2), ("\\u", 4)].into_iter().find_map(|(mark, digits)| {
            let code = u32::from_str_radix(rest.strip_prefix(mark)?.get(..digits)?, 16).ok()?;
            Some((char::from_u32(code)?, mark.len() + digits))
        });
        let (c, length) = escape.unwrap_or((c, c.len_utf8()));
        decoded.push(c);
        rest = &rest[length..];
    }
    decoded
}

/// Returns the forms in which a message may repeat a secret.
fn spellings(secret: &str) -> Vec<String> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form: String = secret.chars().map(|c| if c == ' ' { "+".to_owned() } else { encoded(c) }).collect();
    let json = json!(secret).to_string();
    let html = secret.replace('&', "&amp;").replace('"', "&quot;");
    let unicode: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let split: String = secret.chars().flat_map(|c| [c, '-']).collect();
    vec![
        format!("{secret} is not good"),
        format!("not{secret}good"),
        format!("'{}'", secret.to_uppercase()),
        secret.to_lowercase(),
        percent,
        form,
        json!(json).to_string(),
        json,
        html,
        unicode,
        split,
        format!("password: {secret}"),
        format!("https://api.kandy.io/v1.2/x?key={secret}"),
    ]
}

/// Returns a character in percent-encoding.
fn encoded(c: char) -> String {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Returns the secrets in the query and the body of a request.
fn secrets(request: &RecordedRequest) -> Vec<String> {
    fn members(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if contains_secret(text) => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| members(item, found)),
            Value::Object(object) => object.values().for_each(|member| members(member, found)),
            _ => {}
        }
    }
    let mut found: Vec<_> =
        request.query.iter().map(|(_, value)| value.clone()).filter(|value| contains_secret(value)).collect();
    if let Ok(body) = serde_json::from_slice(&request.body) {
        members(&body, &mut found);
    }
    found
}

/// The response of the service: an envelope, a page, or something else.
#[derive(Clone, Copy, Debug)]
enum ResponseForm {
    Refusal(u16, i64),
    Success,
    Html(u16),
    Undecodable,
}

const FORMS: [ResponseForm; 7] = [
    ResponseForm::Refusal(200, 16),
    ResponseForm::Refusal(200, 55),
    ResponseForm::Refusal(400, 14),
    ResponseForm::Refusal(500, 1),
    ResponseForm::Success,
    ResponseForm::Html(502),
    ResponseForm::Undecodable,
];

/// Starts a server whose responses repeat the secrets of the request in the spelling with this number.
async fn echo_server(form: ResponseForm, spelling: Arc<AtomicUsize>) -> MockServer {
    MockServer::respond_with(move |request| {
        let spelling = spelling.load(Ordering::Relaxed);
        let repeated: Vec<_> = secrets(request).iter().map(|secret| spellings(secret)[spelling].clone()).collect();
        assert!(!repeated.is_empty(), "there is no secret in the request");
        let message = repeated.join(", ");
        let envelope = |status: i64| {
            json!({"status": status, "message": message, "status_description": {"code": status, "message": message}})
        };
        match form {
            ResponseForm::Refusal(http, status) => json_response(http, &envelope(status).to_string()),
            ResponseForm::Success => {
                let mut envelope = envelope(0);
                // An empty result, where one is required, is a decode error.
                if spelling.is_multiple_of(2) {
                    envelope["result"] = json!({});
                }
                json_response(200, &envelope.to_string())
            }
            ResponseForm::Html(http) => json_response(http, &format!("<html><p>{message}</p></html>")),
            ResponseForm::Undecodable => json_response(200, &json!({"status": message, "message": message, "result": message}).to_string()),
        }
    })
    .await
}

/// Returns the `Display` and `Debug` output of an error and its sources.
fn printed(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        text += &format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n");
        next = error.source();
    }
    text
}

/// Panics if an error prints a secret.
fn assert_hides_secrets(what: &str, error: &Error) {
    let mut text = printed(error);
    if let Error::Api(error) = error {
        text += error.message();
    }
    assert!(!contains_secret(&text), "{what}: {text}");
}

/// Builds a client that never retries.
fn client(base_url: &str) -> Kandy {
    Kandy::builder().base_url(base_url).retry(RetryPolicy::never()).build().expect("a client")
}

/// Calls every operation by name, as a program does that learns the operation at run time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamic_calls_hide_echoed_secrets() {
    let spelling_count = spellings("x").len();
    let (mut calls, mut masked) = (0, 0);
    for (number, form) in FORMS.into_iter().enumerate() {
        let current = Arc::new(AtomicUsize::new(0));
        let server = echo_server(form, current.clone()).await;
        let kandy = client(server.kandy.base_url());
        for (turn, operation) in OPERATIONS.iter().filter(|operation| operation.version == "v1.2").enumerate() {
            // All spellings occur with all forms, and several with each operation.
            let spelling = (turn + number) % spelling_count;
            current.store(spelling, Ordering::Relaxed);
            let what = format!("{operation}, {form:?}, spelling {spelling}");
            calls += 1;
            masked += usize::from(call(&kandy, operation, &what).await);
        }
    }
    assert!(masked * 2 > calls, "only {masked} of {calls} had a message");
}

/// Calls an operation with a secret in each secret parameter. Returns whether the error masked something.
async fn call(kandy: &Kandy, operation: &'static Operation, what: &str) -> bool {
    let raw = match operation.credential() {
        Credential::AccessToken(Level::Account) => kandy.account_with_token(secret()).raw().clone(),
        Credential::AccessToken(Level::Domain) => kandy.domain_with_token(secret(), secret()).raw().clone(),
        _ => kandy.user_with_token(secret()).raw().clone(),
    };
    let mut call = raw.dynamic(operation);
    for parameter in operation.parameters {
        let value = if parameter.secret { secret() } else { "1".to_owned() };
        call = call.parameter(parameter.name, value).expect("a parameter of the table");
    }
    call = match operation.body {
        RequestBody::Json(_) => call.json(json!({
            "user_id": "russ", "user_password": secret(), "validation_code": secret(),
            "more": [{"refreshToken": secret(), "secrets": [secret(), 1, null]}],
        })),
        RequestBody::File(_) => call.file(Upload::new("a.txt", "text")),
        _ => call,
    };
    let outcome = call.into_call().expect("all that is required").await;
    match outcome {
        Err(error) => {
            let text = printed(&error);
            assert!(!contains_secret(&text), "{what}: {text}");
            let error = Error::from(error);
            assert_hides_secrets(what, &error);
            text.contains("***") || error.to_string().contains("***")
        }
        Ok(response) => {
            let http_status = response.status();
            let text = format!("{response:?}");
            let envelope: Envelope<Value> = response.into_inner();
            let text = format!("{text} {} {}", envelope.message(), serde_json::to_string(&envelope).expect("JSON"));
            assert!(!contains_secret(&text), "{what}: {text}");
            let is_masked = envelope.message().contains("***");
            if let Err(fault) = envelope.into_result() {
                assert_hides_secrets(what, &Error::refused(operation, http_status, fault));
            }
            is_masked
        }
    }
}

/// Calls the wrappers that take a secret or send a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typed_calls_hide_echoed_secrets() {
    const PASSWORD: &str = "canary.pass4711";
    for form in [
        ResponseForm::Refusal(200, 16),
        ResponseForm::Refusal(403, 52),
        ResponseForm::Html(400),
        ResponseForm::Undecodable,
    ] {
        let current = Arc::new(AtomicUsize::new(0));
        let server = echo_server(form, current.clone()).await;
        let kandy = client(server.kandy.base_url());
        for spelling in 0..spellings("x").len() {
            current.store(spelling, Ordering::Relaxed);
            let account = kandy.account_with_token(secret());
            let domain = kandy.domain_with_token(secret(), secret());
            let mut users = domain.users().stream();
            for (what, error) in [
                ("account token", kandy.account(secret(), secret()).domains().await.err()),
                ("domain token", kandy.domain(secret(), secret()).users().await.err()),
                ("user token", kandy.user_with_password(secret(), "russ", secret()).devices().await.err()),
                ("domains", account.domains().await.err()),
                ("delete_domain", account.delete_domain(secret()).await.err()),
                ("create_user", domain.create_user("russ").password(PASSWORD).await.err()),
                (
                    "create_user_by_phone",
                    domain.create_user_by_phone("3524096582", "US").password(PASSWORD).await.err(),
                ),
                ("delete_user", domain.delete_user(secret()).await.err()),
                ("delete_user_by_password", domain.delete_user_by_password("russ", secret()).await.err()),
                ("user_details", domain.user_details(secret()).await.err()),
                ("users, as a stream", users.try_next().await.err()),
                ("users", domain.users().await.err()),
                ("with_response", domain.users().with_response().await.err()),
                ("pending", kandy.user_with_token(secret()).device("A149").pending_messages().await.err()),
                ("inbox", kandy.user_with_token(secret()).device("A149").messages().stream().try_next().await.err()),
            ] {
                let error = error.unwrap_or_else(|| panic!("{what}: {form:?} is a failure"));
                assert_hides_secrets(&format!("{what}, {form:?}, spelling {spelling}"), &error);
            }
        }
    }
}

/// The status of a list may follow its items, and be an error.
#[tokio::test]
async fn an_error_at_the_end_of_a_stream_hides_echoed_secrets() {
    for spelling in 0..spellings("x").len() {
        let server = MockServer::respond_with(move |request| {
            let message = json!(spellings(&secrets(request)[0])[spelling]);
            let users = r#"[{"user_id":"russ","domain_name":"example.com"}]"#;
            json_response(200, &format!(r#"{{"result":{{"users":{users}}},"message":{message},"status":16}}"#))
        })
        .await;
        let domain = client(server.kandy.base_url()).domain_with_token("DAK", secret());
        let mut users = domain.users().stream();
        let error = loop {
            match users.try_next().await {
                Ok(user) => assert!(user.is_some(), "the list ends with an error"),
                Err(error) => break error,
            }
        };
        assert_hides_secrets("a stream", &error);
        assert!(error.to_string().contains("***"), "{error}");
    }
}

/// Only the secrets of the request are masked.
#[tokio::test]
async fn keeps_the_rest_of_a_message() {
    let server = MockServer::respond_with(|_| {
        json_response(200, r#"{"status":14,"message":"russ@example.com: password canary.pass4711 must differ from a name, token expired"}"#)
    })
    .await;
    let domain = client(server.kandy.base_url()).domain_with_token("DAK", "a");
    let error = domain.create_user("russ").password("canary.pass4711").await.expect_err("refused");
    let Error::Api(api) = &error else { panic!("{error}") };
    assert_eq!(api.message(), "russ@example.com: password *** must differ from *** name, token expired");
}
