//! The throughput of reads beside a bare handler.
//!
//! Depends on `bare`, `service` and `wire`. Begin with `measure`.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;

use super::{
    bare,
    service::{Service, result},
};
use crate::{
    BoxError, load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
    wire::{Wire, request},
};

/// Number of connections that send requests.
const CONNECTIONS: usize = 32;

/// Measures reads beside a bare handler with responses of the same size.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::single_thread()?;
    let service = runtime.block_on(Service::start())?;
    let token = &service.domain.token;
    let (user_api_key, user_token) = runtime.block_on(async {
        let mut wire = Wire::connect(service.address).await?;
        let body = r#"{"user_id":"russ","user_country_code":"US","user_email":"russ@example.com"}"#;
        let target = format!("/v1.2/domains/users/user_id?key={token}");
        let created = result(&mut wire, &request("POST", &target, body)).await?;
        Ok::<_, BoxError>((created.text("user_api_key")?, service.create_user(&mut wire, "anna").await?))
    })?;
    let reads = [
        ("user_get", format!("/v1.2/domains/users/details?user_api_key={user_api_key}&key={token}")),
        ("user_list", format!("/v1.2/domains/users?key={token}")),
        ("device_list", format!("/v1.2/users/devices?key={user_token}")),
    ];
    for (name, target) in reads {
        progress(format!("the emulator beside a bare handler: {name}"));
        let ask = request("GET", &target, "");
        let (length, headers) = runtime.block_on(async {
            let mut wire = Wire::connect(service.address).await?;
            let mut length = 0;
            let headers = wire.request(&ask, |chunk| length += chunk.len()).await?;
            Ok::<_, BoxError>((length, headers))
        })?;
        let (_bare, bare_address) = bare::start(length, headers)?;
        let mut addresses = [service.address, bare_address];
        let rounds = alternate(1, plan.of(15, 3), &mut addresses, |address| {
            runtime.block_on(throughput(*address, &ask, plan.round()))
        })?;
        let mut figures =
            ["emulator", "bare"].iter().zip(rounds).map(|(name, rounds)| Figure::new(*name, Unit::PerSecond, rounds));
        let (emulator, bare) = (figures.next().flatten(), figures.next().flatten());
        let row = Row::new(format!("throughput of reads: {name}, emulator / bare axum handler"));
        section.add(row.ratio(emulator, bare).target(Target::AtLeast(0.6)));
    }
    Ok(())
}

async fn throughput(address: SocketAddr, request: &[u8], during: Duration) -> Result<f64, BoxError> {
    let wires = try_join_all((0..CONNECTIONS).map(|_| Wire::connect(address))).await?;
    let started = Instant::now();
    let calls = wires.into_iter().map(async |mut wire| {
        let mut calls = 0_u64;
        while started.elapsed() < during {
            wire.request(request, |_| ()).await?;
            calls += 1;
        }
        Ok::<_, BoxError>(calls)
    });
    let calls: u64 = try_join_all(calls).await?.into_iter().sum();
    Ok(calls as f64 / started.elapsed().as_secs_f64())
}
