//! `kandy user import` beside the SDK alone: rate, memory, and the time that its journal takes.
//!
//! Depends on `canned`, `dependants` and `report`. Begin with [`measure`].

mod list;
mod run;
mod sdk;

use std::path::{Path, PathBuf};

pub use sdk::run as run_sdk;

use self::{
    list::List,
    run::{Import, Input},
};
use crate::{
    BoxError,
    canned::Canned,
    dependants,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit, count},
};

/// The number of calls in flight, the default of the command.
const CONCURRENCY: usize = 32;
/// The number of rows at the beginning and at the end of a long list whose rates are compared.
const WINDOW: usize = 10_000;

/// Runs the measurements of this part.
///
/// # Errors
///
/// When the command cannot be built, or a run fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("An import of users");
    progress("a build of kandy");
    dependants::cargo(["build", "--release", "--quiet", "--package", "kandy-cli"])?;
    let program = program()?;
    let server = Canned::start()?;
    rate(plan, &program, &server, &mut section)?;
    journal(plan, &program, &server, &mut section)?;
    long(plan, &program, &server, &mut section)?;
    Ok(section)
}

fn program() -> Result<PathBuf, BoxError> {
    Ok(kandy_checkout::root()?.join("target/release").join(format!("kandy{}", std::env::consts::EXE_SUFFIX)))
}

fn rate(plan: Plan, program: &Path, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    let list = List::new(plan.of(40_000, 4_000))?;
    progress(format!("imports of {} users", count(list.rows() as u64)));
    let import = Import::new(program, server, &list);
    let rounds = alternate(1, plan.of(15, 3), &mut [true, false], |is_import| match is_import {
        true => import.rate(Input::File),
        false => import.rate_of_sdk(CONCURRENCY),
    })?;
    let mut figures =
        ["import", "SDK"].iter().zip(rounds).map(|(name, rounds)| Figure::new(*name, Unit::PerSecond, rounds));
    let [import, sdk] = std::array::from_fn(|_| figures.next().flatten());
    let what = format!("{} users, {CONCURRENCY} in flight: kandy user import / SDK alone", count(list.rows() as u64));
    section.add(Row::new(what).ratio(import, sdk).target(Target::AtLeast(0.95)));
    Ok(())
}

/// Compares runs that read standard input, which keeps no journal by itself: the same run with and without one.
fn journal(plan: Plan, program: &Path, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    progress("imports with and without a journal");
    let list = List::new(plan.of(40_000, 4_000))?;
    let import = Import::new(program, server, &list);
    let mut inputs = [Input::StreamWithJournal, Input::Stream];
    let rounds = alternate(1, plan.of(15, 3), &mut inputs, |input| import.rate(*input))?;
    let times = |at: usize| rounds[at].iter().map(|rate| 1.0 / rate).collect::<Vec<_>>();
    let (with, without) = (times(0), times(1));
    let shares = with.iter().zip(&without).map(|(with, without)| 1.0 - without / with).collect();
    let row = Row::new("share of the journal in the time of a row");
    let row = row.operands(Figure::new("with", Unit::Seconds, with), Figure::new("without", Unit::Seconds, without));
    section.add(row.figure(Figure::new("", Unit::Ratio, shares)));
    Ok(())
}

/// Imports a long list, and compares its beginning with its end.
fn long(plan: Plan, program: &Path, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    let list = List::new(plan.of(1_000_000, 100_000))?;
    let rows = count(list.rows() as u64);
    progress(format!("imports of {rows} users"));
    let import = Import::new(program, server, &list);
    let (mut first, mut last, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.of(3, 1) {
        let run = import.watched(WINDOW)?;
        first.push(run.first);
        last.push(run.last);
        peaks.extend(run.peak_memory);
    }
    let window = count(WINDOW as u64);
    let (first, last) = (Figure::new("first", Unit::PerSecond, first), Figure::new("last", Unit::PerSecond, last));
    let row = Row::new(format!("{rows} users: rate of the last {window} / of the first {window}"));
    section.add(row.ratio(last, first).target(Target::AtLeast(0.9)));
    let row = Row::new(format!("{rows} users: peak memory")).target(Target::AtMost(40e6));
    section.add(match Figure::new("", Unit::Bytes, peaks) {
        None => row.unknown("the system does not report it"),
        peak => row.figure(peak),
    });
    Ok(())
}
