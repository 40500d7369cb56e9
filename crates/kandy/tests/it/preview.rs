//! A preview returns the request that would be sent, without I/O.

use std::time::Duration;

use kandy::{
    Attachment, CallBuilder, Error, Preview, PreviewBody, PreviewValue, Response, Result, RetryPolicy, Secret,
    StoreError, TokenOwner, TokenStore,
    sys::{
        BaseUrl, BoxFuture, Operation,
        operation::{Credential, Level},
    },
};

use crate::support::{
    handles::{account, device, domain, user},
    mock_server::{MockServer, json_response},
};

#[tokio::test]
async fn sends_nothing_and_mints_no_token() {
    let server = MockServer::start().await;
    let kandy = &server.kandy;
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
    assert!(server.requests().is_empty());
}

/// A token store that panics on any use.
#[derive(Debug)]
struct PanickingStore;

impl TokenStore for PanickingStore {
    fn load<'a>(&'a self, _: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        panic!("load was called")
    }

    fn store<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        panic!("store was called")
    }

    fn invalidate<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        panic!("invalidate was called")
    }
}

#[tokio::test]
async fn does_not_use_the_token_store() {
    let kandy = kandy::Kandy::builder().token_store(PanickingStore).build().expect("a client");
    let domain = kandy.domain("DAK-key", "DAS-secret");
    domain.users().preview().await.expect("a preview");
    domain.revoke_access_token().token("DAT-token").preview().await.expect("a preview");
}

#[tokio::test]
async fn previewing_a_revocation_keeps_the_token() {
    let server = MockServer::start().await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    let argument = |outcome: Result<Preview>| match outcome {
        Err(Error::Argument(error)) => error.argument(),
        other => panic!("{other:?}"),
    };
    assert_eq!(argument(domain.revoke_access_token().preview().await), "preview", "there is no token yet");
    domain.users().await.expect("users");
    let printed = domain.revoke_access_token().preview().await.expect("a preview").to_string();
    assert!(printed.ends_with("?domain_access_token=***&domain_api_secret=***&key=***"), "{printed}");
    domain.users().await.expect("users");
    assert_eq!(server.operation_ids(), ["domain_access_token_get", "user_list", "user_list"]);
}

#[tokio::test]
async fn refuses_invalid_arguments() {
    let server = MockServer::start().await;
    let error = user(&server.kandy).device("A149").send_sms("no number", "Hello").preview().await.expect_err("refused");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "to"), "{error}");
    let error = server.kandy.account("AAK-key", "").domains().preview().await.expect_err("refused");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "api_secret"), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn names_the_level_of_the_token() {
    let server = MockServer::start().await;
    let by_user = user(&server.kandy).last_seen(["anna@example.com"]).preview().await.expect("a preview");
    let by_domain = domain(&server.kandy).last_seen(["anna@example.com"]).preview().await.expect("a preview");
    assert_eq!((by_user.access_token(), by_domain.access_token()), (Some(Level::User), Some(Level::Domain)));
    assert_eq!(
        by_domain.operation().credential(),
        Credential::AccessToken(Level::User),
        "the table names the usual level"
    );
}

#[tokio::test]
async fn does_not_read_files() {
    let server = MockServer::start().await;
    let chunks = futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<std::io::Result<&'static [u8]>>> {
        panic!("it was read")
    });
    let note = Attachment::stream("note.txt", None, chunks);
    let upload = device(&server.kandy).upload(note).progress(|_| panic!("it was sent"));
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
async fn previews_a_raw_call() {
    let server = MockServer::start().await;
    let domain = domain(&server.kandy);
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
async fn previews_a_dynamic_call() {
    let server = MockServer::start().await;
    let raw = domain(&server.kandy).raw().clone();
    let operation = Operation::find("user_create").expect("an operation");
    let body = serde_json::json!({"user_id": "russ", "user_password": "canary", "newSecret": 1});
    let call = raw.dynamic(operation).json(body).into_call().expect("a call");
    let base_url = BaseUrl::insecure(server.kandy.base_url()).expect("a base URL");
    let preview = Preview::of(&call.into_request().expect("a request"), &base_url);
    let masked = serde_json::json!({"user_id": "russ", "user_password": "***", "newSecret": "***"});
    assert_eq!(*preview.body(), PreviewBody::Json(masked));
    assert_eq!(preview.access_token(), Some(Level::Domain));
    assert!(!format!("{preview} {preview:?}").contains("canary"));
    assert!(server.requests().is_empty());
}

/// Sends any builder, as generic code does.
async fn send_any<C: CallBuilder>(call: C) -> Result<Response<C::Value>> {
    let call = call.timeout(Duration::from_secs(9)).deadline(Duration::from_secs(99)).retry(RetryPolicy::never());
    // The future has to be `Send`.
    let response: BoxFuture<'_, Result<Response<C::Value>>> = Box::pin(call.with_response());
    response.await
}

#[tokio::test]
async fn generic_code_accepts_every_builder() {
    let server = MockServer::respond_with(|request| match request.operation().id {
        "domain_list" => Vec::new(),
        _ => json_response(200, request.operation().example),
    })
    .await;
    let kandy = &server.kandy;
    let device = device(kandy);
    assert_eq!(send_any(device.send_sms("+12245556666", "Hello")).await.expect("a response").http_status, 200);
    let download = device.download("5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23");
    assert_eq!(send_any(download).await.expect("a response").http_status, 200);
    let revoke = || kandy.domain("DAK-key", "DAS-secret").revoke_access_token();
    assert_eq!(send_any(revoke().token("DAT-token")).await.expect("a response").http_status, 200);
    let error = send_any(revoke()).await.expect_err("no request is necessary");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "with_response"), "{error}");
    let error = send_any(account(kandy).domains()).await.expect_err("a closed connection");
    assert_eq!(error.attempts(), 1, "its retry policy applies");
}
