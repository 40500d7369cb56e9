//! The load of a client with blocking calls: a thread for each call in flight.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::protocol::{self, BoxError, Mode};

pub trait Client: Clone + Send + 'static {
    /// One call. Its response is decoded and dropped.
    fn call(&self) -> Result<(), BoxError>;
}

pub fn run<C: Client>(at: impl FnOnce(&str) -> Result<C, BoxError>) -> Result<(), BoxError> {
    let started = Instant::now();
    let (base_url, mode) = protocol::arguments()?;
    let client = at(&base_url)?;
    client.call()?;
    match mode {
        Mode::Once => protocol::print_result(1, started.elapsed().as_secs_f64(), protocol::cpu_time()),
        Mode::InFlight(calls) => {
            protocol::wait_for_start()?;
            measure(&client, calls, Duration::ZERO)
        }
        Mode::Throughput { in_flight, seconds } => {
            load(&client, in_flight, Duration::from_secs_f64(seconds / 2.0))?;
            measure(&client, in_flight, Duration::from_secs_f64(seconds))
        }
    }
}

fn measure<C: Client>(client: &C, in_flight: usize, during: Duration) -> Result<(), BoxError> {
    let (cpu, started) = (protocol::cpu_time(), Instant::now());
    let calls = load(client, in_flight, during)?;
    protocol::print_result(calls, started.elapsed().as_secs_f64(), protocol::cpu_time() - cpu)
}

/// Each thread calls at least once, and until the time is over.
fn load<C: Client>(client: &C, in_flight: usize, during: Duration) -> Result<u64, BoxError> {
    let started = Instant::now();
    let mut threads = Vec::with_capacity(in_flight);
    for _ in 0..in_flight {
        let client = client.clone();
        threads.push(thread::Builder::new().spawn(move || {
            let mut calls = 0_u64;
            loop {
                client.call()?;
                calls += 1;
                if started.elapsed() >= during {
                    return Ok::<_, BoxError>(calls);
                }
            }
        })?);
    }
    let mut calls = 0;
    for thread in threads {
        calls += thread.join().map_err(|_| "a thread panicked")??;
    }
    Ok(calls)
}
