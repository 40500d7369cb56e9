//! A message whose text tells when it was sent. Depends on nothing.

use std::time::{Duration, Instant};

use kandy::{Device, PendingMessage};

/// The domain of all users.
pub(super) const DOMAIN: &str = "channels.example.com";

/// Sends a message with the time since `started` as its text.
pub(super) async fn send(sender: &Device, user_id: &str, started: Instant) -> kandy::Result<()> {
    let text = started.elapsed().as_nanos().to_string();
    sender.send_message(format!("{user_id}@{DOMAIN}"), text).await.map(drop)
}

/// Returns how long ago a message was sent.
pub(super) fn time_since_sent(message: &PendingMessage, started: Instant) -> Option<Duration> {
    let sent = message.content.as_ref()?.text()?.parse().ok()?;
    Some(started.elapsed().saturating_sub(Duration::from_nanos(sent)))
}
