use std::time::Instant;

use futures_util::future::try_join_all;

use super::{
    full, memory_row, most,
    service::{Service, result},
    thing::{Requests, Thing},
};
use crate::{
    Failure, load,
    plan::{Plan, progress},
    report::{Curve, Figure, Row, Section, Unit, count},
    stats::{high, median},
    wire::Wire,
};

/// How many connections fill the emulator.
const CONNECTIONS: usize = 16;
/// How many calls are timed after each other.
const SAMPLES: usize = 200;
/// How often that is done at each size.
const BURSTS: usize = 10;
/// How many things there are in the emulator beside the one that is filled.
const FEW: usize = 10;

/// Fills an emulator with things, and times calls at every power of ten, in turns with those to an emulator that has ten.
pub(super) fn measure(plan: Plan, thing: Thing, mut section: Section) -> Result<Section, Failure> {
    load::single_thread()?.block_on(async {
        let (mut many, mut ten) = (Growing::start(thing).await?, Growing::start(thing).await?);
        ten.grow(FEW).await?;
        let most = most(plan);
        let name = thing.name();
        let mut curves = thing.operations().map(|operation| Curve::new(format!("{operation}, by {name}s there are")));
        let mut size = 1;
        let mut filling = 0.0;
        loop {
            progress(format!("{} {name}s in the emulator", count(size as u64)));
            let begun = Instant::now();
            many.grow(size).await?;
            filling += begun.elapsed().as_secs_f64();
            let [of_many, of_ten] = bursts(&mut many, &mut ten, most).await?;
            for (curve, (of_many, of_ten)) in curves.iter_mut().zip(of_many.iter().zip(&of_ten)) {
                // Other programs only ever make a burst slower.
                let fastest = |times: &Times| times.medians.iter().copied().fold(f64::INFINITY, f64::min);
                let many = fastest(of_many);
                curve.add_beside(size as u64, many, many / fastest(of_ten));
            }
            if size == most {
                let rate = Figure::new("", Unit::PerSecond, vec![most as f64 / filling]);
                section.add(Row::new(format!("{} {name}s created", count(most as u64))).figure(rate));
                section.add(memory_row(thing, most, many.service.helper.memory()));
                for (operation, (of_many, of_ten)) in thing.operations().iter().zip(of_many.iter().zip(&of_ten)) {
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
        if thing == Thing::User {
            full::measure(&many.service, &many.requests, most, &mut section).await?;
        }
        Ok(section)
    })
}

/// An emulator that gets more and more things.
struct Growing {
    service: Service,
    requests: Requests,
    wire: Wire,
    size: usize,
}

impl Growing {
    async fn start(thing: Thing) -> Result<Self, Failure> {
        let service = Service::start().await?;
        let requests = thing.requests(&service).await?;
        let wire = Wire::connect(service.address).await?;
        Ok(Self { service, requests, wire, size: 0 })
    }

    async fn grow(&mut self, size: usize) -> Result<(), Failure> {
        fill(&self.service, &self.requests, self.size, size).await?;
        self.size = size;
        Ok(())
    }
}

/// How long the calls of an operation took.
#[derive(Default)]
struct Times {
    all: Vec<f64>,
    /// Of each burst.
    medians: Vec<f64>,
}

/// Calls the one and the other in turns, and answers how long each operation took of each.
async fn bursts(many: &mut Growing, ten: &mut Growing, above: usize) -> Result<[[Times; 3]; 2], Failure> {
    let mut times: [[Times; 3]; 2] = Default::default();
    for burst in 0..2 * BURSTS {
        // One, other, other, one: neither is always the first.
        let is_ten = burst % 4 == 1 || burst % 4 == 2;
        let side = if is_ten { &mut *ten } else { &mut *many };
        let of_burst = sample(&mut side.wire, &side.requests, above).await?;
        for (operation, of_burst) in times[usize::from(is_ten)].iter_mut().zip(of_burst) {
            operation.medians.push(median(&of_burst));
            operation.all.extend(of_burst);
        }
    }
    Ok(times)
}

/// Creates the things from one number up to another.
async fn fill(service: &Service, requests: &Requests, from: usize, to: usize) -> Result<(), Failure> {
    let connections = CONNECTIONS.min(to - from);
    let shares = (0..connections).map(async |first| {
        let mut wire = Wire::connect(service.address).await?;
        for number in (from + first..to).step_by(connections) {
            let mut is_done = false;
            wire.ask(&requests.create(number), |piece| is_done |= says_done(piece)).await?;
            if !is_done {
                return Err(format!("number {number} was not created").into());
            }
        }
        Ok::<_, Failure>(())
    });
    try_join_all(shares).await.map(drop)
}

/// Whether a piece of an answer says that it is a success. Answers are small, and in one piece.
fn says_done(piece: &[u8]) -> bool {
    piece.windows(11).any(|window| window == br#""status":0,"#)
}

/// Creates some more things, reads them and deletes them again, one after another, and answers how long each took.
async fn sample(wire: &mut Wire, requests: &Requests, above: usize) -> Result<[Vec<f64>; 3], Failure> {
    let mut times: [Vec<f64>; 3] = Default::default();
    let numbers = || above..above + SAMPLES;
    let mut ids = Vec::with_capacity(SAMPLES);
    for number in numbers() {
        let ask = requests.create(number);
        let begun = Instant::now();
        let created = result(wire, &ask).await?;
        times[0].push(begun.elapsed().as_secs_f64());
        ids.push(created.text(requests.id())?);
    }
    for (number, id) in numbers().zip(&ids) {
        let ask = requests.read(number, id);
        let begun = Instant::now();
        result(wire, &ask).await?;
        times[1].push(begun.elapsed().as_secs_f64());
    }
    for (number, id) in numbers().zip(&ids) {
        let ask = requests.delete(number, id);
        let begun = Instant::now();
        result(wire, &ask).await?;
        times[2].push(begun.elapsed().as_secs_f64());
    }
    Ok(times)
}
