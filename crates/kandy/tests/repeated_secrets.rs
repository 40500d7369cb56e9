//! A service that repeats every secret of a request in all that it writes: nothing of it may be shown.

#![allow(dead_code, reason = "the support is that of all tests")]

mod support;

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
use support::{Recorded, Recorder, json as answer};

/// What no text may contain, in letters of any case and whatever stands between them.
const CORE: &str = "canary";

/// A secret that is like no other, with what has to be escaped.
fn secret() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("cAn4ry & \"{}\" ü%+/", NUMBER.fetch_add(1, Ordering::Relaxed)).replace('4', "a")
}

fn shows(text: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    letters(text).contains(CORE) || letters(&decoded(text)).contains(CORE)
}

/// A text with its `%41` and `\\u0041` decoded, as far as they are letters.
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

/// The ways in which a message may repeat a secret.
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

fn encoded(c: char) -> String {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// All texts of a request that are secrets here.
fn secrets(request: &Recorded) -> Vec<String> {
    fn members(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) if shows(text) => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| members(item, found)),
            Value::Object(object) => object.values().for_each(|member| members(member, found)),
            _ => {}
        }
    }
    let mut found: Vec<_> = request.query.iter().map(|(_, value)| value.clone()).filter(|value| shows(value)).collect();
    if let Ok(body) = serde_json::from_slice(&request.body) {
        members(&body, &mut found);
    }
    found
}

/// How the service answers: with what HTTP status and status, and whether it is an envelope.
#[derive(Clone, Copy, Debug)]
enum Form {
    Refusal(u16, i64),
    Success,
    Html(u16),
    Undecodable,
}

const FORMS: [Form; 7] = [
    Form::Refusal(200, 16),
    Form::Refusal(200, 55),
    Form::Refusal(400, 14),
    Form::Refusal(500, 1),
    Form::Success,
    Form::Html(502),
    Form::Undecodable,
];

/// A service that answers in a form, and repeats what it is sent in the spelling of this number.
async fn service(form: Form, spelling: Arc<AtomicUsize>) -> Recorder {
    Recorder::answering(move |request| {
        let spelling = spelling.load(Ordering::Relaxed);
        let repeated: Vec<_> = secrets(request).iter().map(|secret| spellings(secret)[spelling].clone()).collect();
        assert!(!repeated.is_empty(), "there is no secret in the request");
        let message = repeated.join(", ");
        let envelope = |status: i64| {
            json!({"status": status, "message": message, "status_description": {"code": status, "message": message}})
        };
        match form {
            Form::Refusal(http, status) => answer(http, &envelope(status).to_string()),
            Form::Success => {
                let mut envelope = envelope(0);
                // Without the result, where there has to be one, it cannot be understood.
                if spelling.is_multiple_of(2) {
                    envelope["result"] = json!({});
                }
                answer(200, &envelope.to_string())
            }
            Form::Html(http) => answer(http, &format!("<html><p>{message}</p></html>")),
            Form::Undecodable => answer(200, &json!({"status": message, "message": message, "result": message}).to_string()),
        }
    })
    .await
}

/// All that an error shows of itself.
fn shown(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        text += &format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n");
        next = error.source();
    }
    text
}

fn hides(what: &str, error: &Error) {
    let mut text = shown(error);
    if let Error::Api(error) = error {
        text += error.message();
    }
    assert!(!shows(&text), "{what}: {text}");
}

fn client(base_url: &str) -> Kandy {
    Kandy::builder().base_url(base_url).retry(RetryPolicy::never()).build().expect("a client")
}

/// Every operation, called as those call it who learn its name when the program runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_shows_a_secret_that_the_service_repeats() {
    let spelling_count = spellings("x").len();
    let (mut calls, mut masked) = (0, 0);
    for (number, form) in FORMS.into_iter().enumerate() {
        let current = Arc::new(AtomicUsize::new(0));
        let service = service(form, current.clone()).await;
        let kandy = client(service.kandy.base_url());
        for (turn, operation) in OPERATIONS.iter().filter(|operation| operation.version == "v1.2").enumerate() {
            // All spellings come with all forms, and several with each operation.
            let spelling = (turn + number) % spelling_count;
            current.store(spelling, Ordering::Relaxed);
            let what = format!("{operation}, {form:?}, spelling {spelling}");
            calls += 1;
            masked += usize::from(call(&kandy, operation, &what).await);
        }
    }
    assert!(masked * 2 > calls, "only {masked} of {calls} had a message");
}

/// Calls an operation with secrets wherever it takes some. Whether there was a message with something masked.
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
            let text = shown(&error);
            assert!(!shows(&text), "{what}: {text}");
            let error = Error::from(error);
            hides(what, &error);
            text.contains("***") || error.to_string().contains("***")
        }
        Ok(answer) => {
            let http_status = answer.status();
            let text = format!("{answer:?}");
            let envelope: Envelope<Value> = answer.into_inner();
            let text = format!("{text} {} {}", envelope.message(), serde_json::to_string(&envelope).expect("JSON"));
            assert!(!shows(&text), "{what}: {text}");
            let is_masked = envelope.message().contains("***");
            if let Err(fault) = envelope.into_result() {
                hides(what, &Error::refused(operation, http_status, fault));
            }
            is_masked
        }
    }
}

/// The calls that people make with a secret of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_typed_call_shows_a_secret_that_the_service_repeats() {
    const PASSWORD: &str = "canary.pass4711";
    for form in [Form::Refusal(200, 16), Form::Refusal(403, 52), Form::Html(400), Form::Undecodable] {
        let current = Arc::new(AtomicUsize::new(0));
        let service = service(form, current.clone()).await;
        let kandy = client(service.kandy.base_url());
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
                hides(&format!("{what}, {form:?}, spelling {spelling}"), &error);
            }
        }
    }
}

/// A list may turn out to be a fault after its items.
#[tokio::test]
async fn a_fault_at_the_end_of_a_stream_shows_no_secret() {
    for spelling in 0..spellings("x").len() {
        let service = Recorder::answering(move |request| {
            let message = json!(spellings(&secrets(request)[0])[spelling]);
            let users = r#"[{"user_id":"russ","domain_name":"example.com"}]"#;
            answer(200, &format!(r#"{{"result":{{"users":{users}}},"message":{message},"status":16}}"#))
        })
        .await;
        let domain = client(service.kandy.base_url()).domain_with_token("DAK", secret());
        let mut users = domain.users().stream();
        let error = loop {
            match users.try_next().await {
                Ok(user) => assert!(user.is_some(), "it is a fault"),
                Err(error) => break error,
            }
        };
        hides("a stream", &error);
        assert!(error.to_string().contains("***"), "{error}");
    }
}

/// What is no secret of the request is told.
#[tokio::test]
async fn the_rest_of_a_message_stays() {
    let service = Recorder::answering(|_| {
        answer(200, r#"{"status":14,"message":"russ@example.com: password canary.pass4711 must differ from a name, token expired"}"#)
    })
    .await;
    let domain = client(service.kandy.base_url()).domain_with_token("DAK", "a");
    let error = domain.create_user("russ").password("canary.pass4711").await.expect_err("refused");
    let Error::Api(api) = &error else { panic!("{error}") };
    assert_eq!(api.message(), "russ@example.com: password *** must differ from *** name, token expired");
}
