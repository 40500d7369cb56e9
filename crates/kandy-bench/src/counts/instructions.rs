//! Instructions of a call, counted by callgrind.
//!
//! Depends on `canned` and `report`. Begin with `measure`.

use std::{collections::BTreeMap, path::Path, process::Command};

use super::{Call, arguments};
use crate::{
    BoxError,
    canned::Canned,
    client::Kind,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// The most instructions of a GET, relative to handwritten reqwest.
const SHARE: f64 = 0.90;
/// The most instructions of an item of a bulk call, relative to a handwritten loop over the generated calls.
const SHARE_OF_LOOP: f64 = 1.03;

/// Counts the instructions of each call of each client.
pub(super) fn measure(plan: Plan, counter: &Path, server: &Canned, section: &mut Section) -> Result<(), BoxError> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        section.add(Row::new("instructions").unknown("valgrind is not installed"));
        return Ok(());
    }
    for call in plan.of(&Call::ALL[..], &Call::ALL[..1]) {
        progress(format!("instructions, {}", call.name()));
        let mut found = BTreeMap::new();
        for kind in call.pairs().iter().flat_map(|(kind, other)| [*kind, *other]) {
            if found.contains_key(&kind) {
                continue;
            }
            // Two runs: their difference excludes the work before the first call and after the last.
            let calls = plan.of(500, 100);
            let few = instructions(counter, &arguments(server, kind, *call, calls))?;
            let many = instructions(counter, &arguments(server, kind, *call, 2 * calls))?;
            found.insert(kind, Figure::new(kind.name(), Unit::Count, vec![((many - few) / calls as f64).round()]));
        }
        for (kind, other) in call.pairs() {
            let figure = |kind| found.get(kind).cloned().flatten();
            let row = Row::new(format!("instructions, {}: {kind} / {other}", call.name()));
            let row = row.ratio(figure(kind), figure(other));
            section.add(match (kind, call) {
                (Kind::Kandy, Call::Get) => row.target(Target::AtMost(SHARE)),
                (Kind::Kandy, Call::CreateUsers | Call::SendManySms) => row.target(Target::AtMost(SHARE_OF_LOOP)),
                _ => row,
            });
        }
    }
    Ok(())
}

/// Counts all instructions of a run.
fn instructions(counter: &Path, arguments: &[String]) -> Result<f64, BoxError> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(counter)
        .args(arguments)
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    collected(&text).ok_or_else(|| format!("valgrind: {text}").into())
}

/// The number in `==1== Collected : 123`.
fn collected(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains("Collected"))?;
    line.split_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_instructions_is_found() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 123456\n==7== \n"), Some(123_456.0));
        assert_eq!(collected("==7== no such file"), None);
    }
}
