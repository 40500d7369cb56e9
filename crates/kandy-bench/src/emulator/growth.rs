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
    stats::{Spread, quantile},
    wire::Wire,
};

/// How many connections fill the emulator.
const CONNECTIONS: usize = 16;
/// How many calls are timed after each other.
const SAMPLES: usize = 200;
/// How often that is done at each size. The fastest counts: other programs only ever make it slower.
const BURSTS: usize = 7;

/// Fills an emulator with things, and times calls at every power of ten.
pub(super) fn measure(plan: Plan, thing: Thing, mut section: Section) -> Result<Section, Failure> {
    load::single_thread()?.block_on(async {
        let service = Service::start().await?;
        let requests = thing.requests(&service).await?;
        let mut wire = Wire::connect(service.address).await?;
        let most = most(plan);
        let mut curves =
            thing.operations().map(|operation| Curve::new(format!("{operation}, by {}s there are", thing.name())));
        let mut tails: [Vec<f64>; 3] = Default::default();
        let (mut filled, mut size) = (0, 1);
        let begun = Instant::now();
        loop {
            progress(format!("{} {}s in the emulator", count(size as u64), thing.name()));
            fill(&service, &requests, filled, size).await?;
            filled = size;
            let mut medians: [f64; 3] = [f64::INFINITY; 3];
            let mut all: [Vec<f64>; 3] = Default::default();
            for _ in 0..BURSTS {
                for (at, times) in sample(&mut wire, &requests, most).await?.into_iter().enumerate() {
                    medians[at] = Spread::of(&times).map_or(medians[at], |spread| spread.median.min(medians[at]));
                    all[at].extend(times);
                }
            }
            for (at, times) in all.into_iter().enumerate() {
                curves[at].add(size as u64, medians[at]);
                tails[at].push(high(times));
            }
            if size == most {
                break;
            }
            size = (size * 10).min(most);
        }
        let rate = Figure::new("", Unit::PerSecond, vec![most as f64 / begun.elapsed().as_secs_f64()]);
        section.add(Row::new(format!("{} {}s created", count(most as u64), thing.name())).figure(rate));
        section.add(memory_row(thing, most, service.helper.memory()));
        for curve in curves {
            section.add_curve(curve);
        }
        for (operation, tail) in thing.operations().iter().zip(tails) {
            let at = |at: Option<&f64>, name: &str| Figure::new(name, Unit::Seconds, at.into_iter().copied().collect());
            // As with the medians, the first calls are those that everything is set up in.
            let row = Row::new(format!("{operation}: p99 with all {}s / with ten", thing.name()));
            section.add(row.ratio(at(tail.last(), "all"), at(tail.get(1), "ten")));
        }
        if thing == Thing::User {
            full::measure(&service, &requests, most, &mut section).await?;
        }
        Ok(section)
    })
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

/// What only one in a hundred is above.
pub(super) fn high(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    quantile(&times, 0.99).unwrap_or_default()
}
