//! The time from sending a message until an inbox yields it, with push and with polls.
//!
//! Depends on `timed_message`. Begin with `measure`.

use std::time::{Duration, Instant};

use kandy::{Device, Domain, Inbox};
use tokio::task::JoinSet;

use super::{
    Latencies,
    timed_message::{send, time_since_sent},
};
use crate::BoxError;

/// The messages that are sent in a second.
pub(super) const RATE: u32 = 200;

/// The recipient.
const USER: &str = "reader";

/// Sends messages at a constant rate to an inbox with the default settings, which acknowledges each.
pub(super) async fn measure(
    domain: &Domain,
    sender: &Device,
    is_pushed: bool,
    during: Duration,
) -> Result<Latencies, BoxError> {
    let created = domain.create_user(USER).await?;
    let user = domain.user(USER);
    let messages = user.device(user.devices().await?.swap_remove(0).device_id).messages();
    let mut inbox = if is_pushed { messages.push().stream() } else { messages.stream() };
    let started = Instant::now();
    // The second message arrives when the channel is connected.
    for _ in 0..2 {
        send(sender, USER, started).await?;
        next(&mut inbox, started).await?;
    }

    let began = Instant::now();
    let number = (during.as_secs_f64() * f64::from(RATE)) as u32;
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
            let mut sends = JoinSet::new();
            for _ in 0..number {
                ticks.tick().await;
                let sender = sender.clone();
                // In a task, so that the rate does not depend on how long sending takes.
                sends.spawn(async move { send(&sender, USER, started).await });
            }
            sends.join_all().await.into_iter().collect::<kandy::Result<()>>()
        }
    });
    let mut times = Vec::new();
    for _ in 0..number {
        times.push(next(&mut inbox, started).await?.as_secs_f64());
    }
    let all = began.elapsed().as_secs_f64();
    sending.await??;
    if is_pushed != inbox.is_pushed() {
        return Err("the channel of the inbox was lost".into());
    }
    inbox.close().await?;
    domain.delete_user(created.api_key.ok_or("a user without an API key")?).await?;
    Ok(Latencies::of(times, all))
}

/// Receives and acknowledges a message. Returns the time from sending it.
async fn next(inbox: &mut Inbox, started: Instant) -> Result<Duration, BoxError> {
    let message = inbox.try_next().await?.ok_or("the inbox has ended")?;
    let time = time_since_sent(&message, started).ok_or("another message")?;
    message.ack().await?;
    Ok(time)
}
