//! Calls the generated layer with the token and the retries of a handle.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --example
//! raw_call`.

use std::error::Error;

use kandy::sys::types::UserCreate;
use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;

    let body = UserCreate {
        user_id: "russ".to_owned(),
        user_country_code: Some("US".to_owned()),
        user_email: None,
        user_first_name: None,
        user_last_name: None,
        user_password: None,
    };
    let response = domain.raw().user_create(&body).await?; // an error: there is no response
    println!("HTTP {}", response.status());
    let user = response.into_inner().into_result()?; // an `ApiFault`: the service refused the call
    println!("{user:?}");

    // A refused call.
    match domain.raw().user_create(&body).await?.into_inner().into_result() {
        Err(fault) => println!("a second time: {fault}"),
        Ok(_) => println!("a second time: created again"),
    }

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}
