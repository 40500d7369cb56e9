//! Access tokens: minted when needed, shared, renewed once.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use kandy::{Error, Status};
use support::{Recorded, Recorder, json};

const EXPIRED: &str = r#"{"status": 10, "message": "token expired"}"#;

/// Mints `token 1`, `token 2` and so on; takes only those from `valid` on.
fn service(valid: usize, refuse: fn() -> Vec<u8>) -> impl Fn(&Recorded) -> Vec<u8> + Send + Sync + 'static {
    let minted = AtomicUsize::new(0);
    move |request| match request.operation().id {
        "domain_access_token_get" => {
            let number = minted.fetch_add(1, Ordering::Relaxed) + 1;
            let token = format!(
                r#"{{"status": 0, "message": "success", "result": {{"domain_access_token": "token {number}"}}}}"#
            );
            json(200, &token)
        }
        "domain_access_token_delete" => json(200, request.operation().example),
        _ => match request.parameter("key").and_then(|key| key.strip_prefix("token ")?.parse::<usize>().ok()) {
            Some(number) if number >= valid => json(200, request.operation().example),
            _ => refuse(),
        },
    }
}

fn mints(recorder: &Recorder) -> usize {
    recorder.requests().iter().filter(|request| request.operation().id == "domain_access_token_get").count()
}

