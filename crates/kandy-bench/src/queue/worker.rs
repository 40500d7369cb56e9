//! A process that sends SMS: of an outbox, or in a loop.
//!
//! Depends on `helper`. Begin with [`run`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use kandy::{Device, Kandy, Sms};
use kandy_outbox::{FileStore, JobChange, JobState, JobStore, Outbox, OutboxObserver};
use kandy_redis::{Redis, RedisJobStore};
use serde::{Deserialize, Serialize};

use super::redis_server::TIMEOUT;
use crate::{BoxError, helper, load};

/// The payload of a job.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Text {
    pub(super) to: String,
    pub(super) text: String,
}

/// What a process has sent in a round.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Report {
    pub(super) sent: usize,
    /// When the last SMS was sent, in seconds since 1970.
    pub(super) ended: f64,
}

/// Returns the seconds since 1970: the clock that processes share.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Runs the process: `loop NUMBER`, `file PATH` and `redis URL NAME` send, and return a `Report`.
///
/// # Errors
///
/// When a call fails.
pub fn run(base_url: &str, token: &str, device: &str, concurrency: usize) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    let kandy = Kandy::builder().base_url(base_url).build()?;
    let device = kandy.user_with_token(token).device(device);
    helper::print_line("ready")?;
    helper::serve(|line| {
        let device = device.clone();
        let words: Vec<_> = line.split(' ').collect();
        let report = runtime.block_on(async {
            match words.as_slice() {
                ["loop", number] => loop_of(device, number.parse()?, concurrency).await,
                ["file", path] => work(device, FileStore::open(path)?, concurrency).await,
                ["redis", url, name] => {
                    let redis = Redis::open(url)?.timeout(TIMEOUT);
                    work(device, RedisJobStore::new(&redis, name), concurrency).await
                }
                _ => Err("an unknown command".into()),
            }
        })?;
        Ok(Some(serde_json::to_string(&report)?))
    })
}

async fn loop_of(device: Device, number: usize, concurrency: usize) -> Result<Report, BoxError> {
    let messages = (0..number).map(|job| Sms::new(format!("+1224{job:07}"), "Hello"));
    let mut outcomes = device.send_many_sms(messages).concurrency(concurrency);
    let mut sent = 0;
    while let Some(outcome) = outcomes.next().await {
        outcome.result?;
        sent += 1;
    }
    Ok(Report { sent, ended: now() })
}

async fn work(device: Device, store: impl JobStore, concurrency: usize) -> Result<Report, BoxError> {
    let last = LastSent::default();
    let outbox: Outbox<Text> = Outbox::new(store).observer(last.clone());
    let worker = outbox.worker(move |text: Text| device.send_sms(text.to, text.text)).concurrency(concurrency);
    worker.run_until_settled().await?;
    let ended = f64::from_bits(last.ended.load(Ordering::Relaxed));
    Ok(Report { sent: last.sent.load(Ordering::Relaxed), ended })
}

/// When the last SMS was sent. A worker that has nothing left to send waits for the others, which is no part of a round.
#[derive(Clone, Debug, Default)]
struct LastSent {
    sent: Arc<AtomicUsize>,
    /// The bits of the time.
    ended: Arc<AtomicU64>,
}

impl OutboxObserver for LastSent {
    fn job_changed(&self, change: &JobChange<'_>) {
        if change.state == JobState::Sent {
            self.sent.fetch_add(1, Ordering::Relaxed);
            self.ended.store(now().to_bits(), Ordering::Relaxed);
        }
    }
}
