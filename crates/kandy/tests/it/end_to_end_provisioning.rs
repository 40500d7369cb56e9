//! Provisions a domain, users and devices on the emulator, sends messages, and revokes everything again.

use kandy::{Account, Kandy, Status};
use kandy_emulator::{Emulator, NewGroup};

use crate::support::emulator::{TestDomain, client, first_device};

/// Starts an emulator without a domain.
fn start() -> (Emulator, Kandy, Account) {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    (emulator, kandy, account)
}

/// The core operations, in the order in which a program needs them.
#[tokio::test]
async fn provisions_sends_and_revokes() -> kandy::Result<()> {
    let (emulator, kandy, account) = start();

    let created = account.create_domain("example.com").project_name("My project").await?;
    assert!(account.create_domain("example.com").await.is_err_and(|error| error.is_already_exists()));
    let domains = account.domains().await?;
    assert_eq!(domains.iter().map(|domain| domain.name.as_str()).collect::<Vec<_>>(), ["example.com"]);

    let domain = kandy.domain(&created.api_key, &created.api_secret);
    let details = domain.details().await?;
    assert_eq!((details.name.as_str(), details.project_name.as_deref()), ("example.com", Some("My project")));
    assert_eq!(details.number_of_users, Some(0));

    let russ = domain.create_user("russ").country_code("US").email("russ@example.com").password("b0e4c71d6747").await?;
    let anna = domain.create_user_by_phone("3524096582", "US").first_name("Anna").await?;
    assert_eq!(anna.full_user_id, Some("13524096582@example.com".into()));
    assert!(domain.create_user("russ").await.is_err_and(|error| error.status() == Some(Status::ALREADY_EXISTS)));
    let users = domain.users().await?;
    assert_eq!(users.len(), 2);
    assert_eq!(users[1].country_code.as_deref(), Some("1"));
    let api_key = russ.api_key.expect("credentials in the response");
    assert_eq!(domain.user_details(&api_key).await?.email.as_deref(), Some("russ@example.com"));

    let (user, by_password) =
        (domain.user("russ"), kandy.user_with_password(&created.api_key, "russ", russ.password.expect("a password")));
    let token = by_password.access_token().await?;
    assert_eq!(domain.user_details_by_token(&token).await?.user_id, "russ");

    let phone =
        user.create_device("12345678901234").family("iphone").name("iphone6").client_sw_version("0102001").await?;
    let devices = kandy.user_with_token(token).devices().await?;
    let listed = devices.iter().find(|device| device.device_id == phone.device_id).expect("it is listed");
    assert_eq!(listed.client_sw_version.as_deref(), Some("102001"));
    let phone = user.device(phone.device_id);

    phone.send_sms("+12245556666", "Hello, Kandy SMS! 👋").from("+11234567890").await?;
    assert_eq!(emulator.sms().iter().map(|sms| sms.text.as_str()).collect::<Vec<_>>(), ["Hello, Kandy SMS! 👋"]);

    let anna = domain.user("13524096582");
    let tablet = first_device(&anna).await?;
    let mut sent = Vec::new();
    for number in 0..12 {
        sent.push(phone.send_message("13524096582@example.com", format!("message {number}")).await?);
    }
    let pending = tablet.pending_messages().client_timestamp(1_409_754_477_079).await?.messages;
    assert_eq!(pending.iter().filter_map(|message| message.id.clone()).collect::<Vec<_>>(), sent);
    assert!(pending.iter().all(|message| message.sender == Some("russ@example.com".into())));
    tablet.delete_messages(&sent).await?;
    assert!(tablet.pending_messages().await?.messages.is_empty());

    let group = NewGroup::new("Friends").owner("russ@example.com").member("13524096582@example.com");
    let group = user.group(emulator.create_group(group).expect("members exist"));
    assert_eq!(group.details().await?.name.as_deref(), Some("Friends"));
    group.send_message("Hello, all").await?;
    let pending = tablet.pending_messages().await?.messages;
    assert_eq!(pending[0].group_id.as_ref(), Some(group.id()));
    assert_eq!(pending[0].content.as_ref().and_then(|content| content.text()), Some("Hello, all"));

    let contact = kandy::sys::types::Contact {
        number: Some("+14055671234".into()),
        first_name: Some("John".into()),
        ..Default::default()
    };
    emulator.add_contact(phone.id().as_str(), contact).expect("the device exists");
    assert_eq!(phone.address_book().await?[0].first_name.as_deref(), Some("John"));
    phone.delete_address_book().await?;
    assert!(phone.address_book().await?.is_empty());

    user.delete_device(phone.id()).await?;
    assert!(user.delete_device(phone.id()).await.is_err_and(|error| error.is_not_found()));
    domain.delete_user(api_key).await?;
    assert!(domain.delete_user_by_password("13524096582", "wrong").await.is_err());
    assert_eq!(domain.users().await?.len(), 1);
    domain.revoke_access_token().await?;
    account.delete_domain(created.api_key).await?;
    assert!(account.domains().await?.is_empty());
    account.revoke_access_token().await
}

#[tokio::test]
async fn deletes_a_user_by_password() -> kandy::Result<()> {
    let TestDomain { domain, emulator: _emulator, .. } = TestDomain::start().await;
    let password = domain.create_user("russ").await?.password.expect("a generated password");
    domain.delete_user_by_password("russ", password).await?;
    assert!(domain.users().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn renews_expired_and_revoked_tokens() -> kandy::Result<()> {
    let TestDomain { emulator, kandy, domain, .. } = TestDomain::start().await;
    domain.create_user("russ").await?;
    let russ = domain.user("russ");
    let first = russ.access_token().await?;
    russ.devices().await?;

    emulator.advance(std::time::Duration::from_secs(2 * 60 * 60));
    russ.devices().await?;
    let second = russ.access_token().await?;
    assert_ne!(first, second);

    emulator.revoke_all_tokens();
    russ.devices().await?;
    assert_ne!(second, russ.access_token().await?);

    let error = kandy.user_with_token(first).devices().await.expect_err("an expired token");
    assert_eq!(error.status(), Some(Status::TOKEN_EXPIRED));
    Ok(())
}

#[tokio::test]
async fn reports_wrong_credentials_as_unauthorized() -> kandy::Result<()> {
    let (_emulator, kandy, account) = start();
    let created = account.create_domain("example.com").await?;
    let error = kandy.domain(&created.api_key, "DAS-wrong").users().await.expect_err("a wrong secret");
    assert!(error.is_unauthorized() && !error.is_retryable(), "{error}");
    let domain = kandy.domain(&created.api_key, &created.api_secret);
    let error = domain.user("nobody").devices().await.expect_err("no such user");
    assert!(error.is_not_found() || error.is_unauthorized(), "{error}");
    // The prefix is changed, so that the client does not refuse a token of another level itself.
    let misplaced = account.access_token().await?.expose().replace("AAT", "X");
    assert!(kandy.user_with_token(misplaced).devices().await.is_err_and(|error| error.is_unauthorized()));
    Ok(())
}
