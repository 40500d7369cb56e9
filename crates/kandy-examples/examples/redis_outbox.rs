//! Keeps SMS on Redis, and sends them by ten workers, which could run on ten machines: each SMS is sent by one of them.
//!
//! On the emulator, or on the service in the environment (see `quickstart`). `REDIS_URL` names a Redis with `appendonly yes` and
//! `appendfsync always`: `REDIS_URL=redis://127.0.0.1 cargo run -p kandy-examples --features redis --example redis_outbox`.

use std::{env, error::Error};

use kandy_examples::Service;
use kandy_outbox::{JobState, Outbox};
use kandy_redis::{Redis, RedisJobStore};
use tokio::task::JoinSet;

const WORKERS: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Ok(url) = env::var("REDIS_URL") else {
        println!("REDIS_URL is not set; set it to a Redis, such as redis://127.0.0.1, to run this example.");
        return Ok(());
    };
    let redis = Redis::open(url)?;
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;
    domain.create_user("russ").await?;
    let russ = domain.user("russ");
    let phone = russ.device(russ.create_device("12345678901234").await?.device_id);

    // Programs that use the same name share the jobs.
    let outbox: Outbox<String> = Outbox::new(RedisJobStore::new(&redis, format!("example-{}", std::process::id())));
    let numbers = (0..200).map(|number| format!("+12245550{number:03}"));
    let jobs: Result<Vec<_>, _> = numbers.map(|to| Outbox::job(format!("reminder-{to}"), to.clone(), &to)).collect();
    println!("{} SMS added.", outbox.add_all(jobs?).await?);

    let mut workers = JoinSet::new();
    for number in 1..=WORKERS {
        let (outbox, phone) = (outbox.clone(), phone.clone());
        workers.spawn(async move {
            let worker = outbox.worker(move |to: String| phone.send_sms(to, "Your appointment is tomorrow."));
            (number, worker.concurrency(4).run_until_settled().await)
        });
    }
    while let Some(ended) = workers.join_next().await {
        let (number, report) = ended?;
        println!("{} sent by worker {number}.", report?.sent);
    }
    for state in [JobState::Sent, JobState::Refused, JobState::Unknown] {
        println!("{} {state} jobs removed.", outbox.purge(state).await?);
    }

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}
