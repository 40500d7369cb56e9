//! The address of a data channel: reads the configuration of the service. Depends on nothing.

use kandy_sys::{BaseUrl, Secret};

use crate::{DataChannelConfiguration, Error, Result};

/// Returns the URL of the server of a channel, without a query.
///
/// Versions of the service give the host in different forms: alone, or as a URL with a path. Clients drop the scheme, a
/// leading `www.`, and what follows the host.
///
/// # Errors
///
/// When there is no host, or the channel would be without TLS to another machine.
pub(super) fn server(configuration: &DataChannelConfiguration, allow_plain_http: bool) -> Result<BaseUrl> {
    let invalid = |reason: &str| Error::argument("data_server_host", format!("the service gives {reason}"));
    let text = configuration.host.as_deref().unwrap_or_default().trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.strip_prefix("www.").unwrap_or(text);
    let text = text.split('/').next().unwrap_or_default();
    if text.is_empty() {
        return Err(Error::missing("result.data_server_host"));
    }
    let (host, own_port) = split_port(text);
    // What is neither a host nor a port, such as a user name, would be taken for one of them.
    if host.contains(['@', '?', '#', '\\']) || own_port.is_some_and(|port| port.contains(|c: char| !c.is_ascii_digit()))
    {
        return Err(invalid("an address of a data channel that is not a host"));
    }
    // 0 and null mean none.
    let port = configuration.port.filter(|port| *port != 0).map(|port| port.to_string());
    let port = port.as_deref().or(own_port).map(|port| format!(":{port}")).unwrap_or_default();
    // Only an explicit `false` turns TLS off.
    let scheme = if configuration.is_secure == Some(false) { "http" } else { "https" };
    let url = format!("{scheme}://{host}{port}");
    let url = if allow_plain_http { BaseUrl::insecure(&url) } else { BaseUrl::new(&url) };
    url.map_err(|error| invalid(&format!("an address of a data channel that cannot be used: {}", error.reason())))
}

/// Splits `host:port`; an IPv6 address is put into brackets.
fn split_port(text: &str) -> (String, Option<&str>) {
    if let Some((host, rest)) = text.rsplit_once(']') {
        return (format!("{host}]"), (!rest.is_empty()).then(|| rest.strip_prefix(':').unwrap_or(rest)));
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => (format!("[{text}]"), None),
        Some((host, port)) => (host.to_owned(), Some(port)),
        None => (text.to_owned(), None),
    }
}

/// Returns the URL of a channel, with its credential.
pub(super) fn url(server: &BaseUrl, software: &(String, String), token: &Secret) -> Option<reqwest::Url> {
    let mut url = reqwest::Url::parse(server.as_str()).ok()?;
    url.query_pairs_mut()
        .append_pair("client_sw_type", &software.0)
        .append_pair("client_sw_version", &software.1)
        .append_pair("user_access_token", token.expose());
    // Clients percent-encode a space; only forms have `+`. A `+` of a value is `%2B` already.
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_read_in_each_form() {
        for (host, port, expected) in [
            ("kandy.example", None, "https://kandy.example"),
            ("kandy.example", Some(0), "https://kandy.example"),
            ("kandy.example", Some(8443), "https://kandy.example:8443"),
            // Clients that ignore what follows the host.
            ("https://www.kandy.example/v1.2/ws", Some(8443), "https://kandy.example:8443"),
            ("kandy.example:1", Some(8443), "https://kandy.example:8443"),
            ("kandy.example:8443", None, "https://kandy.example:8443"),
            ("kandy.example:", None, "https://kandy.example"),
            ("::1", Some(8443), "https://[::1]:8443"),
            ("::1", None, "https://[::1]"),
            ("[::1]", Some(8443), "https://[::1]:8443"),
            ("[::1]:8443", None, "https://[::1]:8443"),
            ("http://[2001:db8::1]:1/x", Some(8443), "https://[2001:db8::1]:8443"),
        ] {
            let is_secure = None;
            let configuration =
                DataChannelConfiguration { host: Some(host.into()), port, is_secure, extra: Default::default() };
            let server = server(&configuration, false).expect(host);
            assert_eq!(server.as_str(), expected, "{host}");
        }
    }
    proptest::proptest! {
        #[test]
        fn each_text_arrives(sw_type: String, sw_version: String, token: String) {
            let server = BaseUrl::new("https://kandy.example:8443").expect("a URL");
            let url = url(&server, &(sw_type.clone(), sw_version.clone()), &token.clone().into()).expect("a URL");
            assert_eq!((url.path(), url.fragment()), ("/", None));
            let query: Vec<_> = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
            let expected = [("client_sw_type", sw_type), ("client_sw_version", sw_version), ("user_access_token", token)];
            assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value)));
        }
    }
}
