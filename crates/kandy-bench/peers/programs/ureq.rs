//! ureq with serde_json: one agent for all threads, whose pool keeps a connection for each.
//!
//! With a timeout, as here and in the other clients, ureq starts a thread for each call, which looks up the host. Each
//! connection has two buffers of 128 kB.

mod credentials;
mod protocol;
mod response;
mod threads;
mod user;

use std::time::Duration;

use ureq::Agent;

use self::{
    credentials::{TOKEN, USER_API_KEY},
    protocol::BoxError,
    response::{Envelope, UserResponse},
};

/// Above the largest number in flight. The default keeps 3 connections to a host, and opens the others for each call.
const IDLE_CONNECTIONS: usize = 10_000;

#[derive(Clone)]
struct Client {
    agent: Agent,
    url: String,
}

impl threads::Client for Client {
    fn call(&self) -> Result<(), BoxError> {
        let request = self.agent.get(&self.url).query("user_api_key", USER_API_KEY).query("key", TOKEN);
        let mut response = request.header("accept", "application/json").call()?;
        user::check(response.body_mut().read_json::<Envelope<UserResponse>>()?)
    }
}

fn main() -> Result<(), BoxError> {
    threads::run(|base_url| {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(30)))
            .max_redirects(0)
            .max_idle_connections(IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .build();
        Ok(Client { agent: config.into(), url: format!("{base_url}/domains/users/details") })
    })
}
