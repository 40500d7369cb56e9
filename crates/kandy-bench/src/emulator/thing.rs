use super::service::{Domain, Service};
use crate::{
    Failure,
    wire::{Wire, request},
};

/// What an emulator is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// Users of one domain.
    User,
    /// Domains of the account.
    Domain,
    /// Devices of a thousand users.
    Device,
}

/// How many users the devices are shared among.
const OWNERS: usize = 1_000;

impl Thing {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Domain => "domain",
            Self::Device => "device",
        }
    }

    /// The operations that are timed.
    pub(super) fn operations(self) -> [&'static str; 3] {
        match self {
            Self::User => ["user_create", "user_get", "user_delete"],
            Self::Domain => ["domain_create", "domain_get", "domain_delete"],
            Self::Device => ["device_create", "message_list", "device_delete"],
        }
    }

    /// What has to be there before the first of them.
    pub(super) async fn requests(self, service: &Service) -> Result<Requests, Failure> {
        let Service { account_token, domain: Domain { token, .. }, .. } = service;
        let tokens = match self {
            Self::User => vec![token.clone()],
            Self::Domain => vec![account_token.clone()],
            Self::Device => {
                let mut wire = Wire::connect(service.address).await?;
                let mut tokens = Vec::with_capacity(OWNERS);
                for owner in 0..OWNERS {
                    tokens.push(service.create_user(&mut wire, &format!("owner{owner}")).await?);
                }
                tokens
            }
        };
        let Domain { key, token, .. } = &service.domain;
        let domain_get = format!("/v1.2/accounts/domains/details?domain_api_key={key}&key={token}");
        Ok(Requests { thing: self, tokens, domain_get })
    }
}

/// The requests about a thing.
#[derive(Debug)]
pub(super) struct Requests {
    thing: Thing,
    tokens: Vec<String>,
    /// Reads the first domain: a domain is read with a token of its own, which the others do not have.
    domain_get: String,
}

impl Requests {
    fn token(&self, number: usize) -> &str {
        &self.tokens[number % self.tokens.len()]
    }

    /// Creates the thing with this number.
    pub(super) fn create(&self, number: usize) -> Vec<u8> {
        let token = self.token(number);
        let (target, body) = match self.thing {
            Thing::User => (
                format!("/v1.2/domains/users/user_id?key={token}"),
                format!(r#"{{"user_id":"user{number:07}","user_country_code":"US"}}"#),
            ),
            Thing::Domain => (
                format!("/v1.2/accounts/domains?key={token}"),
                format!(r#"{{"domain_name":"domain{number:07}.example.com"}}"#),
            ),
            Thing::Device => (
                format!("/v1.2/users/devices?key={token}"),
                format!(r#"{{"device_native_id":"{number:014}","device_family":"iphone","device_name":"iphone6"}}"#),
            ),
        };
        request("POST", &target, &body)
    }

    /// The member of the answer to that which names the thing from then on.
    pub(super) fn id(&self) -> &'static str {
        match self.thing {
            Thing::User => "user_api_key",
            Thing::Domain => "domain_api_key",
            Thing::Device => "device_id",
        }
    }

    /// Reads it, or what it has, which is nothing.
    pub(super) fn read(&self, number: usize, id: &str) -> Vec<u8> {
        let target = match self.thing {
            Thing::User => self.target("domains/users/details", number, id),
            Thing::Domain => self.domain_get.clone(),
            Thing::Device => self.target("devices/messages", number, id),
        };
        request("GET", &target, "")
    }

    /// Deletes it.
    pub(super) fn delete(&self, number: usize, id: &str) -> Vec<u8> {
        let path = match self.thing {
            Thing::User => "domains/users",
            Thing::Domain => "accounts/domains",
            Thing::Device => "users/devices",
        };
        request("DELETE", &self.target(path, number, id), "")
    }

    fn target(&self, path: &str, number: usize, id: &str) -> String {
        format!("/v1.2/{path}?{}={id}&key={}", self.id(), self.token(number))
    }
}
