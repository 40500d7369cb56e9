//! Creates a domain, two users and a device, sends an SMS and a chat message, and deletes everything again.
//!
//! Starts an emulator. With `KANDY_BASE_URL`, `KANDY_ACCOUNT_API_KEY` and `KANDY_ACCOUNT_API_SECRET` it uses that
//! service; an SMS costs money, so it is then sent only to the number in `KANDY_SMS_TO`. With the argument `--keep` it
//! deletes nothing, so that the page of an emulator shows what it did.

use std::{env, error::Error};

use kandy::Domain;
use kandy_examples::Service;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    match &service.emulator {
        Some(emulator) => println!("Started an emulator of Kandy at {}.", emulator.base_url()),
        None => println!("Using the service at {}.", service.kandy.base_url()),
    }

    let (domain, created) = service.create_domain().await?;
    println!("Created the domain {}.", created.name);

    if env::args().any(|argument| argument == "--keep") {
        run(&service, &domain, &created.name).await?;
        println!("Kept the domain with its contents.");
        return Ok(());
    }
    // Deletes the domain also after an error.
    let mut outcome = run(&service, &domain, &created.name).await;
    if outcome.is_ok() {
        outcome = delete_contents(&domain).await;
    }
    service.account.delete_domain(created.api_key).await?;
    println!("Deleted the domain with its contents.");
    service.account.revoke_access_token().await?;
    println!("Revoked the access token of the account.");
    outcome
}

async fn run(service: &Service, domain: &Domain, domain_name: &str) -> Result<(), Box<dyn Error>> {
    domain.create_user("russ").country_code("US").email("russ@example.com").await?;
    domain.create_user("anna").country_code("US").await?;
    for user in domain.users().await? {
        println!("Created the user {}.", user.full_user_id());
    }

    // The handle mints the user's access token, with the domain's secret, on first use.
    let russ = domain.user("russ");
    let created = russ.create_device("12345678901234").family("iphone").name("iphone6").await?;
    let phone = russ.device(created.device_id);
    println!("Created the device {} for russ.", phone.id());

    let to = match &service.emulator {
        Some(_) => Some("+12245556666".to_owned()),
        None => env::var("KANDY_SMS_TO").ok(),
    };
    match to {
        Some(to) => {
            phone.send_sms(&to, "Hello from Kandy!").from("+11234567890").await?;
            println!("Sent an SMS to {to}.");
        }
        None => println!("Sent no SMS, because it costs money; set KANDY_SMS_TO to send one."),
    }
    for sms in service.emulator.iter().flat_map(|emulator| emulator.sms()) {
        println!("  The outbox of the emulator has it: {:?} for {}.", sms.text, sms.destination);
    }

    let anna = domain.user("anna");
    let tablet = anna.device(anna.create_device("98765432109876").family("tablet").await?.device_id);
    phone.send_message(format!("anna@{domain_name}"), "let's meet tonight").await?;
    println!("Sent a chat message from russ to anna.");

    let pending = tablet.pending_messages().await?;
    for message in &pending.messages {
        let text = message.content.as_ref().and_then(|content| content.text()).unwrap_or_default();
        let sender = message.sender.as_ref().map_or("unknown", |sender| sender.as_str());
        println!("  Pending on anna's device: {text:?} from {sender}.");
    }
    tablet.delete_messages(pending.messages.iter().filter_map(|message| message.id.clone())).await?;
    println!("Deleted the message; {} are pending now.", tablet.pending_messages().await?.messages.len());
    Ok(())
}

async fn delete_contents(domain: &Domain) -> Result<(), Box<dyn Error>> {
    let russ = domain.user("russ");
    for device in russ.devices().await? {
        russ.delete_device(device.device_id).await?;
    }
    println!("Deleted the devices of russ.");
    for user in domain.users().await? {
        if let Some(api_key) = user.api_key.clone() {
            domain.delete_user(api_key).await?;
            println!("Deleted the user {}.", user.full_user_id());
        }
    }
    Ok(())
}
