//! reqwest and serde_json: the same code as in the other parts.

mod credentials;
#[allow(dead_code, reason = "the program makes one kind of call")]
#[allow(unfulfilled_lint_expectations, unused_imports, reason = "they are those of the module in its own package")]
mod handwritten;
mod protocol;
mod response;
mod tasks;

use std::hint::black_box;

use self::{
    credentials::{TOKEN, USER_API_KEY},
    handwritten::UserResponse,
    protocol::BoxError,
};

#[derive(Clone)]
struct Client(handwritten::Client);

impl tasks::Client for Client {
    async fn call(&self) -> Result<(), BoxError> {
        let query = [("user_api_key", USER_API_KEY)];
        black_box(self.0.get::<UserResponse>("/domains/users/details", &query).await?);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tasks::run(|base_url| Ok(Client(handwritten::Client::new(base_url, TOKEN)?))).await
}
