//! Access tokens are minted when needed, shared between calls, and renewed once.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use kandy::{Error, Kandy, Status};

use crate::support::{
    clock::TestClock,
    mock_server::{MockServer, RecordedRequest, json_response},
};

const EXPIRED: &str = r#"{"status": 10, "message": "token expired"}"#;

/// Mints `token 1`, `token 2` and so on, and accepts only those from number `valid` on.
fn service(valid: usize, refuse: fn() -> Vec<u8>) -> impl Fn(&RecordedRequest) -> Vec<u8> + Send + Sync + 'static {
    let minted = AtomicUsize::new(0);
    move |request| match request.operation().id {
        "domain_access_token_get" => {
            let number = minted.fetch_add(1, Ordering::Relaxed) + 1;
            let token = format!(
                r#"{{"status": 0, "message": "success", "result": {{"domain_access_token": "token {number}"}}}}"#
            );
            json_response(200, &token)
        }
        "domain_access_token_delete" => json_response(200, request.operation().example),
        _ => match request.parameter("key").and_then(|key| key.strip_prefix("token ")?.parse::<usize>().ok()) {
            Some(number) if number >= valid => json_response(200, request.operation().example),
            _ => refuse(),
        },
    }
}

/// Returns how many domain tokens were minted.
fn mints(server: &MockServer) -> usize {
    server.requests_of("domain_access_token_get")
}

#[tokio::test]
async fn concurrent_first_calls_mint_one_token() {
    let server = MockServer::respond_with(service(1, || json_response(200, EXPIRED))).await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    let calls = join_all((0..200).map(|_| domain.clone()).map(|domain| async move { domain.users().await })).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!((mints(&server), server.requests().len()), (1, 201));
}

