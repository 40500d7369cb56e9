use std::net::{Ipv4Addr, SocketAddr};

use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};
use serde_json::Value;

use crate::{
    Failure,
    helper::{self, Helper},
    load,
    wire::{Wire, request},
};

/// An emulator in a process of its own, and a domain in it.
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
    /// Starts it, and creates the domain.
    pub(super) async fn start() -> Result<Self, Failure> {
        let mut helper = Helper::itself(["emulator-server"])?;
        let address = helper.hear()?.parse()?;
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

    /// Creates a user, and answers an access token of theirs.
    pub(super) async fn create_user(&self, wire: &mut Wire, user_id: &str) -> Result<String, Failure> {
        let Domain { key, secret, token } = &self.domain;
        let target = format!("/v1.2/domains/users/user_id?key={token}");
        result(wire, &request("POST", &target, &format!(r#"{{"user_id":"{user_id}"}}"#))).await?;
        let target = format!("/v1.2/domains/users/accesstokens?key={key}&domain_api_secret={secret}&user_id={user_id}");
        result(wire, &request("GET", &target, "")).await?.text("user_access_token")
    }
}

/// The `result` of an answer.
#[derive(Debug)]
pub(super) struct Found(Value);

impl Found {
    /// A member of it that is a text.
    pub(super) fn text(&self, member: &str) -> Result<String, Failure> {
        let text = self.0.get(member).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(|| format!("an answer without {member}").into())
    }
}

/// What a request is answered, which has to be a success.
pub(super) async fn result(wire: &mut Wire, request: &[u8]) -> Result<Found, Failure> {
    let answer: Value = serde_json::from_slice(&wire.fetch(request).await?)?;
    if answer["status"] != 0 {
        return Err(format!("the emulator refused: status {}, {}", answer["status"], answer["message"]).into());
    }
    Ok(Found(answer["result"].clone()))
}

/// Is the emulator, as its program is.
///
/// # Errors
///
/// When it cannot listen.
pub fn run() -> Result<(), Failure> {
    let runtime = load::runtime()?;
    let server = runtime.block_on(Emulator::builder().listen((Ipv4Addr::LOCALHOST, 0).into()).bind())?;
    let address = server.base_url().split('/').nth(2).unwrap_or_default();
    helper::tell(address)?;
    runtime.spawn(server.run(std::future::pending()));
    helper::serve(|_| Ok(None))
}
