//! An outbox with a million jobs: adding, opening, listing and sending, each in a process of its own, whose memory is measured.
//!
//! Depends on `helper` and `report`. Begin with [`measure`]; [`run`] is the process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use kandy::Kandy;
use kandy_outbox::{FileStore, JobChange, JobState, JobStore, Outbox, OutboxObserver};
use kandy_redis::{Redis, RedisJobStore};
use tokio::sync::Notify;

use super::{
    Bench, CONCURRENCY, Text, jobs,
    redis_server::{RedisServer, TIMEOUT},
};
use crate::{
    BoxError,
    helper::{self, Helper},
    load,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Unit, count},
};

/// How many jobs are listed at once.
const PAGE: usize = 1000;

/// Measures both stores.
pub(super) fn measure(
    plan: Plan,
    bench: &Bench<'_>,
    redis: Option<&mut RedisServer>,
    section: &mut Section,
) -> Result<(), BoxError> {
    let number = plan.of(1_000_000, 20_000);
    let some = number / 20;
    let mut stores = vec![("a file", format!("file {}", bench.folder.path().join("million").display()))];
    if let Some(redis) = &redis {
        redis.clear()?;
        stores.push(("Redis", format!("redis {} million", redis.url())));
    }
    let send = format!("send {some} {} {} {}", bench.base_url, bench.token, bench.device);
    for (name, store) in stores {
        for (what, command) in [
            (format!("{} jobs added to {name}", count(number as u64)), format!("add {number}")),
            (format!("opened again from {name}"), "nothing".to_owned()),
            (format!("all listed from {name}, {PAGE} at once"), format!("list {number}")),
            (format!("{} of them sent from {name}, {CONCURRENCY} in flight", count(some as u64)), send.clone()),
        ] {
            progress(&what);
            let words = ["queue-store"].into_iter().chain(store.split(' '));
            let mut process = Helper::itself(words)?;
            let opened = process.read_line()?.parse::<f64>()?;
            let took = process.request(&command)?.parse::<f64>()?;
            let took = if command == "nothing" { opened } else { took };
            let memory = process.peak_memory().map_or_else(Vec::new, |memory| vec![memory]);
            let time = Figure::new("time", Unit::Seconds, vec![took]);
            section.add(Row::new(what).operands(time, Figure::new("peak memory", Unit::Bytes, memory)));
        }
    }
    if let Some(redis) = redis {
        let memory = Figure::new("memory", Unit::Bytes, vec![redis.memory()?]);
        let begun = Instant::now();
        redis.restart()?;
        let time = Figure::new("time", Unit::Seconds, vec![begun.elapsed().as_secs_f64()]);
        section.add(Row::new("Redis with these jobs killed and started again").operands(time, memory));
    }
    Ok(())
}

/// Runs the process: it opens the store, and returns the seconds of that and of each command.
///
/// # Errors
///
/// When the store or a call fails.
pub fn run(kind: &str, place: &str, name: Option<&str>) -> Result<(), BoxError> {
    let (runtime, begun) = (load::runtime()?, Instant::now());
    let store: Arc<dyn JobStore> = match (kind, name) {
        ("redis", Some(name)) => Arc::new(RedisJobStore::new(&Redis::open(place)?.timeout(TIMEOUT), name)),
        _ => Arc::new(FileStore::open(place)?),
    };
    let outbox: Outbox<Text> = Outbox::shared(store);
    helper::print_line(&begun.elapsed().as_secs_f64().to_string())?;
    helper::serve(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let begun = Instant::now();
        runtime.block_on(async {
            match words.as_slice() {
                ["add", number] => {
                    let number: usize = number.parse()?;
                    // The jobs are made while they are added, so that they take no memory of their own.
                    let added = outbox.add_all(jobs(number).map_while(Result::ok)).await?;
                    expect(added as usize, number)
                }
                ["list", number] => expect(list(&outbox).await?, number.parse()?),
                ["send", number, base_url, token, device] => {
                    let device = Kandy::builder().base_url(*base_url).build()?.user_with_token(*token).device(*device);
                    send(&outbox, device, number.parse()?).await
                }
                _ => Ok(()),
            }
        })?;
        Ok(Some(begun.elapsed().as_secs_f64().to_string()))
    })
}

fn expect(done: usize, number: usize) -> Result<(), BoxError> {
    if done == number { Ok(()) } else { Err(format!("{done} of {number} jobs").into()) }
}

/// Lists all jobs, and returns how many there are.
async fn list(outbox: &Outbox<Text>) -> Result<usize, BoxError> {
    let mut listed = 0;
    for state in JobState::ALL {
        let mut begin = Some(0);
        while let Some(from) = begin {
            let page = outbox.jobs(state, from, PAGE).await?;
            listed += page.jobs.len();
            begin = page.next;
        }
    }
    Ok(listed)
}

/// Sends this many jobs, and what is in flight then.
async fn send(outbox: &Outbox<Text>, device: kandy::Device, number: usize) -> Result<(), BoxError> {
    let countdown = Countdown { left: Arc::new(AtomicUsize::new(number)), over: Arc::default() };
    let over = countdown.over.clone();
    let worker = outbox.clone().observer(countdown).worker(move |text: Text| device.send_sms(text.to, text.text));
    worker.concurrency(CONCURRENCY).run_until(async move { over.notified().await }).await?;
    Ok(())
}

/// Tells when so many jobs are sent.
#[derive(Clone, Debug)]
struct Countdown {
    left: Arc<AtomicUsize>,
    over: Arc<Notify>,
}

impl OutboxObserver for Countdown {
    fn job_changed(&self, change: &JobChange<'_>) {
        if change.state == JobState::Sent && self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
    }
}
