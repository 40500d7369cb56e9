//! The events of the emulator: how many a reader receives, and what reading costs the requests.
//!
//! `reader` is the process that reads. Depends on `helper`, `wire` and `report`. Begin with [`measure`].

mod reader;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use kandy::Kandy;
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET};
use tokio::{runtime::Runtime, time::MissedTickBehavior};

use self::reader::Counts;
use crate::{
    BoxError,
    helper::Helper,
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit},
    wire::{Wire, request},
};

pub use reader::run as run_reader;

/// The requests per second whose events are read.
const RATE: u32 = 1_000;
/// The requests that are sent at once.
const AT_ONCE: u32 = 10;
/// The connections that put load on the emulator.
const CONNECTIONS: usize = 16;
/// Longer than events take to arrive.
const LONG_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the measurements, with the emulator and the reader in a process of its own each.
///
/// # Errors
///
/// When a request fails, or events do not arrive.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("The emulator: events");
    let runtime = load::runtime()?;
    let mut emulator = Helper::itself(["emulator-server"])?;
    let address: SocketAddr = emulator.read_line()?.parse()?;
    let read = runtime.block_on(set_up(address))?;
    receive(plan, &runtime, address, &read, &mut section)?;
    cost(plan, &runtime, address, &read, &mut section)?;
    Ok(section)
}

/// Creates a user, and returns the request that reads it.
async fn set_up(address: SocketAddr) -> Result<Vec<u8>, BoxError> {
    let kandy = Kandy::builder().base_url(format!("http://{address}/v1.2")).build()?;
    let account = kandy.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
    let created = account.create_domain("events.example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    let user = domain.create_user("russ").country_code("US").await?.api_key.ok_or("a user without an API key")?;
    let token = domain.access_token().await?;
    let (user, token) = (user.expose(), token.expose());
    Ok(request("GET", &format!("/v1.2/domains/users/details?user_api_key={user}&key={token}"), ""))
}

/// Starts a reader, and waits until it is connected.
fn start_reader(address: SocketAddr) -> Result<Helper, BoxError> {
    let mut reader = Helper::itself(["event-reader", &address.to_string()])?;
    reader.read_line()?;
    Ok(reader)
}

/// Sends requests at a constant rate, and counts the events.
fn receive(
    plan: Plan,
    runtime: &Runtime,
    address: SocketAddr,
    read: &[u8],
    section: &mut Section,
) -> Result<(), BoxError> {
    progress(format!("events of {RATE} requests/s"));
    let number = plan.of(RATE, RATE / 5);
    let (mut sent, mut received, mut dropped) = (Vec::new(), Vec::new(), 0);
    let mut reader = start_reader(address)?;
    let mut before = counts(&mut reader)?;
    for _ in 0..plan.rounds(20) {
        let started = Instant::now();
        runtime.block_on(send(address, read, number))?;
        sent.push(f64::from(number) / started.elapsed().as_secs_f64());
        let after = loop {
            let now = counts(&mut reader)?;
            let events = now.requests - before.requests + now.dropped - before.dropped;
            if events >= u64::from(number) {
                break now;
            }
            if started.elapsed() > LONG_TIMEOUT {
                return Err(format!("only {events} of {number} events arrived").into());
            }
        };
        received.push((after.requests - before.requests) as f64 / started.elapsed().as_secs_f64());
        dropped += after.dropped - before.dropped;
        before = after;
    }
    let figure = |name: &str, rounds| Figure::new(name, Unit::PerSecond, rounds);
    let row = Row::new(format!("events that one reader receives / requests, at {RATE} requests/s"));
    section.add(row.ratio(figure("events", received), figure("requests", sent)));
    let row = Row::new("none of these events is dropped");
    section.add(row.truth(dropped == 0, format!("{dropped} dropped")));
    Ok(())
}

fn counts(reader: &mut Helper) -> Result<Counts, BoxError> {
    Ok(serde_json::from_str(&reader.request("count")?)?)
}

async fn send(address: SocketAddr, read: &[u8], number: u32) -> Result<(), BoxError> {
    let mut wire = Wire::connect(address).await?;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) * AT_ONCE / RATE);
    // The rate holds on average, also after a moment without the processor.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..number / AT_ONCE {
        ticks.tick().await;
        for _ in 0..AT_ONCE {
            wire.request(read, |_| ()).await?;
        }
    }
    Ok(())
}

/// Compares the throughput with a reader and without.
fn cost(
    plan: Plan,
    runtime: &Runtime,
    address: SocketAddr,
    read: &[u8],
    section: &mut Section,
) -> Result<(), BoxError> {
    progress("throughput of the emulator with a reader of its events");
    let mut rounds = alternate(plan.warm_up(), plan.rounds(20), &mut [true, false], |is_read| {
        let _reader = if *is_read { Some(start_reader(address)?) } else { None };
        runtime.block_on(throughput(address, read, plan.round()))
    })?
    .into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
    let (with, without) = (figure("with"), figure("without"));
    let what = format!("throughput of the emulator, {CONNECTIONS} connections: with a reader of events / without");
    section.add(Row::new(what).ratio(with, without));
    Ok(())
}

async fn throughput(address: SocketAddr, read: &[u8], during: Duration) -> Result<f64, BoxError> {
    let wires = try_join_all((0..CONNECTIONS).map(|_| Wire::connect(address))).await?;
    let started = Instant::now();
    let calls = wires.into_iter().map(async |mut wire| {
        let mut calls = 0_u64;
        while started.elapsed() < during {
            wire.request(read, |_| ()).await?;
            calls += 1;
        }
        Ok::<_, BoxError>(calls)
    });
    let calls: u64 = try_join_all(calls).await?.into_iter().sum();
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}
