//! The time to start the emulator.
//!
//! Depends on `helper`. Begin with `measure`.

use std::{process::Command, time::Instant};

use crate::{
    BoxError,
    counts::beside_this,
    dependants::cargo,
    helper::Helper,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Measures the time from the start of the program until it prints its address.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    progress("building kandy-emulator");
    cargo(["build", "--release", "--quiet", "--package", "kandy-emulator"])?;
    let program = beside_this("kandy-emulator")?;
    progress("from start to ready");
    let mut times = Vec::new();
    for _ in 0..plan.of(21, 5) {
        let started = Instant::now();
        let mut helper = Helper::start(Command::new(&program).args(["--listen", "127.0.0.1:0"]))?;
        helper.read_line()?;
        times.push(started.elapsed().as_secs_f64());
    }
    let figure = Figure::new("", Unit::Seconds, times);
    section.add(Row::new("from start to ready").figure(figure).target(Target::AtMost(0.05)));
    Ok(())
}
