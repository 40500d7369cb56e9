//! HTTP status of refusals: what makes a client renew its token, and what does not.
//!
//! Sources: an account portal renews its token on HTTP 403 alone; the vendor's client takes 401 and 403 for unauthorized
//! from 2.2.1 on; a plug-in for a content management system expects another status than 200 for an unknown user. Clients
//! of the first releases read HTTP 200 with the status in the envelope.

use kandy_emulator::{Emulator, InjectedFault};
use serde_json::json;

use crate::fixture::{Kandy, Query, users};

/// What is refused: the operation, its query, the status, and the HTTP status by default.
type Row<'a> = (&'a str, &'a str, Query<'a>, i64, u16);

async fn check(kandy: &Kandy, refuses_with_200: bool, rows: &[Row<'_>]) {
    for (name, operation, query, status, http) in rows {
        let response = kandy.call(operation, query).await;
        let expected = if refuses_with_200 { 200 } else { *http };
        assert_eq!((response.http, response.status()), (expected, *status), "{name}: {}", response.json);
    }
}

#[tokio::test]
async fn refused_credential_is_http_403_unless_told_otherwise() {
    for refuses_with_200 in [false, true] {
        let builder = Emulator::builder();
        let builder = if refuses_with_200 { builder.refuse_with_200() } else { builder };
        let kandy = Kandy::on(builder.start().expect("a free port"));
        let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
        let account = kandy.account_token().await;
        let other = kandy.domain("example.org").await;
        let (account_key, domain_key) = (kandy.emulator.account_key(), domain.key.as_str());
        let mint = |user, secret| [("key", domain_key), ("user_id", user), ("domain_api_secret", secret)];
        let group = kandy
            .emulator
            .create_group(kandy_emulator::NewGroup::new("Friends").owner(&russ.full_id).member(&anna.full_id))
            .expect("a group");

        check(
            &kandy,
            refuses_with_200,
            &[
                ("unknown token", "user_list", &[("key", "DATunknown")], 55, 403),
                ("token of the account", "user_list", &[("key", &account)], 11, 403),
                ("token of a user", "domain_list", &[("key", &russ.token)], 11, 403),
                ("token of the account", "last_seen_list", &[("key", &account), ("users", "[]")], 11, 403),
                ("API key in place of a token", "device_list", &[("key", &russ.key)], 55, 403),
                ("an operation without handler", "billing_status_get", &[("key", &domain.token)], 11, 403),
                (
                    "wrong secret of the account",
                    "account_access_token_get",
                    &[("key", account_key), ("account_api_secret", "AASwrong")],
                    55,
                    403,
                ),
                (
                    "wrong secret of the domain",
                    "domain_access_token_get",
                    &[("key", domain_key), ("domain_api_secret", "DASwrong")],
                    55,
                    403,
                ),
                ("wrong secret, user token", "user_access_token_get", &mint("russ", "DASwrong"), 55, 403),
                (
                    "wrong password, user token",
                    "user_access_token_get",
                    &[("key", domain_key), ("user_id", "russ"), ("user_password", "wrong123")],
                    55,
                    403,
                ),
                ("unknown user", "user_access_token_get", &mint("nobody", &domain.secret), 53, 404),
                // No source shows another HTTP status than 200 for the rest.
                ("no key", "user_list", &[], 15, 200),
                (
                    "wrong password of a user to delete",
                    "user_delete",
                    &[("key", &domain.token), ("user_id", "russ"), ("user_password", "wrong123")],
                    55,
                    200,
                ),
                (
                    "another domain's token to revoke",
                    "domain_access_token_delete",
                    &[
                        ("key", domain_key),
                        ("domain_api_secret", &domain.secret),
                        ("domain_access_token", &other.token),
                    ],
                    55,
                    200,
                ),
                ("no secret", "domain_access_token_get", &[("key", domain_key)], 15, 200),
                ("invalid user id", "user_access_token_get", &mint("a@b", &domain.secret), 51, 200),
                ("another domain", "domain_get", &[("key", &domain.token), ("domain_api_key", &other.key)], 11, 200),
                ("a good token of no owner", "group_delete", &[("key", &anna.token), ("group_id", &group)], 11, 200),
                ("unknown device", "device_delete", &[("key", &russ.token), ("device_id", "A1")], 53, 200),
            ],
        )
        .await;

        kandy.emulator.revoke_all_tokens();
        check(
            &kandy,
            refuses_with_200,
            &[
                ("revoked token of the account", "domain_list", &[("key", &account)], 10, 403),
                ("revoked token of a domain", "user_list", &[("key", &domain.token)], 10, 403),
                ("revoked token of a user", "device_list", &[("key", &russ.token)], 10, 403),
            ],
        )
        .await;
        let token = kandy.user_token(&domain, "russ").await;
        kandy.emulator.advance(std::time::Duration::from_secs(60 * 60));
        check(&kandy, refuses_with_200, &[("expired token", "device_list", &[("key", &token)], 10, 403)]).await;

        let token = kandy.user_token(&domain, "russ").await;
        kandy.emulator.inject(InjectedFault::expired_token().times(1));
        kandy.emulator.inject(InjectedFault::status(10).times(1));
        check(
            &kandy,
            refuses_with_200,
            &[
                ("injected expired token", "device_list", &[("key", &token)], 10, 403),
                ("injected status", "device_list", &[("key", &token)], 10, 200),
            ],
        )
        .await;
        // An explicit HTTP status of a fault counts with either setting.
        kandy.emulator.inject(InjectedFault::expired_token().with_http(401).times(1));
        let refused = kandy.call("device_list", &[("key", &token)]).await;
        assert_eq!((refused.http, refused.status()), (401, 10));
    }
}

/// A path that is not served, or a body that cannot be read, is no refusal by an operation.
#[tokio::test]
async fn other_http_statuses_stay_with_refuse_with_200() {
    let kandy = Kandy::on(Emulator::builder().refuse_with_200().start().expect("a free port"));
    let domain = kandy.domain("example.com").await;
    let unreadable = kandy.request("user_create", &[("key", &domain.token)]).body("{");
    assert_eq!(kandy.send("user_create", unreadable).await.http, 400);
    let unknown = kandy.http.get(kandy.url("/nothing")).send().await.expect("a response");
    assert_eq!(unknown.status(), 404);
    let unknown: serde_json::Value = unknown.json().await.expect("JSON");
    assert_eq!(unknown, json!({"status": 18, "message": "unknown request"}));
}
