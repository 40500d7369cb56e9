//! Settings of connections: the proxy, the `User-Agent`, and the addresses of hosts.

use kandy::{Error, Kandy, KandyBuilder, Phase};

use crate::support::{
    mock_server::{MockServer, closed_port},
    proxy_server::ProxyServer,
};

/// The password of the proxy, which is never printed.
const SECRET: &str = "s3cret-of-the-proxy";

async fn call(builder: KandyBuilder) -> kandy::Result<usize> {
    let kandy = builder.build()?;
    assert!(!format!("{kandy:?}").contains(SECRET));
    Ok(kandy.domain_with_token("DAK", "DAT").users().await?.len())
}

/// Returns the `host:port` of a server.
fn address(server: &MockServer) -> String {
    server.kandy.base_url().trim_start_matches("http://").trim_end_matches("/v1.2").to_owned()
}

#[tokio::test]
async fn user_agent() {
    let server = MockServer::start().await;
    let at = || Kandy::builder().base_url(server.kandy.base_url());
    call(at()).await.expect("users");
    call(at().user_agent("billing/2.1 (on call)")).await.expect("users");
    let sent: Vec<_> = server.requests().iter().map(|r| r.header("user-agent").map(str::to_owned)).collect();
    let version = concat!("kandy/", env!("CARGO_PKG_VERSION"));
    assert_eq!(sent, [Some(version.to_owned()), Some("billing/2.1 (on call)".to_owned())]);
    for text in ["", "a\r\nx-evil: 1", "a\0b"] {
        assert_eq!(refused(at().user_agent(text)).0, "user_agent", "{text:?}");
    }
}

fn refused(builder: KandyBuilder) -> (&'static str, String) {
    match builder.build() {
        Err(Error::Argument(error)) => (error.argument(), error.to_string()),
        other => panic!("{other:?}"),
    }
}

/// An explicit proxy is used for a loopback address, too. Over plain HTTP it gets the whole request.
#[tokio::test]
async fn explicit_proxy_is_used() {
    let server = MockServer::start().await;
    let proxy = ProxyServer::http(&address(&server));
    for (what, base_url) in [("loopback", server.kandy.base_url()), ("host", "http://kandy.invalid/v1.2")] {
        for url in
            [format!("http://someone:{SECRET}@{}", proxy.address), format!("someone:{SECRET}@{}/", proxy.address)]
        {
            let before = proxy.requests().len();
            let builder = Kandy::builder().base_url(base_url).allow_plain_http().proxy(url);
            let debug = format!("{builder:?}");
            assert!(debug.contains(&proxy.address) && !debug.contains(SECRET), "{debug}");
            let kandy = builder.clone().build().expect("a client");
            assert_eq!(kandy.proxy(), Some(proxy.address.as_str()));
            call(builder).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            let requests = proxy.requests();
            assert_eq!(requests.len(), before + 1, "{what}");
            let head = requests[before].to_ascii_lowercase();
            assert!(head.starts_with(&format!("get {base_url}/")), "{what}: {head}");
            // RFC 7617: `someone:s3cret-of-the-proxy` in base64.
            assert!(head.contains("proxy-authorization: basic c29tzw9uztpzm2nyzxqtb2ytdghllxbyb3h5"), "{what}: {head}");
        }
    }
}

#[tokio::test]
async fn failing_proxy_is_named_with_the_setting() {
    let (service, dead) = (format!("http://127.0.0.1:{}/v1.2", closed_port()), format!("127.0.0.1:{}", closed_port()));
    let builder = Kandy::builder().base_url(service).proxy(format!("http://someone:{SECRET}@{dead}"));
    let error = call(builder.retry(kandy::RetryPolicy::never())).await.expect_err("an error");
    let Error::Transport(transport) = &error else { panic!("{error}") };
    assert_eq!((transport.phase(), transport.proxy()), (Phase::Connect, Some(dead.as_str())));
    let text = error.to_string();
    assert!(text.contains(&format!("the proxy at {dead} cannot be reached")), "{text}");
    assert!(text.ends_with("check the URL that was given to `KandyBuilder::proxy`"), "{text}");
    assert!(!format!("{text} {error:?}").contains(SECRET), "{error:?}");
}

