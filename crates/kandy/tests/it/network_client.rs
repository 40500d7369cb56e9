//! HTTP clients that the caller has built: which are refused, and what happens to calls that one redirects.

use std::time::Duration;

use kandy::{
    Error, Kandy, KandyBuilder, Phase,
    sys::{BaseUrl, transport::http_client},
};
use reqwest::{Client, ClientBuilder, redirect::Policy};

use crate::support::mock_server::{MockServer, json_response, response};

/// A credential in the headers and the proxies of clients, which no error repeats.
const SECRET: &str = "s3cret-of-the-client";

fn client(builder: ClientBuilder) -> Client {
    builder.no_proxy().build().expect("a client")
}

fn with(server: &MockServer, client: Client) -> KandyBuilder {
    Kandy::builder().base_url(server.kandy.base_url()).http_client(client)
}

/// Returns the argument and the reason of the error that building a client fails with.
fn refusal(builder: KandyBuilder) -> (&'static str, String) {
    let debug = format!("{builder:?}");
    let error = builder.build().expect_err("an error");
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?} {debug}");
    match &error {
        Error::Argument(error) => (error.argument(), error.reason().to_owned()),
        error => panic!("{error}"),
    }
}

/// What reqwest 0.13 tells of a client in `Debug`: all policies but the default one.
#[tokio::test]
async fn client_that_follows_redirects_is_refused() {
    let server = MockServer::start().await;
    let custom = || Policy::custom(|attempt| attempt.stop());
    for (what, builder) in [
        ("default", Client::builder()),
        ("default without referer", Client::builder().referer(false)),
        ("one", Client::builder().redirect(Policy::limited(1))),
        ("ten", Client::builder().redirect(Policy::limited(10))),
        // Even where other fields look like that of a policy.
        ("in a header", {
            let mut headers = http::HeaderMap::new();
            let text = format!(r#" redirect_policy: "Policy(None)", {SECRET}"#);
            headers.insert("x-test", text.parse().expect("a value"));
            Client::builder().default_headers(headers)
        }),
    ] {
        let (argument, reason) = refusal(with(&server, client(builder)));
        assert_eq!(argument, "http_client", "{what}");
        for cure in [".redirect(reqwest::redirect::Policy::none())", "kandy::sys::transport::http_client"] {
            assert!(reason.contains(cure), "{what}: {reason}");
        }
    }
    let (argument, reason) = refusal(with(&server, client(Client::builder().redirect(custom()))));
    assert!(argument == "http_client" && reason.contains(".referer(false)"), "{reason}");

    let base_url = BaseUrl::new(server.kandy.base_url()).expect("a URL");
    for (what, builder) in [
        ("none", Client::builder().redirect(Policy::none())),
        ("none without referer", Client::builder().redirect(Policy::none()).referer(false)),
        ("of kandy", http_client(&base_url)),
        ("custom", Client::builder().redirect(custom()).referer(false)),
    ] {
        let kandy = with(&server, client(builder)).build().expect(what);
        kandy.domain_with_token("DAK", "DAT").users().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(server.requests_of("user_list"), 4);
}

/// What is set in it arrives, and nothing is added to it.
#[tokio::test]
async fn client_is_used_as_it_is() {
    let server = MockServer::start().await;
    let builder = Client::builder().redirect(Policy::none()).user_agent("billing/2.1");
    let kandy = with(&server, client(builder)).build().expect("a client");
    kandy.domain_with_token("DAK", "DAT").users().await.expect("users");
    assert_eq!(server.only_request().header("user-agent"), Some("billing/2.1"));
}

/// The client opens data channels, too.
#[cfg(feature = "push")]
#[tokio::test]
async fn client_opens_data_channels() -> kandy::Result<()> {
    use kandy::{ChannelEvent, ChannelState};

    let emulator = kandy_emulator::Emulator::start().expect("a free port");
    let http = client(Client::builder().redirect(Policy::none()).user_agent("billing/2.1"));
    let kandy = Kandy::builder().base_url(emulator.base_url()).http_client(http).build()?;
    let created = kandy.account(emulator.account_key(), emulator.account_secret()).create_domain("example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("russ").await?;
    let event = domain.user("russ").channel().try_next().await?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");
    Ok(())
}

#[tokio::test]
async fn settings_that_cannot_apply_to_a_client_are_refused() {
    let server = MockServer::start().await;
    let given = || with(&server, client(Client::builder().redirect(Policy::none())));
    let address = "127.0.0.1:1".parse().expect("an address");
    for (setting, builder) in [
        ("connect_timeout", given().connect_timeout(Duration::from_secs(10))),
        ("proxy", given().proxy(format!("http://u:{SECRET}@127.0.0.1:1"))),
        ("no_proxy", given().no_proxy()),
        ("user_agent", given().user_agent("billing/2.1")),
        ("resolve", given().resolve("api.kandy.io", address)),
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        ("root_certificate", given().root_certificate("")),
    ] {
        let (argument, reason) = refusal(builder);
        assert_eq!(argument, setting);
        assert!(reason.contains("`http_client` replaces that one; set it there"), "{reason}");
    }
    let (argument, reason) = refusal(given().transport(NoTransport));
    assert!(argument == "http_client" && reason.contains("`transport`"), "{reason}");
    given().timeout(Duration::from_secs(1)).build().expect("a setting of calls");
    assert!(server.requests().is_empty());
}

struct NoTransport;

impl kandy::sys::Transport for NoTransport {
    fn send<'a>(
        &'a self,
        _request: kandy::sys::Request<'a>,
    ) -> kandy::sys::BoxFuture<'a, Result<http::Response<kandy::sys::Body>, kandy::sys::TransportFailure>> {
        unreachable!("nothing is sent")
    }
}

/// A call that was redirected fails, whatever the other request returned. RFC 9110, section 15.4: 301 and 302 may turn
/// POST into GET, 307 and 308 repeat the request, which sends an SMS twice.
#[tokio::test]
async fn redirected_call_fails_and_is_not_retried() {
    for status in [301, 302, 303, 307, 308] {
        for place in ["same host", "another port", "same path, another query"] {
            let elsewhere =
                MockServer::respond_with(|_| json_response(200, r#"{"status":0,"result":{"users":[]}}"#)).await;
            let other = elsewhere.kandy.base_url().to_owned();
            let server = MockServer::respond_with(move |request| {
                if request.query.iter().any(|(name, _)| name == "again") || request.path.ends_with("/again") {
                    return json_response(200, r#"{"status":0,"result":{"users":[]}}"#);
                }
                let location = match place {
                    "same host" => "/v1.2/again".to_owned(),
                    "another port" => format!("{other}/again?key={SECRET}"),
                    _ => format!("{}&again=1", request.target),
                };
                response(status, &format!("location: {location}\r\n"), "")
            })
            .await;
            let follow = Policy::custom(|attempt| attempt.follow());
            let kandy =
                with(&server, client(Client::builder().redirect(follow).referer(false))).build().expect("a client");
            let what = format!("{status} {place}");

            let error = kandy.domain_with_token("DAK", "DAT-token").users().await.expect_err(&what);
            assert_redirected(&what, &error, &server);
            assert!(!error.may_have_been_applied(), "{what}: a list changes nothing: {error}");
            let count = |server: &MockServer| server.requests().len();
            assert_eq!(count(&server) + count(&elsewhere), 2, "{what}: the request, and the redirected one");

            let phone = kandy.user_with_token("UAT-token").device("A149");
            let error = phone.send_sms("+12245556666", "Hello").await.expect_err(&what);
            assert_redirected(&what, &error, &server);
            assert!(error.may_have_been_applied(), "{what}: {error}");
            assert_eq!(count(&server) + count(&elsewhere), 4, "{what}");
        }
    }
}

fn assert_redirected(what: &str, error: &Error, server: &MockServer) {
    let Error::Transport(transport) = error else { panic!("{what}: {error}") };
    assert_eq!(transport.phase(), Phase::Redirected, "{what}");
    assert!(!error.is_retryable(), "{what}");
    let text = format!("{error} {error:?}");
    assert!(error.to_string().contains("the call was redirected"), "{what}: {text}");
    let port = server.kandy.base_url().rsplit(':').next().and_then(|rest| rest.split('/').next()).expect("a port");
    for url in ["http:", "127.0.0.1", "/again", SECRET, "UAT-token", "DAT-token", port] {
        assert!(!text.contains(url), "{what}: {url} is in {text}");
    }
}

/// A policy that stops is one that follows nothing: the redirect is a refusal of the service. One that fails is an error.
#[tokio::test]
async fn policies_that_follow_nothing() {
    let server = MockServer::respond_with(|_| response(302, "location: /v1.2/again\r\n", "")).await;
    for (what, policy) in [("none", Policy::none()), ("stop", Policy::custom(|attempt| attempt.stop()))] {
        let kandy = with(&server, client(Client::builder().redirect(policy).referer(false))).build().expect(what);
        let error = kandy.domain_with_token("DAK", "DAT").users().await.expect_err(what);
        assert!(matches!(error, Error::Api(_)), "{what}: {error}");
        assert!(error.to_string().contains("redirects are never followed"), "{what}: {error}");
    }
    let fail = Policy::custom(|attempt| {
        let text = format!("no {} please", attempt.url());
        attempt.error(text)
    });
    let kandy = with(&server, client(Client::builder().redirect(fail).referer(false))).build().expect("a client");
    let error = kandy.domain_with_token("DAK", "DAT-token").users().await.expect_err("an error");
    assert_redirected("fails", &error, &server);
    assert_eq!(server.requests().len(), 3);
}
