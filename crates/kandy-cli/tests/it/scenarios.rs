//! Runs the scenarios: golden files of commands and their output.
//!
//! A scenario is a text file with commands, their output and their exit codes.
//!
//! ```text
//! # A comment
//! $ kandy user create russ --quiet
//! russ
//! ! a line on stderr
//! ? 4
//! ```
//!
//! Each `$` line is run by `sh`. Each scenario has its own folder and emulator. `@ {…}` injects a fault, as the README
//! of the emulator describes, and `@ {}` clears all faults. A line such as `$ ID=$(…)` sets a variable for the
//! following lines; `$CODE` is the last verification code. `? N` is the exit code if it is not 0. Values that differ
//! between runs are replaced by `<hex>`, `<uuid>`, `<port>` and `<time>`. With `KANDY_UPDATE_SCENARIOS=1` the files are
//! rewritten; `KANDY_SCENARIO=group` runs only those with that name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::Mutex,
};

use crate::fixture::{Fixture, scenario};
use kandy_sys::{OPERATIONS, Operation};

/// The version of the API whose operations must be reached.
const VERSION: &str = "v1.2";

#[test]
fn scenarios() {
    let folder = kandy_checkout::expect_root().join("crates/kandy-cli/tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let wanted = std::env::var("KANDY_SCENARIO").ok();
    files.retain(|file| wanted.as_ref().is_none_or(|wanted| file.to_string_lossy().contains(wanted)));
    let (queue, seen, failures) = (Mutex::new(files), Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(file) = queue.lock().unwrap().pop() else { break };
                    let ran = scenario::run(&file);
                    let mut seen = seen.lock().unwrap();
                    for id in ran.operations {
                        // The first file by name, independent of the threads.
                        let first: &mut PathBuf = seen.entry(id).or_insert_with(|| file.clone());
                        *first = file.clone().min(std::mem::take(first));
                    }
                    drop(seen);
                    failures.lock().unwrap().extend(ran.difference);
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    if !failures.is_empty() {
        failures.push("KANDY_UPDATE_SCENARIOS=1 writes down what is printed now".to_owned());
    }
    if wanted.is_none() {
        failures.extend(unreached(OPERATIONS, &seen.into_inner().unwrap()));
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

/// Reports operations that no scenario reaches. `seen` maps reached operations to a scenario.
fn unreached(operations: &[Operation], seen: &BTreeMap<&str, PathBuf>) -> Vec<String> {
    let missing =
        operations.iter().filter(|operation| operation.version == VERSION && !seen.contains_key(operation.id));
    let report = |operation: &Operation| {
        // Suggest the scenario that reaches other operations of the same tag.
        let of_tag = |id: &str| Operation::find(id).is_some_and(|other| other.tag == operation.tag);
        let near = seen.iter().find(|(id, _)| of_tag(id)).and_then(|(_, file)| file.file_stem()?.to_str());
        let name = near.map_or_else(|| operation.tag.to_lowercase().replace(' ', "_"), str::to_owned);
        format!(
            "{operation} is reached by no scenario.\n  edit the file of its handle in crates/kandy-cli/src/command: a command; \
             and crates/kandy-cli/tests/scenarios/{name}.txt: a line `$ kandy …`\n  then run: KANDY_UPDATE_SCENARIOS=1 \
             KANDY_SCENARIO={name} cargo test -p kandy-cli --test it -- scenarios, and read the diff"
        )
    };
    missing.map(report).collect()
}

#[test]
fn unreached_operation_is_reported() {
    let sms = std::slice::from_ref(Operation::find("sms_send").unwrap());
    let file = |name: &str| PathBuf::from(format!("scenarios/{name}.txt"));
    assert_eq!(unreached(sms, &BTreeMap::from([("sms_send", file("sms"))])), [""; 0]);
    for (seen, name) in [
        (BTreeMap::new(), "device"),
        (BTreeMap::from([("message_send", file("message"))]), "message"),
        (BTreeMap::from([("group_get", file("group"))]), "device"),
    ] {
        let [report] = &unreached(sms, &seen)[..] else { panic!("not one report") };
        for part in
            ["sms_send (POST /devices/smss)", &format!("scenarios/{name}.txt"), &format!("KANDY_SCENARIO={name} ")]
        {
            assert!(report.contains(part), "no {part} in {report}");
        }
    }
}

/// `kandy api --list` lists every operation once.
#[test]
fn every_operation_is_listed() {
    let fixture = Fixture::new();
    let output = fixture.program("sh").arg("-c").arg("kandy api --list --quiet").output().unwrap();
    let listed = String::from_utf8(output.stdout).expect("UTF-8");
    let listed: Vec<_> = listed.lines().collect();
    let known: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(listed.len(), known.len(), "one is listed twice");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), known);
}
