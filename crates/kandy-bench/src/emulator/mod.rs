//! The emulator: throughput beside a bare handler, time to start, cost when it is full, and messages to a large group.
//!
//! Depends on `helper`, `wire` and `report`. Begin with [`speed`].

mod bare;
mod fan_out;
mod full;
mod growth;
mod load_target;
mod resource;
mod service;
mod snapshot;
mod speed;
mod start;

use self::resource::Resource;
pub use bare::run as run_bare;
pub use service::run;

use crate::{
    BoxError,
    plan::Plan,
    report::{Figure, Row, Section, Target, Unit, count},
};

/// Measures the throughput beside a bare handler, messages to a large group, and the time to start.
///
/// # Errors
///
/// When a call fails.
pub fn speed(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("The emulator: speed");
    speed::measure(plan, &mut section)?;
    fan_out::measure(plan, &mut section)?;
    start::measure(plan, &mut section)?;
    Ok(section)
}

/// Measures writing and loading the state of an emulator full of users.
///
/// # Errors
///
/// When a call fails.
pub fn state(plan: Plan) -> Result<Section, BoxError> {
    snapshot::measure(plan)
}

/// Measures an emulator full of users.
///
/// # Errors
///
/// When a call fails.
pub fn users(plan: Plan) -> Result<Section, BoxError> {
    growth::measure(plan, Resource::User, Section::new("The emulator: users"))
}

/// Measures an emulator full of domains.
///
/// # Errors
///
/// When a call fails.
pub fn domains(plan: Plan) -> Result<Section, BoxError> {
    growth::measure(plan, Resource::Domain, Section::new("The emulator: domains"))
}

/// Measures an emulator full of devices.
///
/// # Errors
///
/// When a call fails.
pub fn devices(plan: Plan) -> Result<Section, BoxError> {
    growth::measure(plan, Resource::Device, Section::new("The emulator: devices"))
}

/// The final number of resources.
fn most(plan: Plan) -> usize {
    plan.of(1_000_000, 20_000)
}

/// Returns the row of the memory of a number of resources.
fn memory_row(resource: Resource, number: usize, bytes: Option<f64>) -> Row {
    let row = Row::new(format!("memory with {} {}s", count(number as u64), resource.name()));
    match bytes {
        Some(bytes) => {
            let most = if resource == Resource::User { 450e6 } else { 1e9 };
            row.figure(Figure::new("", Unit::Bytes, vec![bytes])).target(Target::AtMost(most))
        }
        None => row.unknown("the system does not report it"),
    }
}
