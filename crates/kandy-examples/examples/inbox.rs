//! Streams messages, and deletes each only after it was processed.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --example
//! inbox`.

use std::{error::Error, time::Duration};

use kandy::{Device, Domain, PendingMessage};
use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    let phone = device(&domain, "russ").await?;
    let tablet = device(&domain, "anna").await?;
    for text in ["one", "two", "three"] {
        phone.send_message(format!("anna@{}", created.name), text).await?;
    }

    let mut inbox = tablet.messages().max_interval(Duration::from_secs(5)).stream();
    let mut seen = 0;
    while let Some(message) = inbox.try_next().await? {
        // Acknowledge after processing: a message that is not acknowledged is delivered again, so none is lost.
        process(&message);
        message.ack().await?;
        seen += 1;
        if seen == 3 {
            break;
        }
    }
    // Flushes the last acknowledgements: otherwise the next stream delivers these messages again.
    inbox.close().await?;
    println!("{} messages are left.", tablet.pending_messages().await?.messages.len());

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}

/// A device of a new user.
async fn device(domain: &Domain, user_id: &str) -> kandy::Result<Device> {
    domain.create_user(user_id).await?;
    let user = domain.user(user_id);
    let created = user.create_device("12345678901234").await?;
    Ok(user.device(created.device_id))
}

fn process(message: &PendingMessage) {
    let text = message.content.as_ref().and_then(|content| content.text());
    println!("{}: {}", message.sender.as_ref().map_or("?", |s| s.as_str()), text.unwrap_or("(no text)"));
}
