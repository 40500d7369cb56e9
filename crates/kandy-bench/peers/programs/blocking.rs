//! The blocking API of the SDK, which mints its token.

#[allow(dead_code, reason = "the client mints its token")]
mod credentials;
mod protocol;
mod threads;

use std::hint::black_box;

use self::{credentials::USER_API_KEY, protocol::BoxError};

#[derive(Clone)]
struct Client(kandy::blocking::Domain);

impl threads::Client for Client {
    fn call(&self) -> Result<(), BoxError> {
        black_box(self.0.user_details(USER_API_KEY).send()?);
        Ok(())
    }
}

fn main() -> Result<(), BoxError> {
    threads::run(|base_url| {
        let kandy = kandy::Kandy::builder().base_url(base_url).build_blocking()?;
        Ok(Client(kandy.domain("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6", "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958")))
    })
}
