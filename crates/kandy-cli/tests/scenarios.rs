//! Runs the built command against the emulator, as the scenarios tell.
//!
//! A scenario is a text file: what is typed, what is printed, and what it ends with.
//!
//! ```text
//! # A comment, which says what it is about.
//! $ kandy user create russ --quiet
//! russ
//! ! said on stderr
//! ? 4
//! ```
//!
//! Lines with `$` are given to `sh`, in a folder of their own, with an emulator of their own.
//! `@ {…}` makes the emulator fail as its README says, and `@ {}` ends that. A line such as `$ ID=$(…)` sets a variable for the lines after it; `$CODE` is the code that was
//! last sent to a phone. `? N` is the exit code, where it is not 0. What differs from run to
//! run stands as `<hex>`, `<uuid>`, `<port>`, `<time>`. Set `KANDY_UPDATE_SCENARIOS` to write down what is printed now.

mod support;

use std::{collections::BTreeSet, fs, sync::Mutex};

use support::scenario;

/// What no command reaches, because the API of this version does not have it.
const VERSION: &str = "v1.2";

#[test]
fn scenarios() {
    let folder = kandy_checkout::expect_root().join("crates/kandy-cli/tests/scenarios");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let wanted = std::env::var("KANDY_SCENARIO").ok();
    files.retain(|file| wanted.as_ref().is_none_or(|wanted| file.to_string_lossy().contains(wanted)));
    let (queue, seen, failures) = (Mutex::new(files), Mutex::new(BTreeSet::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(file) = queue.lock().unwrap().pop() else { break };
                    let ran = scenario::run(&file);
                    seen.lock().unwrap().extend(ran.operations);
                    failures.lock().unwrap().extend(ran.difference);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}\nKANDY_UPDATE_SCENARIOS=1 writes down what is printed now", failures.join("\n"));
    if wanted.is_none() {
        let seen = seen.into_inner().unwrap();
        let missing: Vec<_> = kandy_sys::OPERATIONS
            .iter()
            .filter(|operation| operation.version == VERSION && !seen.contains(operation.id))
            .map(|operation| operation.id)
            .collect();
        assert!(missing.is_empty(), "no scenario reaches {missing:?}");
    }
}
