//! The requests of a throughput: reads and writes of an emulator.
//!
//! Depends on `service` and `wire`. Begin with [`all`].

use std::borrow::Cow;

use super::{
    resource::Resource,
    service::{Service, result},
};
use crate::{
    BoxError,
    report::Target,
    wire::{Wire, request},
};

/// An operation whose throughput is measured.
pub(super) struct LoadTarget {
    pub(super) operation: &'static str,
    pub(super) kind: Kind,
    requests: LoadRequests,
}

/// Whether an operation changes the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Write => "writes",
        }
    }

    /// The share of the throughput of a bare handler.
    pub(super) fn target(self) -> Target {
        Target::AtLeast(match self {
            Self::Read => 0.85,
            Self::Write => 0.7,
        })
    }
}

enum LoadRequests {
    Same(Vec<u8>),
    /// One for each number.
    Numbered(Box<dyn Fn(usize) -> Vec<u8>>),
}

impl LoadTarget {
    fn new(operation: &'static str, kind: Kind, requests: LoadRequests) -> Self {
        Self { operation, kind, requests }
    }

    /// Returns a request that was not sent before, if its operation refuses the same one twice.
    pub(super) fn request(&self, number: usize) -> Cow<'_, [u8]> {
        match &self.requests {
            LoadRequests::Same(request) => request.into(),
            LoadRequests::Numbered(make) => make(number).into(),
        }
    }
}

/// Creates the objects that the requests need, and returns the operations.
pub(super) async fn all(service: &Service) -> Result<Vec<LoadTarget>, BoxError> {
    let token = &service.domain.token;
    let mut wire = Wire::connect(service.address).await?;
    let body = r#"{"user_id":"russ","user_country_code":"US","user_email":"russ@example.com"}"#;
    let target = format!("/v1.2/domains/users/user_id?key={token}");
    let user_api_key = result(&mut wire, &request("POST", &target, body)).await?.text("user_api_key")?;
    let user_token = service.create_user(&mut wire, "anna").await?;
    let body = r#"{"device_native_id":"0000001","device_family":"iphone","device_name":"iphone6"}"#;
    let target = format!("/v1.2/users/devices?key={user_token}");
    let device_id = result(&mut wire, &request("POST", &target, body)).await?.text("device_id")?;

    let read = |operation, target: String| {
        LoadTarget::new(operation, Kind::Read, LoadRequests::Same(request("GET", &target, "")))
    };
    let write = |operation, method, target: String, body| {
        LoadTarget::new(operation, Kind::Write, LoadRequests::Same(request(method, &target, body)))
    };
    let users = Resource::User.requests(service).await?;
    let create = LoadRequests::Numbered(Box::new(move |number| users.create(number)));
    let sms = r#"{"message":{"source":"Kandy","destination":"+14055671234","message":{"text":"Your code is 4711."}}}"#;
    let profile = r#"{"first_name":"Anna","last_name":"Schmidt","status_text":"In a meeting"}"#;
    Ok(vec![
        read("user_get", format!("/v1.2/domains/users/details?user_api_key={user_api_key}&key={token}")),
        read("user_list", format!("/v1.2/domains/users?key={token}")),
        read("device_list", format!("/v1.2/users/devices?key={user_token}")),
        LoadTarget::new("user_create", Kind::Write, create),
        write("sms_send", "POST", format!("/v1.2/devices/smss?key={user_token}&device_id={device_id}"), sms),
        write("user_profile_set", "POST", format!("/v1.2/users/profiles/user_profiles?key={user_token}"), profile),
    ])
}
