//! An emulator in a process of its own.
//!
//! Depends on `helper` and `wire`. Begin with `Service::start`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};
use serde_json::Value;

use crate::{
    BoxError,
    helper::{self, Helper},
    load,
    wire::{Wire, request},
};

/// An emulator in a process of its own, with a domain.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) helper: Helper,
    pub(super) address: SocketAddr,
    pub(super) account_token: String,
    pub(super) domain: Domain,
}

/// The credentials of a domain.
#[derive(Debug)]
pub(super) struct Domain {
    pub(super) key: String,
    pub(super) secret: String,
    pub(super) token: String,
}

impl Service {
    /// Starts the emulator, and creates the domain.
    pub(super) async fn start() -> Result<Self, BoxError> {
        let mut helper = Helper::itself(["emulator-server"])?;
        let address = helper.read_line()?.parse()?;
        let mut wire = Wire::connect(address).await?;
        let (key, secret) = (DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
        let target = format!("/v1.2/accounts/accesstokens?key={key}&account_api_secret={secret}");
        let account_token = result(&mut wire, &request("GET", &target, "")).await?.text("account_access_token")?;
        let body = r#"{"domain_name":"bench.example.com"}"#;
        let target = format!("/v1.2/accounts/domains?key={account_token}");
        let created = result(&mut wire, &request("POST", &target, body)).await?;
        let (key, secret) = (created.text("domain_api_key")?, created.text("domain_api_secret")?);
        let target = format!("/v1.2/domains/accesstokens?key={key}&domain_api_secret={secret}");
        let token = result(&mut wire, &request("GET", &target, "")).await?.text("domain_access_token")?;
        Ok(Self { helper, address, account_token, domain: Domain { key, secret, token } })
    }

    /// Creates a user, and returns an access token of the user.
    pub(super) async fn create_user(&self, wire: &mut Wire, user_id: &str) -> Result<String, BoxError> {
        let Domain { key, secret, token } = &self.domain;
        let target = format!("/v1.2/domains/users/user_id?key={token}");
        result(wire, &request("POST", &target, &format!(r#"{{"user_id":"{user_id}"}}"#))).await?;
        let target = format!("/v1.2/domains/users/accesstokens?key={key}&domain_api_secret={secret}&user_id={user_id}");
        result(wire, &request("GET", &target, "")).await?.text("user_access_token")
    }
}

/// The `result` of a response.
#[derive(Debug)]
pub(super) struct ResultJson(Value);

impl ResultJson {
    /// Returns a field that is a string.
    pub(super) fn text(&self, member: &str) -> Result<String, BoxError> {
        let text = self.0.get(member).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| format!("a response without {member}").into())
    }
}

/// Sends a request, and returns the result. Any status but 0 is an error.
pub(super) async fn result(wire: &mut Wire, request: &[u8]) -> Result<ResultJson, BoxError> {
    let response: Value = serde_json::from_slice(&wire.fetch(request).await?)?;
    if response["status"] != 0 {
        return Err(format!("the emulator refused: status {}, {}", response["status"], response["message"]).into());
    }
    Ok(ResultJson(response["result"].clone()))
}

/// Runs the process of the emulator, with a state file if one is given.
///
/// # Errors
///
/// When it cannot listen, or the state cannot be loaded.
pub fn run(state: Option<&Path>) -> Result<(), BoxError> {
    // A data channel is an open file.
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let runtime = load::runtime()?;
    let mut builder = Emulator::builder().listen((Ipv4Addr::LOCALHOST, 0).into());
    if let Some(state) = state {
        builder = builder.state(state);
    }
    let server = runtime.block_on(builder.bind())?;
    let address = server.base_url().split('/').nth(2).unwrap_or_default();
    helper::print_line(address)?;
    runtime.spawn(server.run(std::future::pending()));
    helper::serve(|_| Ok(None))
}
