//! The kinds of objects that fill an emulator, and their requests.
//!
//! Depends on `service` and `wire`. Begin with `Resource`.

use super::service::{Domain, Service};
use crate::{
    BoxError,
    wire::{Wire, request},
};

/// The resources that fill an emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// Users of one domain.
    User,
    /// Domains of the account.
    Domain,
    /// Devices of a thousand users.
    Device,
}

/// Number of users that own the devices.
const OWNERS: usize = 1_000;

impl Resource {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Domain => "domain",
            Self::Device => "device",
        }
    }

    /// Returns the timed operations.
    pub(super) fn operations(self) -> [&'static str; 3] {
        match self {
            Self::User => ["user_create", "user_get", "user_delete"],
            Self::Domain => ["domain_create", "domain_get", "domain_delete"],
            Self::Device => ["device_create", "message_list", "device_delete"],
        }
    }

    /// Creates the objects that the requests need.
    pub(super) async fn requests(self, service: &Service) -> Result<Requests, BoxError> {
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
        Ok(Requests { resource: self, tokens, domain_get })
    }
}

/// The requests of a kind of resource.
#[derive(Debug)]
pub(super) struct Requests {
    resource: Resource,
    tokens: Vec<String>,
    /// Reads the first domain: reading a domain needs its own token, which the others do not have.
    domain_get: String,
}

impl Requests {
    fn token(&self, number: usize) -> &str {
        &self.tokens[number % self.tokens.len()]
    }

    /// Returns the request that creates a resource.
    pub(super) fn create(&self, number: usize) -> Vec<u8> {
        let token = self.token(number);
        let (target, body) = match self.resource {
            Resource::User => (
                format!("/v1.2/domains/users/user_id?key={token}"),
                format!(r#"{{"user_id":"user{number:07}","user_country_code":"US"}}"#),
            ),
            Resource::Domain => (
                format!("/v1.2/accounts/domains?key={token}"),
                format!(r#"{{"domain_name":"domain{number:07}.example.com"}}"#),
            ),
            Resource::Device => (
                format!("/v1.2/users/devices?key={token}"),
                format!(r#"{{"device_native_id":"{number:014}","device_family":"iphone","device_name":"iphone6"}}"#),
            ),
        };
        request("POST", &target, &body)
    }

    /// Returns the field of its response with the id.
    pub(super) fn id(&self) -> &'static str {
        match self.resource {
            Resource::User => "user_api_key",
            Resource::Domain => "domain_api_key",
            Resource::Device => "device_id",
        }
    }

    /// Returns the request that reads the resource, or its empty list of messages.
    pub(super) fn read(&self, number: usize, id: &str) -> Vec<u8> {
        let target = match self.resource {
            Resource::User => self.target("domains/users/details", number, id),
            Resource::Domain => self.domain_get.clone(),
            Resource::Device => self.target("devices/messages", number, id),
        };
        request("GET", &target, "")
    }

    /// Returns the request that deletes it.
    pub(super) fn delete(&self, number: usize, id: &str) -> Vec<u8> {
        let path = match self.resource {
            Resource::User => "domains/users",
            Resource::Domain => "accounts/domains",
            Resource::Device => "users/devices",
        };
        request("DELETE", &self.target(path, number, id), "")
    }

    fn target(&self, path: &str, number: usize, id: &str) -> String {
        format!("/v1.2/{path}?{}={id}&key={}", self.id(), self.token(number))
    }
}
