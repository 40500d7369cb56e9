//! octocrab with its default features and settings: its generic GET, which decodes the response.

mod protocol;
mod tasks;
mod user;

use octocrab::Octocrab;

use self::{
    protocol::{BoxError, TOKEN, USER_API_KEY},
    user::Envelope,
};

#[derive(Clone)]
struct Client(Octocrab);

impl tasks::Client for Client {
    async fn call(&self) -> Result<(), BoxError> {
        let query = [("user_api_key", USER_API_KEY), ("key", TOKEN)];
        self.0.get::<Envelope, _, _>("/domains/users/details", Some(&query)).await?.check()
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tasks::run(|base_url| Ok(Client(Octocrab::builder().base_uri(base_url)?.personal_token(TOKEN).build()?))).await
}
