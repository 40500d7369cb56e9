//! The throughput of reads and writes beside a bare handler, and beside two emulators, which share no lock.
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
/// A read and a write that are also sent to two emulators.
const SPLIT: [&str; 2] = ["user_get", "user_create"];

/// A server, and what it is asked.
#[derive(Clone, Copy)]
struct Server<'a> {
    address: SocketAddr,
    target: &'a LoadTarget,
}

/// Measures reads and writes beside a bare handler with responses of the same size.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::single_thread()?;
    let (service, second) = (runtime.block_on(Service::start())?, runtime.block_on(Service::start())?);
    let targets = runtime.block_on(load_target::all(&service))?;
    let second_targets = runtime.block_on(load_target::all(&second))?;
    // Counts on over all rounds: a user is created once.
    let sent = Cell::new(0);
    for (target, second_target) in targets.iter().zip(&second_targets) {
        let (length, headers) = runtime.block_on(response_size(&service, target, &sent))?;
        let (_bare, bare_address) = bare::start(length, headers)?;
        let emulator = Server { address: service.address, target };
        let bare = Server { address: bare_address, target };
        for connections in CONNECTIONS {
            let (what, on) = (target.kind.name(), on(connections));
            progress(format!("the emulator beside a bare handler: {} on {on}", target.operation));
            let row =
                Row::new(format!("throughput of {what}, {on}: {}, emulator / bare axum handler", target.operation));
            let [emulator, bare] =
                in_turns(plan, &runtime, [("emulator", &[emulator]), ("bare", &[bare])], connections, &sent)?;
            section.add(row.ratio(emulator, bare).target(target.kind.target()));
        }
        if !SPLIT.contains(&target.operation) {
            continue;
        }
        // What any division of the state can win: the second emulator shares no lock, and nothing else, with the first.
        let two = [emulator, Server { address: second.address, target: second_target }];
        for connections in CONNECTIONS.into_iter().filter(|connections| *connections > 1) {
            let on = on(connections);
            progress(format!("one emulator beside two: {} on {on}", target.operation));
            let row = Row::new(format!("the one lock, {on}: {}, emulator / two, which share none", target.operation));
            let [one, two] = in_turns(plan, &runtime, [("one", &[emulator]), ("two", &two)], connections, &sent)?;
            section.add(row.ratio(one, two));
        }
    }
    Ok(())
}

fn on(connections: usize) -> String {
    match connections {
        1 => "1 connection".to_owned(),
        _ => format!("{connections} connections"),
    }
}

/// Measures two sides in turns, each by name with its servers.
fn in_turns(
    plan: Plan,
    runtime: &Runtime,
    mut sides: [(&'static str, &[Server<'_>]); 2],
    connections: usize,
    sent: &Cell<usize>,
) -> Result<[Option<Figure>; 2], BoxError> {
    let rounds = alternate(1, plan.rounds(30), &mut sides, |(_, servers)| {
        runtime.block_on(throughput(servers, connections, sent, plan.round()))
    })?;
    let mut figures = sides.iter().zip(rounds).map(|((name, _), rounds)| Figure::new(*name, Unit::PerSecond, rounds));
    Ok([figures.next().flatten(), figures.next().flatten()])
}

/// Returns the length of the body of a response, and the number of its headers.
async fn response_size(service: &Service, target: &LoadTarget, sent: &Cell<usize>) -> Result<(usize, usize), BoxError> {
    let mut wire = Wire::connect(service.address).await?;
    let mut length = 0;
    let headers = wire.request(&target.request(sent.replace(sent.get() + 1)), |chunk| length += chunk.len()).await?;
    Ok((length, headers))
}

/// The connections are divided among the servers.
async fn throughput(
    servers: &[Server<'_>],
    connections: usize,
    sent: &Cell<usize>,
    during: Duration,
) -> Result<f64, BoxError> {
    let wires = servers.iter().cycle().take(connections).map(|server| Wire::connect(server.address));
    let wires = try_join_all(wires).await?;
    let started = Instant::now();
    let calls = wires.into_iter().zip(servers.iter().cycle()).map(async |(mut wire, Server { target, .. })| {
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