#[tokio::test]
async fn many_first_calls_on_clones_make_one_token() {
    let recorder = Recorder::answering(service(1, || json(200, EXPIRED))).await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    let calls = join_all((0..200).map(|_| domain.clone()).map(|domain| async move { domain.users().await })).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!((mints(&recorder), recorder.requests().len()), (1, 201));
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_repeated() {
    let refusals: [fn() -> Vec<u8>; 4] = [
        || json(200, EXPIRED),
        || json(200, r#"{"message": "token expired", "result": [1], "status": "10"}"#),
        || json(401, EXPIRED),
        || json(403, r#"{"status": 55, "message": "invalid credentials"}"#),
    ];
    for refuse in refusals {
        let recorder = Recorder::answering(service(2, refuse)).await;
        let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
        domain.create_user("russ").email("russ@example.com").await.expect("a second token is good");
        let requests = recorder.requests();
        let ids: Vec<_> = requests.iter().map(|request| request.operation().id).collect();
        assert_eq!(ids, ["domain_access_token_get", "user_create", "domain_access_token_get", "user_create"]);
        assert_eq!(requests[1].body, requests[3].body, "the same request goes out again");
        assert_eq!(requests[3].query, [("key".to_owned(), "token 2".to_owned())], "with one token");
    }
}

#[tokio::test]
async fn many_calls_on_an_expired_token_make_one_renewal() {
    let recorder = Recorder::answering(service(2, || json(200, EXPIRED))).await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    domain.access_token().await.expect("a token");
    let calls = join_all((0..500).map(|_| async { domain.users().await })).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(mints(&recorder), 2);
}

#[tokio::test]
async fn a_token_is_renewed_at_most_once_in_a_call() {
    let recorder = Recorder::answering(service(usize::MAX, || json(200, EXPIRED))).await;
    let error = recorder.kandy.domain("DAK-key", "DAS-secret").users().await.expect_err("never good");
    assert_eq!(error.status(), Some(Status::TOKEN_EXPIRED));
    assert_eq!(mints(&recorder), 2);
}

#[tokio::test]
async fn a_token_from_elsewhere_is_used_and_not_renewed() {
    let recorder = Recorder::answering(service(2, || json(200, EXPIRED))).await;
    recorder.kandy.domain_with_token("DAK-key", "token 5").users().await.expect("a good token");
    assert_eq!(recorder.only().parameter("key"), Some("token 5"));
    let error = recorder.kandy.domain_with_token("DAK-key", "token 1").users().await.expect_err("an old token");
    assert!(error.is_unauthorized());
    assert!(error.to_string().contains("Get a new access token"), "{error}");
    assert_eq!(mints(&recorder), 0);
}

#[tokio::test]
async fn a_refused_secret_is_reported_as_such_and_nothing_else_is_sent() {
    let refused = r#"{"status": 55, "message": "invalid credentials"}"#;
    let recorder = Recorder::answering(move |_| json(200, refused)).await;
    let error = recorder.kandy.domain("DAK-key", "DAS-wrong").users().await.expect_err("a wrong secret");
    assert_eq!(
        (error.operation(), error.status()),
        (Some("domain_access_token_get"), Some(Status::INVALID_CREDENTIALS))
    );
    assert!(error.is_unauthorized());
    assert_eq!(recorder.only().operation().id, "domain_access_token_get");
}

#[tokio::test]
async fn an_answer_without_token_is_not_understood() {
    let recorder = Recorder::answering(|_| json(200, r#"{"status": 0, "message": "success", "result": {}}"#)).await;
    let error = recorder.kandy.domain("DAK-key", "DAS-secret").users().await.expect_err("no token");
    assert!(matches!(error, Error::Decode(ref answer) if answer.path() == "result.domain_access_token"), "{error}");
}

#[tokio::test]
async fn a_revoked_token_is_forgotten() {
    let recorder = Recorder::answering(service(1, || json(200, EXPIRED))).await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    domain.revoke_access_token().await.expect("nothing to revoke");
    assert_eq!(recorder.requests().len(), 0);

    let token = domain.access_token().await.expect("a token");
    domain.revoke_access_token().token("another").await.expect("revoked");
    assert_eq!(domain.access_token().await.expect("the same token"), token);

    domain.revoke_access_token().await.expect("revoked");
    let revoked = recorder.requests().last().and_then(|r| r.parameter("domain_access_token").map(str::to_owned));
    assert_eq!(revoked.as_deref(), Some(token.expose()));
    assert_ne!(domain.access_token().await.expect("a new token"), token);
}

#[tokio::test]
async fn a_token_of_a_user_is_revoked_with_the_password() {
    let recorder = Recorder::start().await;
    let by_password = recorder.kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744");
    by_password.revoke_access_token().await.expect("nothing to revoke");
    assert_eq!(recorder.requests().len(), 0);
    let by_secret = recorder.kandy.domain("DAK-key", "DAS-secret").user("russ");
    for (user, revoke) in [
        (&by_password, by_password.revoke_access_token()),
        (&by_secret, by_secret.revoke_access_token().password("b0e4c71d674744")),
    ] {
        let token = user.access_token().await.expect("a token");
        revoke.await.expect("revoked");
        let revoked = recorder.requests().pop().expect("the last");
        assert_eq!(revoked.parameter("user_access_token"), Some(token.expose()));
        assert_eq!(revoked.parameter("user_password"), Some("b0e4c71d674744"));
        assert_eq!((revoked.parameter("key"), revoked.parameter("domain_api_secret")), (Some("DAK-key"), None));
        user.access_token().await.expect("a new token");
        let minted = recorder.requests().pop().expect("the last");
        assert_eq!(minted.operation().id, "user_access_token_get", "it was forgotten");
    }
}

#[tokio::test]
async fn a_raw_call_gets_a_token_and_its_renewal() {
    let recorder = Recorder::answering(service(2, || json(403, EXPIRED))).await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    let users = domain.raw().user_list().await.expect("an answer").into_inner().into_result().expect("a success");
    assert_eq!(users.users.len(), 1);
    assert_eq!(mints(&recorder), 2);
}

#[tokio::test]
async fn a_raw_call_of_another_level_is_refused_before_it_is_sent() {
    let recorder = Recorder::start().await;
    let error = recorder.kandy.domain("DAK-key", "DAS-secret").raw().domain_list().await.expect_err("another level");
    let error = Error::from(error);
    assert_eq!(
        error.to_string(),
        "`access_token` cannot be used: domain_list needs a token of the account, and this handle has one of the domain"
    );
    assert_eq!(recorder.requests().len(), 0);
}
