//! Creates a group, sends a message to it and shares a picture.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --example
//! group`.

use std::error::Error;

use kandy::{Attachment, ContentView, Device, MessageContent, MessageEvent, PendingMessage, User};
use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    for user_id in ["russ", "anna"] {
        domain.create_user(user_id).await?;
    }
    let (russ, anna) = (domain.user("russ"), domain.user("anna"));
    let (phone, tablet) = (device(&russ).await?, device(&anna).await?);

    let friends = russ.group(russ.create_group("Friends").await?.group_id);
    friends.add_members([format!("anna@{}", created.name)]).await?;
    friends.send_message("Hello, all").await?;
    let picture = Attachment::new("hello.svg", r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#);
    friends.send_message(MessageContent::upload(&phone, picture).await?).await?;
    friends.delete().await?;

    let mut inbox = tablet.messages().stream();
    while let Some(message) = inbox.try_next().await? {
        show(&tablet, &message).await?;
        let is_last = matches!(message.event(), MessageEvent::GroupDelete { .. });
        message.ack().await?;
        if is_last {
            break;
        }
    }
    inbox.close().await?;

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}

/// A device of a user.
async fn device(user: &User) -> kandy::Result<Device> {
    Ok(user.device(user.create_device("12345678901234").await?.device_id))
}

async fn show(tablet: &Device, message: &PendingMessage) -> kandy::Result<()> {
    match message.content.as_ref().map(MessageContent::view) {
        Some(ContentView::Text(text)) => println!("{text}"),
        Some(ContentView::Media { content_id, name, .. }) => {
            // Media can have any size: read the body in chunks, up to this limit.
            let file = tablet.download(content_id).await?.bytes(1024 * 1024).await?;
            println!("{}: {} bytes", name.unwrap_or("a file"), file.len());
        }
        _ => println!("({})", message.message_type.as_ref().map_or("an event", |kind| kind.as_str())),
    }
    Ok(())
}
