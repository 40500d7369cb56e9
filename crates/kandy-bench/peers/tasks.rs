//! The load of a client with async calls: a task for each call in flight, on the runtime of `#[tokio::main]`.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::protocol::{self, BoxError, Mode};

pub trait Client: Clone + Send + Sync + 'static {
    /// One call. Its response is decoded and dropped.
    fn call(&self) -> impl Future<Output = Result<(), BoxError>> + Send;
}

pub async fn run<C: Client>(at: impl FnOnce(&str) -> Result<C, BoxError>) -> Result<(), BoxError> {
    let started = Instant::now();
    let (base_url, mode) = protocol::arguments()?;
    let client = at(&base_url)?;
    client.call().await?;
    match mode {
        Mode::Once => protocol::print_result(1, started.elapsed().as_secs_f64(), protocol::cpu_time()),
        Mode::InFlight(calls) => {
            protocol::wait_for_start()?;
            measure(&client, calls, Duration::ZERO).await
        }
        Mode::Throughput { in_flight, seconds } => {
            load(&client, in_flight, Duration::from_secs_f64(seconds / 2.0)).await?;
            measure(&client, in_flight, Duration::from_secs_f64(seconds)).await
        }
    }
}

async fn measure<C: Client>(client: &C, in_flight: usize, during: Duration) -> Result<(), BoxError> {
    let (cpu, started) = (protocol::cpu_time(), Instant::now());
    let calls = load(client, in_flight, during).await?;
    protocol::print_result(calls, started.elapsed().as_secs_f64(), protocol::cpu_time() - cpu)
}

/// Each task calls at least once, and until the time is over.
async fn load<C: Client>(client: &C, in_flight: usize, during: Duration) -> Result<u64, BoxError> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..in_flight {
        let client = client.clone();
        tasks.spawn(async move {
            let mut calls = 0_u64;
            loop {
                client.call().await?;
                calls += 1;
                if started.elapsed() >= during {
                    return Ok::<_, BoxError>(calls);
                }
            }
        });
    }
    let mut calls = 0;
    while let Some(task) = tasks.join_next().await {
        calls += task??;
    }
    Ok(calls)
}