#[test]
fn invalid_settings_are_argument_errors() {
    let address = "127.0.0.1:1".parse().expect("an address");
    for (setting, builder) in [
        ("proxy", Kandy::builder().proxy("")),
        ("proxy", Kandy::builder().proxy(format!("ftp://someone:{SECRET}@127.0.0.1"))),
        ("proxy", Kandy::builder().proxy(format!("http://someone:{SECRET}@"))),
        ("proxy", Kandy::builder().proxy(format!("http://someone:{SECRET}@a/b?c"))),
        ("proxy", Kandy::builder().proxy(format!("http://{SECRET} x"))),
        ("resolve", Kandy::builder().resolve("", address)),
        ("resolve", Kandy::builder().resolve("https://api.kandy.io", address)),
        ("resolve", Kandy::builder().resolve("127.0.0.1", address)),
        // A valid one after it changes nothing.
        ("resolve", Kandy::builder().resolve("a b", address).resolve("api.kandy.io", address)),
    ] {
        let debug = format!("{builder:?}");
        let (argument, text) = refused(builder);
        assert_eq!(argument, setting, "{text}");
        assert!(!format!("{text} {debug}").contains(SECRET), "{text} {debug}");
    }
    assert_eq!(Kandy::builder().proxy("proxy.example").no_proxy().build().expect("a client").proxy(), None);
}

/// Every address of a host is tried, and the port 0 stands for that of the URL.
#[tokio::test]
async fn resolve_replaces_the_lookup() {
    let server = MockServer::start().await;
    let own = address(&server).parse::<std::net::SocketAddr>().expect("an address");
    let port = own.port();
    let at = |host: &str| Kandy::builder().base_url(format!("http://{host}:{port}/v1.2")).allow_plain_http().no_proxy();
    let any_port = "127.0.0.1:0".parse().expect("an address");
    call(at("kandy.invalid").resolve("kandy.invalid", own)).await.expect("users");
    call(at("kandy.invalid").resolve("KANDY.invalid", any_port)).await.expect("users");
    let dead = format!("127.0.0.1:{}", closed_port()).parse().expect("an address");
    call(at("kandy.invalid").resolve("kandy.invalid", dead).resolve("kandy.invalid", own)).await.expect("users");
    assert_eq!(server.requests().len(), 3);
    assert_eq!(server.requests()[0].header("host"), Some(format!("kandy.invalid:{port}").as_str()));
    let other = at("other.invalid").resolve("kandy.invalid", own).retry(kandy::RetryPolicy::never());
    let error = call(other).await.expect_err("a host that nobody knows");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Connect), "{error}");
}

/// RFC 1928: the client of `socks5` sends an address, that of `socks5h` the name.
#[cfg(feature = "socks")]
#[tokio::test]
async fn socks_proxy_is_used() {
    let server = MockServer::start().await;
    let proxy = ProxyServer::socks(&address(&server));
    let at = |url: String| Kandy::builder().base_url("http://kandy.invalid/v1.2").allow_plain_http().proxy(url);
    call(at(format!("socks5h://someone:{SECRET}@{}", proxy.address))).await.expect("users");
    let known =
        at(format!("socks5://{}", proxy.address)).resolve("kandy.invalid", "192.0.2.7:0".parse().expect("an address"));
    call(known).await.expect("users");
    let expected = [format!("someone:{SECRET}@name kandy.invalid:80"), "ip 192.0.2.7:80".to_owned()];
    assert_eq!(proxy.requests(), expected);
}

#[cfg(not(feature = "socks"))]
#[test]
fn socks_proxy_needs_the_feature() {
    let (argument, text) = refused(Kandy::builder().proxy("socks5://127.0.0.1:1080"));
    assert!(argument == "proxy" && text.contains("needs the feature `socks`"), "{text}");
}
