//! The address to listen on, as an option gives it.
//!
//! Depends on `http::origin_guard`. Begin with the `FromStr` of `Listen`.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
    str::FromStr,
};

use crate::http::origin_guard::is_host_label;

/// Where to listen: an address of the machine, or a host name, with a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Listen {
    host: Host,
    port: u16,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Host {
    Address(IpAddr),
    Name(String),
}

impl Listen {
    /// The addresses, the preferred one first. A name is looked up.
    pub(super) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let addresses: Vec<IpAddr> = match &self.host {
            Host::Address(address) => vec![*address],
            // Without the resolver, which may be missing or differ.
            Host::Name(name) if name.eq_ignore_ascii_case("localhost") => {
                vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
            }
            Host::Name(name) => (name.as_str(), self.port).to_socket_addrs()?.map(|address| address.ip()).collect(),
        };
        Ok(addresses.into_iter().map(|address| (address, self.port).into()).collect())
    }
}

impl Listen {
    /// The name, if it was given as one.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name),
            Host::Address(_) => None,
        }
    }

    /// Whether other machines, or the host of a container, can reach the address.
    pub(super) fn is_reachable_from_outside(&self) -> bool {
        matches!(self.host, Host::Address(address) if !address.is_loopback())
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(address) => SocketAddr::new(*address, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "give a port from 0 to 65535, with an address or a name before it: 8787, localhost:8787, 127.0.0.1:8787 or [::1]:8787";
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { host: Host::Address(address.ip()), port: address.port() });
        }
        // A port alone is one of the loopback address: no other machine reaches it.
        let (name, port) = text.rsplit_once(':').unwrap_or(("", text));
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FORM);
        }
        let port = port.parse().map_err(|_| FORM)?;
        // Digits and dots alone are a mistyped address, not a name.
        let looks_like_address = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let host = match name {
            "" => Host::Address(Ipv4Addr::LOCALHOST.into()),
            name if !looks_like_address && name.trim_end_matches('.').split('.').all(is_host_label) => {
                Host::Name(name.to_owned())
            }
            _ => return Err(FORM),
        };
        Ok(Self { host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_every_usual_form() {
        for (text, address) in [
            ("127.0.0.1:8787", "127.0.0.1:8787"),
            ("[::1]:8787", "[::1]:8787"),
            ("localhost:8787", "127.0.0.1:8787"),
            ("LocalHost:0", "127.0.0.1:0"),
            (":8787", "127.0.0.1:8787"),
            ("8787", "127.0.0.1:8787"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            let listen: Listen = text.parse().expect(text);
            let addresses = listen.addresses().expect(text);
            assert_eq!(addresses.first().map(ToString::to_string).as_deref(), Some(address), "{text}");
        }
        assert_eq!(
            "example.com:80".parse::<Listen>().map(|listen| listen.to_string()).as_deref(),
            Ok("example.com:80")
        );
    }

    #[test]
    fn refuses_other_forms() {
        for text in [
            "",
            ":",
            "localhost",
            "localhost:",
            "127.0.0.1",
            "127.0.0.1:99999",
            "127.0.0.1.1:80",
            "::1:80x",
            "[::1]",
            "http://localhost:80",
            "a b:80",
            "local host",
            "+80",
            "-1",
            "1.2.3:80",
            "[::1:80",
        ] {
            assert!(text.parse::<Listen>().expect_err(text).contains("localhost:8787"), "{text}");
        }
    }
}
