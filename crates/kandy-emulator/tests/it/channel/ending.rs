//! What ends a channel beside its client: the token, deletions, and a reset.

use std::time::Duration;

use kandy_emulator::Emulator;

use super::client::Channel;
use crate::fixture::{Domain, Kandy, User, users};

async fn delete_domain(kandy: &Kandy, domain: &Domain) {
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await.result();
}

pub(crate) async fn delete_user(kandy: &Kandy, domain: &Domain, user: &User) {
    let query = [("key", domain.token.as_str()), ("user_api_key", &user.key)];
    kandy.call("user_delete", &query).await.result();
}

async fn revoke(kandy: &Kandy, domain: &Domain, user: &User) {
    let query = [
        ("key", domain.key.as_str()),
        ("user_id", &user.id),
        ("user_password", &user.password),
        ("user_access_token", &user.token),
    ];
    kandy.call("user_access_token_delete", &query).await.result();
}

#[tokio::test]
async fn ends_with_what_it_depends_on() {
    for (what, code, others_stay) in [
        ("clock", 4401, false),
        ("revocation", 4401, true),
        ("all revoked", 4401, false),
        ("user", 1000, true),
        ("domain", 1000, false),
        ("reset", 1000, false),
    ] {
        let kandy = Kandy::start();
        let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
        let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
        let mut other = Channel::open(&kandy.emulator, &anna.token).await;
        // The token of a channel counts, not another one of the user.
        let _newer = kandy.user_token(&domain, "russ").await;
        match what {
            "clock" => {
                kandy.emulator.advance(Duration::from_secs(3599));
                channel.expect_silence().await;
                kandy.emulator.advance(Duration::from_secs(1));
            }
            "revocation" => revoke(&kandy, &domain, &russ).await,
            "all revoked" => kandy.emulator.revoke_all_tokens(),
            "user" => {
                delete_user(&kandy, &domain, &russ).await;
            }
            "domain" => delete_domain(&kandy, &domain).await,
            _ => kandy.emulator.reset(),
        }
        assert_eq!(channel.close_code().await, Some(code), "{what}");
        match others_stay {
            true => other.expect_silence().await,
            false => assert_eq!(other.close_code().await, Some(code), "{what}"),
        }
    }
}

#[tokio::test]
async fn a_token_expires_by_itself() {
    let kandy = Kandy::on(Emulator::builder().token_ttl(Duration::from_millis(500)).start().expect("a free port"));
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    assert_eq!(channel.close_code().await, Some(4401));
}

/// A client that confirms no close does not keep its connection.
#[tokio::test]
async fn an_unconfirmed_close_ends_the_connection() {
    use tokio::io::AsyncReadExt;
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    kandy.emulator.revoke_all_tokens();
    let mut bytes = Vec::new();
    if let Err(error) = channel.0.get_mut().read_to_end(&mut bytes).await {
        // TLS reports the end of the socket, which is no reset.
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "no reset");
    }
    // A close frame with 4401.
    assert!(bytes.starts_with(&[0x88]) && bytes[2..4] == 4401_u16.to_be_bytes(), "{bytes:?}");
}
