//! Host names and addresses in certificates.
//!
//! Depends on `error`. Begin with `Name`.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use rcgen::{CidrSubnet, GeneralSubtree, SanType};
use tokio_rustls::rustls::pki_types::{DnsName, ServerName};

use super::error::TlsError;
use crate::SERVICE_HOST;

/// A host name, in lower case and without a dot at its end, or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Dns(String),
    Ip(IpAddr),
}

impl Name {
    /// The names in the certificate of every emulator: those of the loopback interface, and that of the live service,
    /// for programs that have it built in.
    pub(super) fn built_in() -> Vec<Self> {
        let dns = ["localhost", SERVICE_HOST].map(|name| Self::Dns(name.to_owned()));
        let addresses = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(Self::Ip);
        dns.into_iter().chain(addresses).collect()
    }

    /// What every authority may certify: the names above, all loopback addresses, and names below `test`, which is
    /// reserved and never the name of a real host.
    pub(super) fn always_permitted() -> Vec<GeneralSubtree> {
        let test = GeneralSubtree::DnsName("test".to_owned());
        let loopback = GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8));
        Self::built_in().iter().map(Self::subtree).chain([test, loopback]).collect()
    }

    /// The constraint that permits this name, and the names below it.
    pub(super) fn subtree(&self) -> GeneralSubtree {
        match self {
            Self::Dns(name) => GeneralSubtree::DnsName(name.clone()),
            Self::Ip(address @ IpAddr::V4(_)) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, 32)),
            // Not by its prefix, which overflows in rcgen for all 128 bits.
            Self::Ip(IpAddr::V6(address)) => GeneralSubtree::IpAddress(CidrSubnet::V6(address.octets(), [u8::MAX; 16])),
        }
    }

    /// The entry of a certificate.
    pub(super) fn subject_alt_name(&self) -> Result<SanType, rcgen::Error> {
        Ok(match self {
            Self::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
            Self::Ip(address) => SanType::IpAddress(*address),
        })
    }

    /// The name that a client compares the certificate with.
    pub(super) fn server_name(&self) -> Result<ServerName<'static>, TlsError> {
        match self {
            Self::Dns(name) => {
                let name = DnsName::try_from(name.clone()).map_err(|_| TlsError::name(name))?;
                Ok(ServerName::DnsName(name))
            }
            Self::Ip(address) => Ok(ServerName::IpAddress((*address).into())),
        }
    }
}

impl FromStr for Name {
    type Err = TlsError;

    fn from_str(text: &str) -> Result<Self, TlsError> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse() {
            return Ok(Self::Ip(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        // Digits and dots alone are a mistyped address, not a name.
        let looks_like_address = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match DnsName::try_from(name.as_str()) {
            Ok(_) if !looks_like_address => Ok(Self::Dns(name)),
            _ => Err(TlsError::name(text)),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_and_addresses() {
        for (text, name) in [
            ("kandy.test", "kandy.test"),
            ("Kandy.Test.", "kandy.test"),
            ("kandy", "kandy"),
            ("my_host", "my_host"),
            ("192.168.1.5", "192.168.1.5"),
            ("::1", "::1"),
            ("[fe80::1]", "fe80::1"),
        ] {
            assert_eq!(text.parse::<Name>().expect(text).to_string(), name);
        }
    }

    #[test]
    fn refuses_what_no_certificate_can_have() {
        let long = "a.".repeat(200);
        for text in [
            "",
            ".",
            "a b",
            "*.test",
            "https://kandy.test",
            "kandy.test:443",
            "1.2.3",
            "1.2.3.4.5",
            "-a.test",
            "a..test",
            "kändy.test",
            "kandy.test\n",
            "a\0b",
            &long,
        ] {
            let error = text.parse::<Name>().expect_err(text).to_string();
            assert!(error.contains("such as kandy.test or 192.168.1.5"), "{text}: {error}");
        }
    }
}
