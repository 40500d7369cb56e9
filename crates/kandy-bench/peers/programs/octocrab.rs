//! octocrab with its default features and settings: its generic GET, which decodes the response.

mod credentials;
mod protocol;
mod response;
mod tasks;
mod user;

use octocrab::Octocrab;

use self::{
    credentials::{TOKEN, USER_API_KEY},
    protocol::BoxError,
    response::{Envelope, UserResponse},
};

#[derive(Clone)]
struct Client(Octocrab);

impl tasks::Client for Client {
    async fn call(&self) -> Result<(), BoxError> {
        let query = [("user_api_key", USER_API_KEY), ("key", TOKEN)];
        user::check(self.0.get::<Envelope<UserResponse>, _, _>("/domains/users/details", Some(&query)).await?)
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tasks::run(|base_url| Ok(Client(Octocrab::builder().base_uri(base_url)?.personal_token(TOKEN).build()?))).await
}
