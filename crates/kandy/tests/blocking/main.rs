//! Tests of `kandy::blocking`: over real sockets, against the emulator and a server whose responses a test holds back.

mod callbacks;
mod cancellation;
#[cfg(feature = "push")]
mod channel;
mod clients;
mod files;
mod iterators;
mod same_as_async;
mod server;
mod surroundings;

use kandy::blocking::{Device, Domain, Kandy, User};
use kandy_emulator::Emulator;

/// Builds a blocking client of an emulator.
fn client(emulator: &Emulator) -> Kandy {
    Kandy::builder().base_url(emulator.base_url()).build_blocking().expect("a client")
}

/// Creates the domain `example.com`.
fn domain(kandy: &Kandy, emulator: &Emulator) -> kandy::Result<Domain> {
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").send()?;
    Ok(kandy.domain(created.api_key, created.api_secret))
}

/// Creates a user, and returns it with its first device.
fn user(domain: &Domain, user_id: &str) -> kandy::Result<(User, Device)> {
    domain.create_user(user_id).send()?;
    let user = domain.user(user_id);
    let device_id = user.devices().send()?.swap_remove(0).device_id;
    Ok((user.clone(), user.device(device_id)))
}

/// Returns how many requests of an operation an emulator has received.
fn requests_of(emulator: &Emulator, operation: &str) -> usize {
    emulator.requests().iter().filter(|request| request.operation == Some(operation)).count()
}
