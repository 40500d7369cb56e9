//! The emulator: how fast it answers beside a bare handler, how fast it starts, and what it costs when it is full.

mod bare;
mod full;
mod growth;
mod service;
mod speed;
mod start;
mod thing;

use self::thing::Thing;
pub use bare::run as run_bare;
pub use service::run;

use crate::{
    Failure,
    plan::Plan,
    report::{Figure, Row, Section, Target, Unit, count},
};

/// How fast it answers, beside a bare handler, and how fast it starts.
///
/// # Errors
///
/// When a call fails.
pub fn speed(plan: Plan) -> Result<Section, Failure> {
    let mut section = Section::new("The emulator: speed");
    speed::measure(plan, &mut section)?;
    start::measure(plan, &mut section)?;
    Ok(section)
}

/// What it costs when it is full of users.
///
/// # Errors
///
/// When a call fails.
pub fn users(plan: Plan) -> Result<Section, Failure> {
    growth::measure(plan, Thing::User, Section::new("The emulator: users"))
}

/// What it costs when it is full of domains.
///
/// # Errors
///
/// When a call fails.
pub fn domains(plan: Plan) -> Result<Section, Failure> {
    growth::measure(plan, Thing::Domain, Section::new("The emulator: domains"))
}

/// What it costs when it is full of devices.
///
/// # Errors
///
/// When a call fails.
pub fn devices(plan: Plan) -> Result<Section, Failure> {
    growth::measure(plan, Thing::Device, Section::new("The emulator: devices"))
}

/// How many of each thing there are in the end.
fn most(plan: Plan) -> usize {
    plan.of(1_000_000, 20_000)
}

/// A line about the memory that so many things take.
fn memory_row(thing: Thing, number: usize, bytes: Option<f64>) -> Row {
    let row = Row::new(format!("memory with {} {}s", count(number as u64), thing.name()));
    match bytes {
        Some(bytes) => row.figure(Figure::new("", Unit::Bytes, vec![bytes])).target(Target::AtMost(1e9)),
        None => row.unknown("the system does not tell"),
    }
}
