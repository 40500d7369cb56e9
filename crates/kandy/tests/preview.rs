//! A preview says what would be sent, and does nothing.

mod support;

use std::time::Duration;

use kandy::{
    Attachment, CallBuilder, Error, Preview, PreviewBody, PreviewValue, Response, Result, RetryPolicy, Secret,
    StoreError, TokenOwner, TokenStore,
    sys::{
        BaseUrl, BoxFuture, Operation,
        operation::{Credential, Level},
    },
};
use support::{
    Recorder,
    handles::{account, device, domain, user},
    json,
};

#[tokio::test]
async fn no_token_is_minted_and_nothing_is_sent() {
    let recorder = Recorder::start().await;
    let kandy = &recorder.kandy;
    let (account, domain) = (kandy.account("AAK-key", "AAS-secret"), kandy.domain("DAK-key", "DAS-secret"));
    let previews = [
        account.domains().preview().await,
        account.revoke_access_token().token("AAT-token").preview().await,
        domain.users().preview().await,
        domain.user("russ").devices().preview().await,
        domain.user("russ").device("A149").send_sms("+12245556666", "Hello").preview().await,
    ];
    let levels: Vec<_> = previews.iter().map(|preview| preview.as_ref().expect("a preview").access_token()).collect();
    assert_eq!(levels, [Some(Level::Account), None, Some(Level::Domain), Some(Level::User), Some(Level::User)]);
    assert!(recorder.requests().is_empty());
}

/// A store that nobody may ask.
#[derive(Debug)]
struct Untouched;

impl TokenStore for Untouched {
    fn load<'a>(&'a self, _: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        panic!("it was asked for a token")
    }

    fn store<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        panic!("it was given a token")
    }

    fn invalidate<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        panic!("it was told to forget a token")
    }
}

#[tokio::test]
async fn a_token_store_is_not_asked() {
    let kandy = kandy::Kandy::builder().token_store(Untouched).build().expect("a client");
    let domain = kandy.domain("DAK-key", "DAS-secret");
    domain.users().preview().await.expect("a preview");
    domain.revoke_access_token().token("DAT-token").preview().await.expect("a preview");
}

#[tokio::test]
async fn revoking_is_shown_and_the_token_is_still_known() {
    let recorder = Recorder::start().await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    let argument = |outcome: Result<Preview>| match outcome {
        Err(Error::Argument(error)) => error.argument(),
        other => panic!("{other:?}"),
    };
    assert_eq!(argument(domain.revoke_access_token().preview().await), "preview", "there is no token yet");
    domain.users().await.expect("users");
    let shown = domain.revoke_access_token().preview().await.expect("a preview").to_string();
    assert!(shown.ends_with("?domain_access_token=***&domain_api_secret=***&key=***"), "{shown}");
    domain.users().await.expect("users");
    let ids: Vec<_> = recorder.requests().iter().map(|request| request.operation().id).collect();
    assert_eq!(ids, ["domain_access_token_get", "user_list", "user_list"]);
}

#[tokio::test]
async fn what_would_be_refused_is_refused() {
    let recorder = Recorder::start().await;
    let error =
        user(&recorder.kandy).device("A149").send_sms("no number", "Hello").preview().await.expect_err("refused");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "to"), "{error}");
    let error = recorder.kandy.account("AAK-key", "").domains().preview().await.expect_err("refused");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "api_secret"), "{error}");
    assert!(recorder.requests().is_empty());
}

#[tokio::test]
async fn says_whose_token_goes_along() {
    let recorder = Recorder::start().await;
    let by_user = user(&recorder.kandy).last_seen(["anna@example.com"]).preview().await.expect("a preview");
    let by_domain = domain(&recorder.kandy).last_seen(["anna@example.com"]).preview().await.expect("a preview");
    assert_eq!((by_user.access_token(), by_domain.access_token()), (Some(Level::User), Some(Level::Domain)));
    assert_eq!(by_domain.operation().credential(), Credential::AccessToken(Level::User), "the usual one is another");
}

