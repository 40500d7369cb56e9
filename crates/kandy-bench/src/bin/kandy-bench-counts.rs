//! Counts the allocations of a call: `kandy-bench-counts CLIENT CALL BASE_URL CALLS`.
//!
//! A call and its connection run on one thread, so that every allocation is counted. Under callgrind, the same binary
//! counts instructions.
#![forbid(unsafe_code)]

use std::{error::Error, io::Write};

use clap::Parser;
use kandy_bench::{
    BoxError,
    client::{ClientUnderTest, Kind, Visitor},
    counts::{Allocations, Call},
    load,
    stats::Spread,
};

/// Count the allocations of a call
#[derive(Parser)]
struct Options {
    client: Kind,
    call: Call,
    base_url: String,
    calls: usize,
}

/// Number of batches. Occasional allocations of the runtime are in a few of them only, and the median drops them.
const BATCHES: usize = 20;
/// Calls in flight, where there are many.
const CONCURRENCY: usize = 32;
/// Number of calls before the first counted one.
const WARM_UP: usize = 50;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let options = Options::parse();
    let counted =
        options.client.visit(Count { call: options.call, base_url: &options.base_url, calls: options.calls })?;
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&counted)?)?)
}

struct Count<'a> {
    call: Call,
    base_url: &'a str,
    calls: usize,
}

impl Visitor for Count<'_> {
    type Output = Result<Allocations, BoxError>;

    fn visit<S: ClientUnderTest>(self) -> Self::Output {
        let client = S::at(self.base_url)?;
        let runtime = load::single_thread()?;
        let some = |calls| {
            runtime.block_on(async {
                let done = match self.call {
                    Call::CreateUsers => client.create_many(calls, CONCURRENCY).await,
                    Call::SendManySms => client.sms_many(calls, CONCURRENCY).await,
                    one => {
                        for _ in 0..calls {
                            match one {
                                Call::Create => client.create("russ").await?,
                                Call::Sms => client.sms().await?,
                                _ => client.get().await?,
                            }
                        }
                        calls
                    }
                };
                if done == calls { Ok(()) } else { Err(BoxError::from(format!("only {done} of {calls} were done"))) }
            })
        };
        some(WARM_UP)?;
        let calls = self.calls.div_ceil(BATCHES);
        let (mut numbers, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..BATCHES {
            let mut outcome = Ok(());
            let counted = allocation_counter::measure(|| outcome = some(calls));
            outcome?;
            numbers.push(counted.count_total as f64 / calls as f64);
            bytes.push(counted.bytes_total as f64 / calls as f64);
        }
        let median = |figures: &[f64]| Spread::of(figures).map_or(0.0, |spread| spread.median);
        Ok(Allocations { allocations: median(&numbers), bytes: median(&bytes) })
    }
}
