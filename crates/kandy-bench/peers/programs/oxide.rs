//! oxide, which progenitor generates: the steps of a generated call with the hooks of its client, as `oxide` has them in
//! each `send`, for the operation and the type of the response here.

mod credentials;
mod protocol;
mod response;
mod tasks;
mod user;

use oxide::{Client as Oxide, ClientConfig};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};

use self::{
    credentials::{TOKEN, USER_API_KEY},
    protocol::BoxError,
    response::{Envelope, UserResponse},
};

#[derive(Clone)]
struct Client(Oxide);

impl tasks::Client for Client {
    async fn call(&self) -> Result<(), BoxError> {
        let client = &self.0;
        let url = format!("{}/domains/users/details", client.baseurl());
        let mut headers = HeaderMap::with_capacity(1);
        headers.append(HeaderName::from_static("api-version"), HeaderValue::from_static(Oxide::api_version()));
        let mut request = client
            .client()
            .get(url)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .query(&progenitor_client::QueryParam::new("user_api_key", &USER_API_KEY))
            .query(&progenitor_client::QueryParam::new("key", &TOKEN))
            .headers(headers)
            .build()?;
        let info = OperationInfo { operation_id: "user_get" };
        client.pre::<()>(&mut request, &info).await?;
        let result = client.exec(request, &info).await;
        client.post::<()>(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200 => {
                let response = ResponseValue::<Envelope<UserResponse>>::from_response::<()>(response).await?;
                user::check(response.into_inner())
            }
            status => Err(format!("HTTP {status}").into()),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tasks::run(|base_url| {
        let config = ClientConfig::default().with_host_and_token(base_url, TOKEN);
        Ok(Client(Oxide::new_authenticated_config(&config)?))
    })
    .await
}
