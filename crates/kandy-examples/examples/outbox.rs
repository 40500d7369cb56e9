//! Keeps SMS in a file until they are sent: what a killed program did not send is sent by the next one, and nothing twice.
//!
//! On the emulator, or on the service in the environment (see `quickstart`): `cargo run -p kandy-examples --features outbox
//! --example outbox`.

use std::{error::Error, path::Path};

use kandy::Device;
use kandy_examples::Service;
use kandy_outbox::{FileStore, JobState, Outbox};
use serde::{Deserialize, Serialize};

/// Orders, and the phone numbers of their customers.
const ORDERS: [(&str, &str); 4] =
    [("17", "+12245550117"), ("18", "+12245550118"), ("19", "no number"), ("20", "+12245550117")];

/// What is stored of an SMS.
#[derive(Deserialize, Serialize)]
struct Text {
    to: String,
    text: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    domain.create_user("russ").await?;
    let russ = domain.user("russ");
    let phone = russ.device(russ.create_device("12345678901234").await?.device_id);

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("texts.outbox");
    run(&path, &phone).await?;
    // A program that was killed does all of it again: the ids of the orders are known, so no SMS is added or sent twice.
    run(&path, &phone).await?;

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}

/// A run of the program: it adds an SMS for each order, and sends what is not sent yet.
async fn run(path: &Path, phone: &Device) -> Result<(), Box<dyn Error>> {
    let outbox = Outbox::new(FileStore::open(path)?);
    let jobs = ORDERS.map(|(order, to)| {
        let text = Text { to: to.to_owned(), text: format!("Order {order} is on its way.") };
        // SMS with the same key, here to the same number, are sent one after the other.
        Outbox::job(format!("order-{order}"), to, &text)
    });
    let added = outbox.add_all(jobs.into_iter().collect::<Result<Vec<_>, _>>()?).await?;
    println!("{added} of {} SMS are new.", ORDERS.len());

    let phone = phone.clone();
    let worker = outbox.worker(move |text: Text| phone.send_sms(text.to, text.text)).concurrency(8);
    let report = worker.run_until_settled().await?;
    println!("{} sent, {} refused, {} unknown.", report.sent, report.refused, report.unknown);
    // Unknown ones may have been sent; they are sent again only by `Outbox::send_again`.
    for state in [JobState::Refused, JobState::Unknown] {
        for job in outbox.jobs(state, 0, 100).await?.jobs {
            println!("{} is {state}: {}", job.id, job.error.unwrap_or_default());
        }
    }
    Ok(())
}
