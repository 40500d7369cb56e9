//! The cost of calls while an emulator is filled.
//!
//! Depends on `service`, `resource`, `full` and `wire`. Begin with `measure`.

use std::time::Instant;

use futures_util::future::try_join_all;

use super::{
    full, memory_row, most,
    resource::{Requests, Resource},
    service::{Service, result},
};
use crate::{
    BoxError, load,
    plan::{Plan, progress},
    report::{Curve, Figure, Row, Section, Unit, count},
    stats::{high, median},
    wire::Wire,
};

/// Number of connections that fill the emulator.
const CONNECTIONS: usize = 16;
/// Number of timed calls in a burst.
const SAMPLES: usize = 100;
/// Number of bursts at each size. A burst is fast as a whole, or half as fast; of few bursts, all may be slow.
const BURSTS: usize = 40;
/// Number of resources in the small emulator, which the full one is compared with.
const FEW: usize = 10;

/// Fills an emulator, and times calls at every power of ten, in turns with calls to an emulator with ten resources.
pub(super) fn measure(plan: Plan, resource: Resource, mut section: Section) -> Result<Section, BoxError> {
    load::single_thread()?.block_on(async {
        let (mut many, mut ten) = (Growing::start(resource).await?, Growing::start(resource).await?);
        ten.grow(FEW).await?;
        let most = most(plan);
        let name = resource.name();
        let mut curves =
            resource.operations().map(|operation| Curve::new(format!("{operation}, by {name}s there are")));
        let mut size = 1;
        let mut filling = 0.0;
        loop {
            progress(format!("{} {name}s in the emulator", count(size as u64)));
            let started = Instant::now();
            many.grow(size).await?;
            filling += started.elapsed().as_secs_f64();
            let [of_many, of_ten] = bursts(&mut many, &mut ten, most).await?;
            for (curve, (of_many, of_ten)) in curves.iter_mut().zip(of_many.iter().zip(&of_ten)) {
                // The fastest burst: other programs can only slow a burst down.
                let fastest = |times: &Times| times.medians.iter().copied().fold(f64::INFINITY, f64::min);
                let many = fastest(of_many);
                curve.add_beside(size as u64, many, many / fastest(of_ten));
            }
            if size == most {
                let rate = Figure::new("", Unit::PerSecond, vec![most as f64 / filling]);
                section.add(Row::new(format!("{} {name}s created", count(most as u64))).figure(rate));
                section.add(memory_row(resource, most, many.service.helper.memory()));
                for (operation, (of_many, of_ten)) in resource.operations().iter().zip(of_many.iter().zip(&of_ten)) {
                    let p99 = |name: &str, times: &Times| Figure::new(name, Unit::Seconds, vec![high(&times.all)]);
                    let row = Row::new(format!("{operation}: p99 with all {name}s / with ten"));
                    section.add(row.ratio(p99("all", of_many), p99("ten", of_ten)));
                }
                break;
            }
            size = (size * 10).min(most);
        }
        for curve in curves {
            section.add_curve(curve);
        }
        if resource == Resource::User {
            full::measure(&many.service, &many.requests, most, &mut section).await?;
        }
        Ok(section)
    })
}

/// An emulator with a growing number of resources.
struct Growing {
    service: Service,
    requests: Requests,
    wire: Wire,
    size: usize,
}

impl Growing {
    async fn start(resource: Resource) -> Result<Self, BoxError> {
        let service = Service::start().await?;
        let requests = resource.requests(&service).await?;
        let wire = Wire::connect(service.address).await?;
        Ok(Self { service, requests, wire, size: 0 })
    }

    async fn grow(&mut self, size: usize) -> Result<(), BoxError> {
        fill(&self.service, &self.requests, self.size, size).await?;
        self.size = size;
        Ok(())
    }
}

/// The times of the calls of an operation.
#[derive(Default)]
struct Times {
    all: Vec<f64>,
    /// One for each burst.
    medians: Vec<f64>,
}

/// Calls both emulators in turns, and returns the times of each operation for each.
async fn bursts(many: &mut Growing, ten: &mut Growing, above: usize) -> Result<[[Times; 3]; 2], BoxError> {
    let mut times: [[Times; 3]; 2] = Default::default();
    for burst in 0..2 * BURSTS {
        // The order a, b, b, a: neither always runs first.
        let is_ten = burst % 4 == 1 || burst % 4 == 2;
        let emulator = if is_ten { &mut *ten } else { &mut *many };
        let of_burst = sample(&mut emulator.wire, &emulator.requests, above).await?;
        for (operation, of_burst) in times[usize::from(is_ten)].iter_mut().zip(of_burst) {
            operation.medians.push(median(&of_burst));
            operation.all.extend(of_burst);
        }
    }
    Ok(times)
}

/// Creates the resources with the numbers of a range.
pub(super) async fn fill(service: &Service, requests: &Requests, from: usize, to: usize) -> Result<(), BoxError> {
    let connections = CONNECTIONS.min(to - from);
    let shares = (0..connections).map(async |first| {
        let mut wire = Wire::connect(service.address).await?;
        for number in (from + first..to).step_by(connections) {
            let mut is_done = false;
            wire.request(&requests.create(number), |chunk| is_done |= says_done(chunk)).await?;
            if !is_done {
                return Err(format!("number {number} was not created").into());
            }
        }
        Ok::<_, BoxError>(())
    });
    try_join_all(shares).await.map(drop)
}

/// Returns whether a chunk of a response reports success. Responses are small, and in one chunk.
fn says_done(chunk: &[u8]) -> bool {
    chunk.windows(11).any(|window| window == br#""status":0,"#)
}

/// Creates some more resources, reads and deletes them, one after another, and returns the time of each call.
async fn sample(wire: &mut Wire, requests: &Requests, above: usize) -> Result<[Vec<f64>; 3], BoxError> {
    let mut times: [Vec<f64>; 3] = Default::default();
    let numbers = || above..above + SAMPLES;
    let mut ids = Vec::with_capacity(SAMPLES);
    for number in numbers() {
        let ask = requests.create(number);
        let started = Instant::now();
        let created = result(wire, &ask).await?;
        times[0].push(started.elapsed().as_secs_f64());
        ids.push(created.text(requests.id())?);
    }
    for (number, id) in numbers().zip(&ids) {
        let ask = requests.read(number, id);
        let started = Instant::now();
        result(wire, &ask).await?;
        times[1].push(started.elapsed().as_secs_f64());
    }
    for (number, id) in numbers().zip(&ids) {
        let ask = requests.delete(number, id);
        let started = Instant::now();
        result(wire, &ask).await?;
        times[2].push(started.elapsed().as_secs_f64());
    }
    Ok(times)
}