#[tokio::test]
async fn renews_an_expired_token_and_retries_the_call() {
    let refusals: [fn() -> Vec<u8>; 4] = [
        || json_response(200, EXPIRED),
        || json_response(200, r#"{"message": "token expired", "result": [1], "status": "10"}"#),
        || json_response(401, EXPIRED),
        || json_response(403, r#"{"status": 55, "message": "invalid credentials"}"#),
    ];
    for refuse in refusals {
        let server = MockServer::respond_with(service(2, refuse)).await;
        let domain = server.kandy.domain("DAK-key", "DAS-secret");
        domain.create_user("russ").email("russ@example.com").await.expect("the second token is valid");
        let requests = server.requests();
        let ids: Vec<_> = requests.iter().map(|request| request.operation().id).collect();
        assert_eq!(ids, ["domain_access_token_get", "user_create", "domain_access_token_get", "user_create"]);
        assert_eq!(requests[1].body, requests[3].body, "the same request is sent again");
        assert_eq!(requests[3].query, [("key".to_owned(), "token 2".to_owned())], "with one token");
    }
}

#[tokio::test]
async fn concurrent_calls_renew_an_expired_token_once() {
    let server = MockServer::respond_with(service(2, || json_response(200, EXPIRED))).await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    domain.access_token().await.expect("a token");
    let calls = join_all((0..500).map(|_| async { domain.users().await })).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(mints(&server), 2);
}

#[tokio::test]
async fn a_call_renews_its_token_at_most_once() {
    let server = MockServer::respond_with(service(usize::MAX, || json_response(200, EXPIRED))).await;
    let error = server.kandy.domain("DAK-key", "DAS-secret").users().await.expect_err("never valid");
    assert_eq!(error.status(), Some(Status::TOKEN_EXPIRED));
    assert_eq!(mints(&server), 2);
}

#[tokio::test]
async fn a_token_of_the_given_age_is_renewed_before_the_service_refuses_it() {
    let server = MockServer::respond_with(service(1, || json_response(200, EXPIRED))).await;
    // Half of the last tenth: 95 of 100 minutes.
    let clock = TestClock::new(0.5);
    let age = Duration::from_secs(100 * 60);
    let builder = Kandy::builder().base_url(server.kandy.base_url()).clock(clock.clone()).max_token_age(age);
    let domain = builder.build().expect("a client").domain("DAK-key", "DAS-secret");
    for (minutes, minted) in [(0, 1), (94, 1), (2, 2), (94, 2), (2, 3)] {
        clock.advance(Duration::from_secs(minutes * 60));
        domain.users().await.expect("a valid token");
        assert_eq!(mints(&server), minted, "{minutes}");
    }
    assert_eq!(server.requests_of("user_list"), 5, "none is refused");
}

#[tokio::test]
async fn a_static_token_is_not_renewed() {
    let server = MockServer::respond_with(service(2, || json_response(200, EXPIRED))).await;
    server.kandy.domain_with_token("DAK-key", "token 5").users().await.expect("a valid token");
    assert_eq!(server.only_request().parameter("key"), Some("token 5"));
    let error = server.kandy.domain_with_token("DAK-key", "token 1").users().await.expect_err("an old token");
    assert!(error.is_unauthorized());
    assert!(error.to_string().contains("Get a new access token"), "{error}");
    assert_eq!(mints(&server), 0);
}

#[tokio::test]
async fn a_refused_secret_is_reported_without_another_request() {
    let refused = r#"{"status": 55, "message": "invalid credentials"}"#;
    let server = MockServer::respond_with(move |_| json_response(200, refused)).await;
    let error = server.kandy.domain("DAK-key", "DAS-wrong").users().await.expect_err("a wrong secret");
    assert_eq!(
        (error.operation(), error.status()),
        (Some("domain_access_token_get"), Some(Status::INVALID_CREDENTIALS))
    );
    assert!(error.is_unauthorized());
    assert_eq!(server.only_request().operation().id, "domain_access_token_get");
}

#[tokio::test]
async fn a_response_without_a_token_is_a_decode_error() {
    let server =
        MockServer::respond_with(|_| json_response(200, r#"{"status": 0, "message": "success", "result": {}}"#)).await;
    let error = server.kandy.domain("DAK-key", "DAS-secret").users().await.expect_err("no token");
    assert!(matches!(error, Error::Decode(ref error) if error.path() == "result.domain_access_token"), "{error}");
}

#[tokio::test]
async fn a_revoked_token_is_removed_from_the_cache() {
    let server = MockServer::respond_with(service(1, || json_response(200, EXPIRED))).await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    domain.revoke_access_token().await.expect("nothing to revoke");
    assert_eq!(server.requests().len(), 0);

    let token = domain.access_token().await.expect("a token");
    domain.revoke_access_token().token("another").await.expect("revoked");
    assert_eq!(domain.access_token().await.expect("the same token"), token);

    domain.revoke_access_token().await.expect("revoked");
    let revoked = server.requests().last().and_then(|r| r.parameter("domain_access_token").map(str::to_owned));
    assert_eq!(revoked.as_deref(), Some(token.expose()));
    assert_ne!(domain.access_token().await.expect("a new token"), token);
}

#[tokio::test]
async fn revoking_a_user_token_sends_the_password() {
    let server = MockServer::start().await;
    let by_password = server.kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744");
    by_password.revoke_access_token().await.expect("nothing to revoke");
    assert_eq!(server.requests().len(), 0);
    let by_secret = server.kandy.domain("DAK-key", "DAS-secret").user("russ");
    for (user, revoke) in [
        (&by_password, by_password.revoke_access_token()),
        (&by_secret, by_secret.revoke_access_token().password("b0e4c71d674744")),
    ] {
        let token = user.access_token().await.expect("a token");
        revoke.await.expect("revoked");
        let revoked = server.requests().pop().expect("the last");
        assert_eq!(revoked.parameter("user_access_token"), Some(token.expose()));
        assert_eq!(revoked.parameter("user_password"), Some("b0e4c71d674744"));
        assert_eq!((revoked.parameter("key"), revoked.parameter("domain_api_secret")), (Some("DAK-key"), None));
        user.access_token().await.expect("a new token");
        let minted = server.requests().pop().expect("the last");
        assert_eq!(minted.operation().id, "user_access_token_get", "the token was removed from the cache");
    }
}

#[tokio::test]
async fn a_raw_call_mints_and_renews_a_token() {
    let server = MockServer::respond_with(service(2, || json_response(403, EXPIRED))).await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    let users = domain.raw().user_list().await.expect("a response").into_inner().into_result().expect("a success");
    assert_eq!(users.users.len(), 1);
    assert_eq!(mints(&server), 2);
}

#[tokio::test]
async fn a_raw_call_of_another_level_is_refused() {
    let server = MockServer::start().await;
    let error = server.kandy.domain("DAK-key", "DAS-secret").raw().domain_list().await.expect_err("another level");
    let error = Error::from(error);
    assert_eq!(
        error.to_string(),
        "`access_token` cannot be used: domain_list needs a token of the account, and this handle has one of the domain"
    );
    assert_eq!(server.requests().len(), 0);
}
