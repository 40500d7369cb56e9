//! Receives messages as soon as they are sent, over the data channel, and tells how long each took.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --features push
//! --example push`.

use std::{error::Error, time::Instant};

use kandy::{Device, Domain};
use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    let phone = device(&domain, "russ").await?;
    let tablet = device(&domain, "anna").await?;

    // The same inbox as without push: nothing is lost while there is no channel, and it polls meanwhile.
    let mut inbox = tablet.messages().push().stream();
    for text in ["one", "two", "three"] {
        let begin = Instant::now();
        phone.send_message(format!("anna@{}", created.name), text).await?;
        let Some(message) = inbox.try_next().await? else { break };
        let received = message.content.as_ref().and_then(|content| content.text()).unwrap_or("(no text)");
        println!("{received}: {:.1} ms, {}", begin.elapsed().as_secs_f64() * 1e3, way(inbox.is_pushed()));
        message.ack().await?;
    }
    inbox.close().await?;
    println!("{} messages are left.", tablet.pending_messages().await?.messages.len());

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}

fn way(is_pushed: bool) -> &'static str {
    if is_pushed { "pushed" } else { "polled" }
}

/// A device of a new user.
async fn device(domain: &Domain, user_id: &str) -> kandy::Result<Device> {
    domain.create_user(user_id).await?;
    let user = domain.user(user_id);
    let created = user.create_device("12345678901234").await?;
    Ok(user.device(created.device_id))
}
