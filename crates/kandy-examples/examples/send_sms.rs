//! Sends an SMS, and distinguishes errors after which it may have been sent.
//!
//! On the emulator, or on the service in the environment (see `quickstart`):
//! `cargo run -p kandy-examples --example send_sms -- +12245556666 "Hello"`.

use std::{env, error::Error};

use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let to = arguments.next().unwrap_or_else(|| "+12245556666".to_owned());
    let text = arguments.next().unwrap_or_else(|| "Hello from Kandy!".to_owned());

    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    domain.create_user("russ").await?;
    let russ = domain.user("russ");
    let phone = russ.device(russ.create_device("12345678901234").await?.device_id);

    match phone.send_sms(&to, text).await {
        Ok(()) => println!("Sent to {to}."),
        // Do not send it again without checking: a duplicate costs money.
        Err(error) if error.may_have_been_applied() => println!("It may have been sent: {error}"),
        Err(error) => println!("It was not sent: {error}"),
    }

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}
