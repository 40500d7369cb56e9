//! The throughput of reads and writes beside a bare handler.
//!
//! Depends on `bare`, `load_target`, `service` and `wire`. Begin with `measure`.

use std::{
    cell::Cell,
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use tokio::runtime::Runtime;

use super::{
    bare,
    load_target::{self, LoadTarget},
    service::Service,
};
use crate::{
    BoxError, load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit},
    wire::Wire,
};

/// Numbers of connections that send requests.
const CONNECTIONS: [usize; 3] = [1, 32, 256];

/// Measures reads and writes beside a bare handler with responses of the same size.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::single_thread()?;
    let service = runtime.block_on(Service::start())?;
    // Counts on over all rounds: a user is created once.
    let sent = Cell::new(0);
    for target in runtime.block_on(load_target::all(&service))? {
        let (length, headers) = runtime.block_on(response_size(&service, &target, &sent))?;
        let (_bare, bare_address) = bare::start(length, headers)?;
        let addresses = [service.address, bare_address];
        for connections in CONNECTIONS {
            section.add(beside_bare(plan, &runtime, addresses, &target, connections, &sent)?);
        }
    }
    Ok(())
}

/// Measures an operation on the emulator and on the bare server in turns.
fn beside_bare(
    plan: Plan,
    runtime: &Runtime,
    mut addresses: [SocketAddr; 2],
    target: &LoadTarget,
    connections: usize,
    sent: &Cell<usize>,
) -> Result<Row, BoxError> {
    let LoadTarget { operation, kind, .. } = target;
    let on = match connections {
        1 => "1 connection".to_owned(),
        _ => format!("{connections} connections"),
    };
    progress(format!("the emulator beside a bare handler: {operation} on {on}"));
    let rounds = alternate(1, plan.rounds(30), &mut addresses, |address| {
        runtime.block_on(throughput(*address, target, connections, sent, plan.round()))
    })?;
    let mut figures =
        ["emulator", "bare"].iter().zip(rounds).map(|(name, rounds)| Figure::new(*name, Unit::PerSecond, rounds));
    let (emulator, bare) = (figures.next().flatten(), figures.next().flatten());
    let what = kind.name();
    let row = Row::new(format!("throughput of {what}, {on}: {operation}, emulator / bare axum handler"));
    Ok(row.ratio(emulator, bare).target(kind.target()))
}

/// Returns the length of the body of a response, and the number of its headers.
async fn response_size(service: &Service, target: &LoadTarget, sent: &Cell<usize>) -> Result<(usize, usize), BoxError> {
    let mut wire = Wire::connect(service.address).await?;
    let mut length = 0;
    let headers = wire.request(&target.request(sent.replace(sent.get() + 1)), |chunk| length += chunk.len()).await?;
    Ok((length, headers))
}

async fn throughput(
    address: SocketAddr,
    target: &LoadTarget,
    connections: usize,
    sent: &Cell<usize>,
    during: Duration,
) -> Result<f64, BoxError> {
    let wires = try_join_all((0..connections).map(|_| Wire::connect(address))).await?;
    let started = Instant::now();
    let calls = wires.into_iter().map(async |mut wire| {
        let mut calls = 0_u64;
        while started.elapsed() < during {
            wire.request(&target.request(sent.replace(sent.get() + 1)), |_| ()).await?;
            calls += 1;
        }
        Ok::<_, BoxError>(calls)
    });
    let calls: u64 = try_join_all(calls).await?.into_iter().sum();
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}
