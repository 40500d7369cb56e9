//! Puts load on a client, on a runtime like that of `#[tokio::main]`.
//!
//! Depends on `client`. Begin with [`Candidate`].

use std::time::{Duration, Instant};

use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    BoxError,
    client::{ClientUnderTest, Kind, Visitor},
};

/// A client that is ready to be measured.
pub trait Candidate {
    /// Measures calls per second, with a constant number in flight.
    ///
    /// # Errors
    ///
    /// When a call fails.
    fn throughput(&self, runtime: &Runtime, in_flight: usize, during: Duration) -> Result<f64, BoxError>;

    /// Measures the seconds per call, one after another.
    ///
    /// # Errors
    ///
    /// When a call fails.
    fn time_per_call(&self, runtime: &Runtime, calls: usize) -> Result<f64, BoxError>;

    /// Measures the seconds of a list.
    ///
    /// # Errors
    ///
    /// When the call fails.
    fn time_of_list(&self, runtime: &Runtime) -> Result<f64, BoxError>;
}

/// Creates a client for the service at `base_url`.
///
/// # Errors
///
/// When the client cannot be created.
pub fn candidate(kind: Kind, base_url: &str) -> Result<Box<dyn Candidate>, BoxError> {
    struct SetUp<'a>(&'a str);

    impl Visitor for SetUp<'_> {
        type Output = Result<Box<dyn Candidate>, BoxError>;

        fn visit<S: ClientUnderTest>(self) -> Self::Output {
            Ok(Box::new(Ready(S::at(self.0)?)))
        }
    }

    kind.visit(SetUp(base_url))
}

struct Ready<S>(S);

impl<S: ClientUnderTest> Candidate for Ready<S> {
    fn throughput(&self, runtime: &Runtime, in_flight: usize, during: Duration) -> Result<f64, BoxError> {
        runtime.block_on(async {
            let started = Instant::now();
            let mut workers = JoinSet::new();
            for _ in 0..in_flight {
                let client = self.0.clone();
                workers.spawn(async move {
                    let mut calls = 0_u64;
                    while started.elapsed() < during {
                        client.get().await?;
                        calls += 1;
                    }
                    Ok::<_, BoxError>(calls)
                });
            }
            let mut calls = 0;
            while let Some(worker) = workers.join_next().await {
                calls += worker??;
            }
            Ok(calls as f64 / started.elapsed().as_secs_f64())
        })
    }

    fn time_per_call(&self, runtime: &Runtime, calls: usize) -> Result<f64, BoxError> {
        runtime.block_on(async {
            let started = Instant::now();
            for _ in 0..calls {
                self.0.get().await?;
            }
            Ok(started.elapsed().as_secs_f64() / calls as f64)
        })
    }

    fn time_of_list(&self, runtime: &Runtime) -> Result<f64, BoxError> {
        let client = self.0.clone();
        // On a worker thread, as in most programs.
        runtime.block_on(async {
            let started = Instant::now();
            tokio::spawn(async move { client.list().await.map(drop) }).await??;
            Ok(started.elapsed().as_secs_f64())
        })
    }
}

/// A runtime as `#[tokio::main]` makes one.
///
/// # Errors
///
/// When the system has no threads left.
pub fn runtime() -> Result<Runtime, BoxError> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// A runtime with one thread, on which all of a call happens.
///
/// # Errors
///
/// When the system does not have what it needs.
pub fn single_thread() -> Result<Runtime, BoxError> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
