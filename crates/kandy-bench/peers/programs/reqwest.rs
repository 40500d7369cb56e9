//! reqwest and serde_json: the same code as in the other parts.

#[allow(dead_code, unfulfilled_lint_expectations)]
mod handwritten;
mod protocol;
mod tasks;

use std::hint::black_box;

use self::{
    handwritten::UserResponse,
    protocol::{BoxError, TOKEN, USER_API_KEY},
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
