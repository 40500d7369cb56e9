//! Sends SMS and messages and reads an inbox without async code.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --features
//! blocking --example blocking`.

use std::{env, error::Error, time::Duration};

use kandy::blocking::{Device, Domain, Kandy};
use kandy_examples::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    // A thread for the client, which runs all calls and ends with the last handle.
    let kandy = Kandy::try_from(service.kandy.clone())?;
    let (api_key, api_secret) = match &service.emulator {
        Some(emulator) => (emulator.account_key().to_owned(), emulator.account_secret().to_owned()),
        None => (env::var("KANDY_ACCOUNT_API_KEY")?, env::var("KANDY_ACCOUNT_API_SECRET")?),
    };
    let account = kandy.account(api_key, api_secret);
    let created = account.create_domain(format!("example-{}.com", std::process::id())).send()?;
    let domain = kandy.domain(&created.api_key, &created.api_secret);

    // Deletes the domain also after an error.
    let outcome = run(&domain, &created.name);
    account.delete_domain(created.api_key).send()?;
    outcome
}

fn run(domain: &Domain, domain_name: &str) -> Result<(), Box<dyn Error>> {
    // Several calls at a time, each outcome as soon as it is known.
    for outcome in domain.create_users(["russ", "anna"]) {
        println!("Created {:?}.", outcome.result?.full_user_id);
    }
    for user in domain.users().iter() {
        println!("{} exists.", user?.full_user_id());
    }

    let (phone, tablet) = (device(domain, "russ")?, device(domain, "anna")?);
    // Two calls at once without a thread for each; dropping one would cancel it.
    let messages = ["one", "two"].map(|text| phone.send_message(format!("anna@{domain_name}"), text).start());
    for message in messages {
        println!("Sent the message {}.", message.wait()?);
    }

    let mut inbox = tablet.messages().iter();
    for _ in 0..2 {
        // An inbox has no end, so the wait has one.
        let Some(message) = inbox.next_within(Duration::from_secs(10))? else { break };
        println!("Received {:?}.", message.content.as_ref().and_then(|content| content.text()));
        message.ack()?;
    }
    inbox.close()?;
    println!("{} messages are left.", tablet.pending_messages().send()?.messages.len());
    Ok(())
}

/// The first device of a user.
fn device(domain: &Domain, user_id: &str) -> kandy::Result<Device> {
    let user = domain.user(user_id);
    let created = user.create_device("12345678901234").send()?;
    Ok(user.device(created.device_id))
}
