//! Sign-up by phone number, anonymous users, and the configuration of a client, against the emulator.

use kandy::Status;

use crate::support::emulator::{TestDomain, first_device};

#[tokio::test]
async fn registers_a_user_by_phone_number() -> kandy::Result<()> {
    let TestDomain { emulator, kandy, domain, .. } = TestDomain::start().await;
    domain.create_user("anna").await?;

    domain.send_verification_code("4034932232", "US").await?;
    let code = emulator.verification_codes().remove(0).code;
    assert!(domain.check_verification_code(code.as_str()).phone_number("4034932232").country_code("US").await?.valid);
    let wrong = if code == "1234" { "4321" } else { "1234" };
    assert!(!domain.check_verification_code(wrong).await?.valid);
    let refused = domain.register("4034932232", "US", wrong, "12345678901234").await.expect_err("another code");
    assert_eq!(refused.status(), Some(Status::INVALID_PARAMETER_VALUE));

    let register = domain.register("4034932232", "US", code.as_str(), "12345678901234");
    let registration = register.client_sw_version("2.2.1").client_sw_type("JS").await?;
    assert_eq!(registration.full_user_id, Some("14034932232@example.com".into()));
    assert!(!domain.check_verification_code(code).await?.valid, "a code can be used once");

    let user = kandy.user_with_token(registration.access_token.expect("a token"));
    let phone = user.device(registration.device_id.expect("a device"));
    phone.send_message("anna@example.com", "Here I am").await?;
    let anna = domain.user("anna");
    let tablet = first_device(&anna).await?;
    let pending = tablet.pending_messages().await?.messages;
    assert_eq!(pending[0].sender, Some("14034932232@example.com".into()));
    Ok(())
}

#[tokio::test]
async fn creates_anonymous_users() -> kandy::Result<()> {
    let TestDomain { emulator: _emulator, kandy, domain, .. } = TestDomain::start().await;
    for (guest, user_name) in
        [(domain.anonymous_user().await?, "anonymous-1"), (domain.anonymous_user_by_api_key().await?, "anonymous-2")]
    {
        assert_eq!((guest.user_name, guest.domain_name.as_deref()), (Some(user_name.into()), Some("example.com")));
        let devices = kandy.user_with_token(guest.access_token.expect("a token")).devices().await?;
        assert_eq!(devices.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn reads_the_configuration() -> kandy::Result<()> {
    let TestDomain { emulator, kandy, domain, .. } = TestDomain::start().await;
    let configuration = domain.configuration().await?;
    assert_eq!(configuration.domain_name.as_deref(), Some("example.com"));
    let spidr = configuration.spidr_configuration.expect("a configuration");
    let port = reqwest::Url::parse(emulator.base_url()).ok().and_then(|url| url.port());
    assert_eq!((spidr.rest_server_port, spidr.use_dtls), (port.map(Into::into), Some(true)));
    assert_eq!(spidr.rest_server_address, domain.spidr_configuration().await?.rest_server_address);

    let guest = kandy.domain_with_token("DAK…", configuration.access_token);
    assert!(guest.users().await?.is_empty());
    let sent = emulator.requests().len();
    let error = guest.configuration().await.expect_err("it has no secret");
    assert!(error.to_string().contains("api_secret"), "{error}");
    assert_eq!(emulator.requests().len(), sent, "nothing is sent");
    Ok(())
}
