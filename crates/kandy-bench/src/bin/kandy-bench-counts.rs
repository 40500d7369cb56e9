//! Counts what a call allocates: `kandy-bench-counts SIDE CALL BASE_URL CALLS`.
//!
//! All of a call is on one thread here, that of its connection too, so nothing is left out. Run by callgrind, it is what the
//! instructions are counted of.
#![forbid(unsafe_code)]

use std::{error::Error, io::Write};

use clap::Parser;
use kandy_bench::{
    Failure,
    counts::{Allocations, Call},
    load,
    side::{Kind, Side, Visitor},
    stats::Spread,
};

/// Counts what a call allocates.
#[derive(Parser)]
struct Options {
    side: Kind,
    call: Call,
    base_url: String,
    calls: usize,
}

/// Into how many batches the calls are put. What the runtime allocates now and then is in a few of them only.
const BATCHES: usize = 20;
/// How many calls come before those that count.
const WARM_UP: usize = 50;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let options = Options::parse();
    let counted =
        options.side.visit(Count { call: options.call, base_url: &options.base_url, calls: options.calls })?;
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&counted)?)?)
}

struct Count<'a> {
    call: Call,
    base_url: &'a str,
    calls: usize,
}

impl Visitor for Count<'_> {
    type Output = Result<Allocations, Failure>;

    fn visit<S: Side>(self) -> Self::Output {
        let side = S::at(self.base_url)?;
        let runtime = load::single_thread()?;
        let some = |calls| {
            runtime.block_on(async {
                for _ in 0..calls {
                    match self.call {
                        Call::Get => side.get().await?,
                        Call::Create => side.create("russ").await?,
                        Call::Sms => side.sms().await?,
                    }
                }
                Ok::<_, Failure>(())
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
