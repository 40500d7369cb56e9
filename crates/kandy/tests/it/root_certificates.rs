//! Certificate authorities that a client trusts beside those of the platform: of the emulator with TLS.

use kandy::{Error, Kandy, KandyBuilder, Phase};
use kandy_emulator::{Emulator, Tls};

fn start() -> Emulator {
    Emulator::builder().tls(Tls::temporary()).start().expect("a free port")
}

fn pem(emulator: &Emulator) -> String {
    emulator.ca_certificate().expect("TLS").to_owned()
}

fn at(emulator: &Emulator) -> KandyBuilder {
    Kandy::builder().base_url(emulator.base_url())
}

/// Lists the domains of the account, of which there are none.
async fn call(emulator: &Emulator, kandy: &Kandy) -> kandy::Result<()> {
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    account.domains().await.map(|domains| assert!(domains.is_empty()))
}

#[tokio::test]
async fn client_reaches_a_service_whose_authority_it_trusts() {
    let (emulator, other) = (start(), start());
    let (own, foreign) = (pem(&emulator), pem(&other));
    let crlf = own.replace('\n', "\r\n");
    for (what, builder) in [
        ("alone", at(&emulator).root_certificate(&own)),
        ("as bytes", at(&emulator).root_certificate(own.as_bytes())),
        ("second of a file", at(&emulator).root_certificate(format!("{foreign}{own}"))),
        ("with comments", at(&emulator).root_certificate(format!("# Emulator\n{own}# The end\n"))),
        ("second call", at(&emulator).root_certificate(&foreign).root_certificate(&own)),
        ("CRLF", at(&emulator).root_certificate(crlf)),
        ("byte order mark", at(&emulator).root_certificate(format!("\u{feff}{own}"))),
    ] {
        let kandy = builder.build().expect(what);
        call(&emulator, &kandy).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[tokio::test]
async fn client_refuses_an_authority_that_it_does_not_trust() {
    let (emulator, other) = (start(), start());
    for builder in [at(&emulator), at(&emulator).root_certificate(pem(&other))] {
        let error = call(&emulator, &builder.build().expect("a client")).await.expect_err("refused");
        assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Tls), "{error}");
        assert!(error.to_string().contains("the TLS handshake with the service failed"), "{error}");
        assert!(!error.may_have_been_applied());
    }
    assert!(emulator.requests().is_empty());
}

/// The name is checked, too: a trusted authority certifies some hosts, not all. On Linux all addresses of 127.0.0.0/8
/// are those of this machine, and the certificate names one of them.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn client_refuses_another_name() {
    let builder = Emulator::builder().listen(([0, 0, 0, 0], 0).into()).tls(Tls::temporary());
    let emulator = builder.start().expect("a free port");
    let base_url = emulator.base_url().replace("127.0.0.1", "127.0.0.2");
    let kandy = Kandy::builder().base_url(base_url).root_certificate(pem(&emulator)).build().expect("a client");
    let error = call(&emulator, &kandy).await.expect_err("refused");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Tls), "{error}");
}

#[test]
fn text_without_a_certificate_is_an_argument_error() {
    let emulator = start();
    let good = pem(&emulator);
    let cut = &good[..good.len() / 2];
    let no_der = "-----BEGIN CERTIFICATE-----\nczNjcmV0\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\ns3cret00\n-----END PRIVATE KEY-----\n";
    for (text, reason) in [
        ("", "it has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
        ("s3cret", "it has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
        ("\0\u{feff}", "it has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
        (key, "it has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
        (cut, "it has a certificate that cannot be read"),
        (no_der, "it has a certificate that cannot be read"),
        (&format!("{good}{no_der}"), "it has a certificate that cannot be read"),
        (
            "-----BEGIN CERTIFICATE-----\ns3cret!\n-----END CERTIFICATE-----\n",
            "it has a certificate that cannot be read",
        ),
    ] {
        // A good one before and after it changes nothing.
        let builder = at(&emulator).root_certificate(&good).root_certificate(text).root_certificate(&good);
        let debug = format!("{builder:?}");
        let error = builder.build().expect_err(text);
        match &error {
            Error::Argument(error) => assert_eq!((error.argument(), error.reason()), ("root_certificate", reason)),
            error => panic!("{text}: {error}"),
        }
        assert!(!format!("{error} {error:?} {debug}").contains("s3cret"), "{error:?} {debug}");
    }
    assert!(emulator.requests().is_empty());
}

/// The data channel has an HTTP client of its own, which trusts the same authorities, and speaks HTTP/1.1 even where the
/// other one may speak HTTP/2.
#[cfg(feature = "push")]
#[tokio::test]
async fn data_channel_is_opened_with_tls() -> kandy::Result<()> {
    use kandy::{ChannelEvent, ChannelState};

    let emulator = start();
    let kandy = at(&emulator).root_certificate(pem(&emulator)).build()?;
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("russ").await?;
    let event = domain.user("russ").channel().try_next().await?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");
    Ok(())
}
