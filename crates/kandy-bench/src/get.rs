//! A GET with a small response: throughput, and the time added to a handwritten call.
//!
//! Depends on `load`, `canned` and `report`. Begin with [`measure`].

use crate::{
    BoxError,
    canned::Canned,
    client::Kind,
    load::{self, Candidate},
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// The numbers of calls in flight.
const IN_FLIGHT: [usize; 3] = [1, 32, 256];

/// The least throughput relative to handwritten reqwest. A single call in flight shows every cache line that a call touches.
fn least(in_flight: usize) -> Target {
    Target::AtLeast(if in_flight == 1 { 0.97 } else { 1.0 })
}

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("A GET with a small response");
    let server = Canned::start()?;
    throughput(plan, &server, &mut section)?;
    added_time(plan, &server, &mut section)?;
    Ok(section)
}

fn candidates(server: &Canned) -> Result<Vec<Box<dyn Candidate>>, BoxError> {
    Kind::ALL.into_iter().map(|kind| load::candidate(kind, &server.base_url())).collect()
}

/// The rounds of the clients, in the order of [`Kind::ALL`], as figures.
fn figures<const N: usize>(unit: Unit, rounds: Vec<Vec<f64>>) -> [Option<Figure>; N] {
    let mut figures = Kind::ALL.iter().zip(rounds).map(|(kind, rounds)| Figure::new(kind.name(), unit, rounds));
    std::array::from_fn(|_| figures.next().flatten())
}

fn throughput(plan: Plan, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    let mut clients = candidates(server)?;
    for in_flight in IN_FLIGHT {
        progress(format!("throughput of a GET, {in_flight} in flight"));
        let rounds = alternate(plan.warm_up(), plan.rounds(30), &mut clients, |client| {
            client.throughput(&runtime, in_flight, plan.round())
        })?;
        let [kandy, sys, reqwest, hyper] = figures(Unit::PerSecond, rounds);
        let row = |what: &str| Row::new(format!("throughput, {in_flight} in flight: {what}"));
        section.add(row("kandy / reqwest").ratio(kandy.clone(), reqwest.clone()).target(least(in_flight)));
        section.add(row("kandy-sys / reqwest").ratio(sys, reqwest.clone()));
        section.add(row("reqwest / hyper").ratio(reqwest, hyper.clone()));
        section.add(row("kandy / hyper").ratio(kandy, hyper));
    }
    Ok(())
}

fn added_time(plan: Plan, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    progress("added time of a GET");
    let runtime = load::single_thread()?;
    let mut clients = candidates(server)?;
    let rounds = alternate(plan.warm_up(), plan.rounds(40), &mut clients, |client| {
        client.time_per_call(&runtime, plan.of(2_000, 400))
    })?;
    let [kandy, sys, reqwest, hyper] = figures(Unit::Seconds, rounds);
    let most = Target::AtMost(3e-6);
    section.add(Row::new("added time per call: kandy − reqwest").added(kandy, reqwest.clone()).target(most));
    section.add(Row::new("added time per call: kandy-sys − reqwest").added(sys, reqwest.clone()));
    section.add(Row::new("added time per call: reqwest − hyper").added(reqwest, hyper));
    Ok(())
}
