//! Allocations and instructions of a call: figures that repeat on a noisy machine.
//!
//! Depends on `client`, `canned` and `report`. Begin with [`measure`]; the counting is in `bin/kandy-bench-counts.rs`,
//! and `instructions` runs it in callgrind.

mod instructions;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::{
    BoxError,
    canned::Canned,
    client::Kind,
    dependants::cargo,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// The counting binary. It is separate, because it has another allocator.
const COUNTER: &str = "kandy-bench-counts";
/// The calls whose counts are committed.
const COMMITTED: [(Kind, Call); 8] = [
    (Kind::Kandy, Call::Get),
    (Kind::Kandy, Call::Create),
    (Kind::Kandy, Call::Sms),
    (Kind::Kandy, Call::CreateUsers),
    (Kind::Kandy, Call::SendManySms),
    (Kind::KandySys, Call::Get),
    (Kind::KandySys, Call::Create),
    (Kind::KandySys, Call::Sms),
];
/// The most allocations of a GET.
const ALLOCATIONS: f64 = 55.0;
/// The accepted difference between runs: calls are counted in batches, and the runtime allocates now and then.
const TOLERANCE: f64 = 0.05;

/// The calls that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Call {
    /// A GET with a small response.
    Get,
    /// A POST with a result.
    Create,
    /// A POST without a result.
    Sms,
    /// The creation of many users: allocations and instructions of each.
    CreateUsers,
    /// Many SMS.
    SendManySms,
}

impl Call {
    const ALL: [Self; 5] = [Self::Get, Self::Create, Self::Sms, Self::CreateUsers, Self::SendManySms];

    /// The clients that are compared: one call with the same call by hand, many with a loop over the generated calls.
    fn pairs(self) -> &'static [(Kind, Kind)] {
        match self {
            Self::Get | Self::Create | Self::Sms => {
                &[(Kind::Kandy, Kind::Reqwest), (Kind::KandySys, Kind::Reqwest), (Kind::Reqwest, Kind::Hyper)]
            }
            Self::CreateUsers | Self::SendManySms => &[(Kind::Kandy, Kind::KandySys)],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Create => "create",
            Self::Sms => "sms",
            Self::CreateUsers => "create_users",
            Self::SendManySms => "send_many_sms",
        }
    }
}

/// The allocations of a call.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Allocations {
    /// Their number.
    pub allocations: f64,
    /// Their total size.
    pub bytes: f64,
}

/// By client and by call.
type Committed = BTreeMap<String, BTreeMap<Call, Allocations>>;

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Allocations and instructions of a call");
    let server = Canned::start()?;
    let counter = counter()?;
    progress("allocations");
    for call in Call::ALL {
        let mut found = BTreeMap::new();
        for kind in Kind::ALL {
            found.insert(kind, allocations(&counter, &server, kind, call)?);
        }
        let figure = |kind: Kind, unit, read: fn(&Allocations) -> f64| {
            Figure::new(kind.name(), unit, found.get(&kind).map(read).into_iter().collect())
        };
        let number = |kind| figure(kind, Unit::Count, |found| found.allocations);
        if call == Call::Get {
            let row = Row::new("allocations, get: kandy").figure(number(Kind::Kandy));
            section.add(row.target(Target::AtMost(ALLOCATIONS)));
        }
        for (kind, other) in call.pairs() {
            let what = format!("added allocations, {}: {kind} − {other}", call.name());
            section.add(Row::new(what).added(number(*kind), number(*other)));
        }
        let size = |kind| figure(kind, Unit::Bytes, |found| found.bytes);
        section.add(
            Row::new(format!("allocated bytes, {}: kandy − reqwest", call.name()))
                .added(size(Kind::Kandy), size(Kind::Reqwest)),
        );
    }
    instructions::measure(plan, &counter, &server, &mut section)?;
    Ok(section)
}

