//! Calls the generated layer, for what is not wrapped: same token, same care.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --example raw_call`.

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
    let answer = domain.raw().user_create(&body).await?; // an error: there is no answer
    println!("HTTP {}", answer.status());
    let user = answer.into_inner().into_result()?; // a fault: the service refused
    println!("{user:?}");

    // What the service refuses, and how that looks here.
    match domain.raw().user_create(&body).await?.into_inner().into_result() {
        Err(fault) => println!("a second time: {fault}"),
        Ok(_) => println!("a second time: created again"),
    }

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}
