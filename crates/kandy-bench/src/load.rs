//! Puts load on a side, on a runtime as `#[tokio::main]` makes one.

use std::time::{Duration, Instant};

use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    Failure,
    side::{Kind, Side, Visitor},
};

/// A side that is set up, and what can be measured of it.
pub trait Contender {
    /// Calls in a second, with so many in flight all the time, over a while.
    ///
    /// # Errors
    ///
    /// When a call fails.
    fn throughput(&self, runtime: &Runtime, in_flight: usize, during: Duration) -> Result<f64, Failure>;

    /// Seconds for a call, of so many after each other.
    ///
    /// # Errors
    ///
    /// When a call fails.
    fn time_per_call(&self, runtime: &Runtime, calls: usize) -> Result<f64, Failure>;

    /// Seconds for a list.
    ///
    /// # Errors
    ///
    /// When the call fails.
    fn time_of_list(&self, runtime: &Runtime) -> Result<f64, Failure>;
}

/// Sets a side up for the service at `base_url`.
///
/// # Errors
///
/// When its client cannot be set up.
pub fn contender(kind: Kind, base_url: &str) -> Result<Box<dyn Contender>, Failure> {
    struct SetUp<'a>(&'a str);

    impl Visitor for SetUp<'_> {
        type Output = Result<Box<dyn Contender>, Failure>;

        fn visit<S: Side>(self) -> Self::Output {
            Ok(Box::new(Ready(S::at(self.0)?)))
        }
    }

    kind.visit(SetUp(base_url))
}

struct Ready<S>(S);

impl<S: Side> Contender for Ready<S> {
    fn throughput(&self, runtime: &Runtime, in_flight: usize, during: Duration) -> Result<f64, Failure> {
        runtime.block_on(async {
            let begun = Instant::now();
            let mut workers = JoinSet::new();
            for _ in 0..in_flight {
                let side = self.0.clone();
                workers.spawn(async move {
                    let mut calls = 0_u64;
                    while begun.elapsed() < during {
                        side.get().await?;
                        calls += 1;
                    }
                    Ok::<_, Failure>(calls)
                });
            }
            let mut calls = 0;
            while let Some(worker) = workers.join_next().await {
                calls += worker??;
            }
            Ok(calls as f64 / begun.elapsed().as_secs_f64())
        })
    }

    fn time_per_call(&self, runtime: &Runtime, calls: usize) -> Result<f64, Failure> {
        runtime.block_on(async {
            let begun = Instant::now();
            for _ in 0..calls {
                self.0.get().await?;
            }
            Ok(begun.elapsed().as_secs_f64() / calls as f64)
        })
    }

    fn time_of_list(&self, runtime: &Runtime) -> Result<f64, Failure> {
        let side = self.0.clone();
        // On a worker, where the calls of a program usually are.
        runtime.block_on(async {
            let begun = Instant::now();
            tokio::spawn(async move { side.list().await.map(drop) }).await??;
            Ok(begun.elapsed().as_secs_f64())
        })
    }
}

/// A runtime as `#[tokio::main]` makes one.
///
/// # Errors
///
/// When the system has no threads left.
pub fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// A runtime with one thread, on which all of a call happens.
///
/// # Errors
///
/// When the system does not have what it needs.
pub fn single_thread() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
