//! The process of the client: it holds the channels, sends messages, and measures when they arrive.
//!
//! Depends on `latency`, `timed_message`, `helper` and `load`. Begin with `run`.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use kandy::{ChannelEvent, ChannelState, Device, Domain, Kandy, User};
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET};
use tokio::{runtime::Runtime, sync::mpsc};

use super::{
    Latencies, latency,
    timed_message::{DOMAIN, send, time_since_sent},
};
use crate::{BoxError, helper, load};

/// The calls in flight while users are created, and the channels that are being opened.
const CONCURRENCY: usize = 256;
/// The messages in flight.
const SENDS: usize = 64;
/// Much longer than any call takes, also while all channels are opened.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What the task of a channel reports.
enum Report {
    Connected,
    /// A message arrived; the time from sending it.
    Arrived(Duration),
    Lost(String),
}

/// The users, their channels, and a user who sends.
struct Client {
    domain: Domain,
    users: Vec<User>,
    sender: Device,
    started: Instant,
    reports: (mpsc::UnboundedSender<Report>, mpsc::UnboundedReceiver<Report>),
}

/// Runs the process: `open` opens all channels, `deliver` sends a message to each, `send 1000 10` sends that
/// many to the first ten, `push 1000` and `poll 1000` measure an
/// inbox for that many milliseconds.
///
/// # Errors
///
/// When a call fails, or a channel is lost.
pub fn run(base_url: &str, channels: usize) -> Result<(), BoxError> {
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let runtime = load::runtime()?;
    let mut client = runtime.block_on(Client::start(base_url, channels))?;
    helper::print_line("ready")?;
    helper::serve(|line| client.respond(&runtime, line).map(Some))
}

impl Client {
    /// Creates the users, each with an access token, so that opening a channel takes none.
    async fn start(base_url: &str, channels: usize) -> Result<Self, BoxError> {
        let kandy = Kandy::builder().base_url(base_url).timeout(TIMEOUT).connect_timeout(TIMEOUT).build()?;
        let account = kandy.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
        let created = account.create_domain(DOMAIN).await?;
        let domain = kandy.domain(created.api_key, created.api_secret);
        let create = async |number: usize| {
            let user_id = user_id(number);
            domain.create_user(user_id.as_str()).await?;
            let user = domain.user(user_id);
            user.access_token().await?;
            Ok::<_, kandy::Error>(user)
        };
        let users = stream::iter(0..channels).map(create).buffered(CONCURRENCY).try_collect().await?;
        domain.create_user("sender").await?;
        let sender = domain.user("sender");
        let sender = sender.device(sender.devices().await?.swap_remove(0).device_id);
        Ok(Self { domain, users, sender, started: Instant::now(), reports: mpsc::unbounded_channel() })
    }

    fn respond(&mut self, runtime: &Runtime, line: &str) -> Result<String, BoxError> {
        match line.split_once(' ') {
            None if line == "open" => Ok(runtime.block_on(self.open())?.to_string()),
            None => {
                let number = self.users.len();
                Ok(serde_json::to_string(&runtime.block_on(self.deliver(number, number))?)?)
            }
            Some(("send", numbers)) => {
                let (number, users) = numbers.split_once(' ').ok_or("two numbers")?;
                Ok(serde_json::to_string(&runtime.block_on(self.deliver(number.parse()?, users.parse()?))?)?)
            }
            Some((way, during)) => {
                let during = Duration::from_millis(during.parse()?);
                let latencies = latency::measure(&self.domain, &self.sender, way == "push", during);
                Ok(serde_json::to_string(&runtime.block_on(latencies)?)?)
            }
        }
    }

    /// Opens all channels, and returns the seconds that it took.
    async fn open(&mut self) -> Result<f64, BoxError> {
        let began = Instant::now();
        for at in 0..self.users.len() + CONCURRENCY {
            if let Some(user) = self.users.get(at) {
                tokio::spawn(hold(user.clone(), self.started, self.reports.0.clone()));
            }
            // One more is opened for each that is connected.
            if at >= CONCURRENCY {
                self.report().await?;
            }
        }
        Ok(began.elapsed().as_secs_f64())
    }

    /// Sends messages to the first users in turns, and waits until all have arrived.
    async fn deliver(&mut self, number: usize, users: usize) -> Result<Latencies, BoxError> {
        let (began, started, sender) = (Instant::now(), self.started, self.sender.clone());
        let sends = stream::iter(0..number).map(move |number| {
            let sender = sender.clone();
            async move { send(&sender, &user_id(number % users), started).await }
        });
        let sending = tokio::spawn(sends.buffer_unordered(SENDS).try_collect::<()>());
        let mut times = Vec::with_capacity(number);
        while times.len() < number {
            times.extend(self.report().await?.map(|time| time.as_secs_f64()));
        }
        sending.await??;
        Ok(Latencies::of(times, began.elapsed().as_secs_f64()))
    }

    /// Waits for the next report.
    async fn report(&mut self) -> Result<Option<Duration>, BoxError> {
        match self.reports.1.recv().await {
            Some(Report::Connected) => Ok(None),
            Some(Report::Arrived(time)) => Ok(Some(time)),
            Some(Report::Lost(reason)) => Err(format!("a channel is {reason}").into()),
            None => Err("no channel is left".into()),
        }
    }
}

fn user_id(number: usize) -> String {
    format!("user{number}")
}

/// Holds a channel open, as a program does.
async fn hold(user: User, started: Instant, reports: mpsc::UnboundedSender<Report>) {
    let mut channel = user.channel();
    drop(user);
    while let Some(event) = channel.next().await {
        let report = match event {
            Ok(ChannelEvent::State(ChannelState::Connected)) => Some(Report::Connected),
            Ok(ChannelEvent::State(state)) => Some(Report::Lost(state.to_string())),
            Ok(ChannelEvent::Message(message)) => time_since_sent(&message, started).map(Report::Arrived),
            Ok(_) => None,
            Err(error) => Some(Report::Lost(error.to_string())),
        };
        // An error means that the process is about to end.
        report.and_then(|report| reports.send(report).ok());
    }
}
