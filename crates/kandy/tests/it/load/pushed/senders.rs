//! Users who send messages at the same time, each one after another.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use kandy::Device;
use tokio::sync::Semaphore;

use crate::support::emulator::TestDomain;

/// The number of senders.
pub(super) const SENDERS: usize = 5;
/// The most messages that are sent and not handled yet. So they are sent while the channel is open, and not before.
const UNHANDLED: usize = 64;

/// The recipient of all messages.
pub(super) const RECIPIENT: &str = "anna@example.com";

/// The users who send, and what they sent.
#[derive(Clone)]
pub(super) struct Senders {
    devices: Vec<Device>,
    /// One permit for each message that may be sent.
    permits: Arc<Semaphore>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Senders {
    pub(super) async fn create(test: &TestDomain) -> Self {
        let devices = (0..SENDERS).map(async |number| test.create_user(&format!("sender{number}")).await.1);
        let (devices, permits) = (join_all(devices).await, Arc::new(Semaphore::new(UNHANDLED)));
        Self { devices, permits, sent: Arc::default() }
    }

    /// Allows one more message.
    pub(super) fn permit_one(&self) {
        self.permits.add_permits(1);
    }

    /// Sends messages with the texts `SENDER NUMBER`; the numbers of each sender count from zero.
    pub(super) async fn send_all(&self, messages: usize) {
        let each = messages / self.devices.len();
        let all = self.devices.iter().enumerate().map(async |(sender, device)| {
            for number in 0..each {
                self.permits.acquire().await.expect("an open semaphore").forget();
                self.send(device, format!("{sender} {number}")).await;
            }
        });
        join_all(all).await;
    }

    /// Sends one message, whether it is permitted or not.
    pub(super) async fn send_one(&self, text: &str) {
        self.send(&self.devices[0], text.to_owned()).await;
    }

    async fn send(&self, device: &Device, text: String) {
        let id = device.send_message(RECIPIENT, text).await.expect("sent");
        self.sent.lock().expect("no panic").push(id.to_string());
    }

    /// Returns the ids of all messages so far.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("no panic").clone()
    }
}