/// Returns whether no call allocates more often than committed. With `built`, the counting binary beside this one counts; the
/// number of allocations is the same in every profile.
///
/// # Errors
///
/// When a call fails, or nothing is committed.
pub fn check(built: bool) -> Result<bool, BoxError> {
    let counter = if built { beside_this(COUNTER)? } else { counter()? };
    let committed: Committed = serde_json::from_str(&std::fs::read_to_string(file()?)?)?;
    let mut is_ok = true;
    for (kind, call, found) in count_all(&counter)? {
        let most = committed.get(kind.name()).and_then(|calls| calls.get(&call));
        let most = most.ok_or_else(|| format!("counts.json has no count of {kind}, {}", call.name()))?.allocations;
        let verdict = match rose(found.allocations, most) {
            true => "more than committed",
            false if rose(most, found.allocations) => "less than committed; run `cargo xtask bench counts --write`",
            false => "as committed",
        };
        is_ok &= !rose(found.allocations, most);
        progress(format!("{kind}, {}: {} allocations, committed {most}: {verdict}", call.name(), found.allocations));
    }
    Ok(is_ok)
}

fn rose(found: f64, committed: f64) -> bool {
    found > committed + TOLERANCE
}

/// Writes the current allocations to `counts.json`.
///
/// # Errors
///
/// When a call fails, or the file cannot be written.
pub fn write() -> Result<(), BoxError> {
    let mut committed = Committed::new();
    for (kind, call, found) in count_all(&counter()?)? {
        committed.entry(kind.name().to_owned()).or_default().insert(call, found);
    }
    let file = file()?;
    std::fs::write(&file, format!("{}\n", serde_json::to_string_pretty(&committed)?))?;
    progress(format!("wrote {}", file.display()));
    Ok(())
}

fn file() -> Result<PathBuf, BoxError> {
    Ok(kandy_checkout::root()?.join("crates/kandy-bench/counts.json"))
}

fn count_all(counter: &Path) -> Result<Vec<(Kind, Call, Allocations)>, BoxError> {
    let server = Canned::start()?;
    let count = |(kind, call)| Ok((kind, call, allocations(counter, &server, kind, call)?));
    COMMITTED.into_iter().map(count).collect()
}

/// Builds the counting binary, and returns its path.
fn counter() -> Result<PathBuf, BoxError> {
    progress(format!("building {COUNTER}"));
    cargo(["build", "--release", "--quiet", "--package", "kandy-bench", "--bin", COUNTER])?;
    beside_this(COUNTER)
}

/// Returns the path of a binary in the folder of this one.
///
/// # Errors
///
/// When the path of this binary is not known.
pub fn beside_this(name: &str) -> Result<PathBuf, BoxError> {
    Ok(std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

fn allocations(counter: &Path, server: &Canned, kind: Kind, call: Call) -> Result<Allocations, BoxError> {
    let output = Command::new(counter).args(arguments(server, kind, call, 1_000)).output()?;
    if !output.status.success() {
        return Err(format!("{COUNTER}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let counted: Allocations = serde_json::from_slice(&output.stdout)?;
    // What a bulk call allocates once is shared out among its items, whose own allocations are whole.
    Ok(match call {
        Call::CreateUsers | Call::SendManySms => Allocations { allocations: counted.allocations.floor(), ..counted },
        Call::Get | Call::Create | Call::Sms => counted,
    })
}

fn arguments(server: &Canned, kind: Kind, call: Call, calls: usize) -> [String; 4] {
    [kind.name().to_owned(), call.name().to_owned(), server.base_url(), calls.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allocation_more_in_a_call_is_a_rise_and_noise_is_none() {
        assert!(rose(43.0, 42.0) && rose(42.1, 42.0));
        assert!(!rose(42.0, 42.0) && !rose(42.01, 42.0) && !rose(41.0, 42.0));
    }

    #[test]
    fn something_is_committed_of_every_call_that_is_checked() {
        let text = std::fs::read_to_string(file().expect("a checkout")).expect("counts.json");
        let committed: Committed = serde_json::from_str(&text).expect("JSON");
        for (kind, call) in COMMITTED {
            assert!(committed[kind.name()].contains_key(&call), "{kind}, {}", call.name());
        }
    }
}