#[tokio::test]
async fn a_file_is_not_read() {
    let recorder = Recorder::start().await;
    let pieces = futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<std::io::Result<&'static [u8]>>> {
        panic!("it was read")
    });
    let note = Attachment::stream("note.txt", None, pieces);
    let upload = device(&recorder.kandy).upload(note).progress(|_| panic!("it was sent"));
    let preview = upload.preview().await.expect("a preview");
    let file = PreviewBody::File {
        part: "file",
        file_name: "note.txt".to_owned(),
        mime_type: "text/plain".to_owned(),
        length: None,
    };
    assert_eq!(*preview.body(), file);
    assert!(preview.to_string().ends_with("file: the file \"note.txt\", \"text/plain\", of unknown length"));
}

#[tokio::test]
async fn a_raw_call_has_a_preview_too() {
    let recorder = Recorder::start().await;
    let domain = domain(&recorder.kandy);
    let base_url = BaseUrl::new("https://api.kandy.io/v1.3").expect("a base URL");
    let secret = "UAK-canary".into();
    let request = domain.raw().user_get(None, Some(&secret)).into_request().expect("a request");
    let preview = Preview::of(&request, &base_url);
    assert_eq!(preview.to_string(), "GET https://api.kandy.io/v1.3/domains/users/details?user_api_key=***&key=***");
    assert_eq!(preview.base_url(), "https://api.kandy.io/v1.3");
    assert_eq!(preview.query().collect::<Vec<_>>(), [("user_api_key", &PreviewValue::Secret)]);
    assert!(!format!("{preview:?}").contains("canary"));
}

#[tokio::test]
async fn a_call_by_name_has_a_preview_too() {
    let recorder = Recorder::start().await;
    let raw = domain(&recorder.kandy).raw().clone();
    let operation = Operation::find("user_create").expect("an operation");
    let body = serde_json::json!({"user_id": "russ", "user_password": "canary", "newSecret": 1});
    let call = raw.dynamic(operation).json(body).into_call().expect("a call");
    let base_url = BaseUrl::insecure(recorder.kandy.base_url()).expect("a base URL");
    let preview = Preview::of(&call.into_request().expect("a request"), &base_url);
    let masked = serde_json::json!({"user_id": "russ", "user_password": "***", "newSecret": "***"});
    assert_eq!(*preview.body(), PreviewBody::Json(masked));
    assert_eq!(preview.access_token(), Some(Level::Domain));
    assert!(!format!("{preview} {preview:?}").contains("canary"));
    assert!(recorder.requests().is_empty());
}

/// Code that takes any builder.
async fn patient<C: CallBuilder>(call: C) -> Result<Response<C::Value>> {
    let call = call.timeout(Duration::from_secs(9)).deadline(Duration::from_secs(99)).retry(RetryPolicy::never());
    // It has to be `Send`, so that it can go to another thread.
    let answer: BoxFuture<'_, Result<Response<C::Value>>> = Box::pin(call.with_response());
    answer.await
}

#[tokio::test]
async fn all_builders_can_be_taken_alike() {
    let recorder = Recorder::answering(|request| match request.operation().id {
        "domain_list" => Vec::new(),
        _ => json(200, request.operation().example),
    })
    .await;
    let kandy = &recorder.kandy;
    let device = device(kandy);
    assert_eq!(patient(device.send_sms("+12245556666", "Hello")).await.expect("an answer").http_status, 200);
    let download = device.download("5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23");
    assert_eq!(patient(download).await.expect("an answer").http_status, 200);
    let revoke = || kandy.domain("DAK-key", "DAS-secret").revoke_access_token();
    assert_eq!(patient(revoke().token("DAT-token")).await.expect("an answer").http_status, 200);
    let error = patient(revoke()).await.expect_err("nothing has to be sent");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "with_response"), "{error}");
    let error = patient(account(kandy).domains()).await.expect_err("a closed connection");
    assert_eq!(error.attempts(), 1, "its options are heard");
}
