//! One binary checks the checkout that it is started in, even if it was built in another: clones that share a target
//! directory share binaries.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;
use xtask::chapters::CHAPTERS;

use crate::support::copy;

/// What `generate` needs of a checkout.
const NEEDED: [&str; 8] = [
    "Cargo.toml",
    "openapi",
    "crates/kandy-sys/src",
    "crates/kandy/src",
    "crates/kandy/tests/it/snapshots",
    "crates/kandy-emulator/src",
    "xtask/Cargo.toml",
    "xtask/src",
];

/// A generated file, as an example.
const GENERATED: &str = "crates/kandy-sys/src/values.rs";

/// A small clone of this checkout.
fn clone() -> TempDir {
    let clone = tempfile::tempdir().expect("a folder");
    for path in NEEDED {
        copy(&kandy_checkout::expect_root().join(path), &clone.path().join(path));
    }
    clone
}

/// A clone whose generated code is not what its chapters say.
fn stale_clone() -> TempDir {
    let clone = clone();
    let file = clone.path().join(GENERATED);
    let text = fs::read_to_string(&file).expect("a text");
    fs::write(file, format!("{text}// changed by hand\n")).expect("it is written");
    clone
}

/// The binary as it is, without cargo.
fn xtask(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(folder).env_remove("CARGO_MANIFEST_DIR").args(arguments);
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn check(folder: &Path) -> Output {
    xtask(folder, &["generate", "--check"]).output().expect("it runs")
}

fn assert_fresh(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("values.rs is up to date"));
}

fn assert_stale(output: &Output) {
    assert_eq!(output.status.code(), Some(1), "{}", stderr(output));
    assert!(stderr(output).contains(&format!("{GENERATED} is stale")), "{}", stderr(output));
}

#[test]
fn check_reads_the_current_checkout() {
    let (fresh, stale) = (clone(), stale_clone());
    for below in ["", CHAPTERS, "crates/kandy-sys/src/generated"] {
        assert_fresh(&check(&fresh.path().join(below)));
        assert_stale(&check(&stale.path().join(below)));
    }
}

/// With `--manifest-path`, cargo keeps the working directory and sets `CARGO_MANIFEST_DIR`.
#[test]
fn cargo_manifest_dir_precedes_the_working_directory() {
    let (fresh, stale) = (clone(), stale_clone());
    let run = |clone: &TempDir, folder: &Path| {
        let mut command = xtask(folder, &["generate", "--check"]);
        command.env("CARGO_MANIFEST_DIR", clone.path().join("xtask")).output().expect("it runs")
    };
    assert_fresh(&run(&fresh, stale.path()));
    assert_stale(&run(&stale, fresh.path()));
    assert_stale(&run(&stale, &std::env::temp_dir()));
}

#[test]
fn generate_writes_the_current_checkout() {
    let (one, other) = (stale_clone(), stale_clone());
    let output = xtask(&one.path().join("xtask"), &["generate"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_fresh(&check(one.path()));
    assert_stale(&check(other.path()));
}

/// A source of the generator, and what is done to it.
type Change = (&'static str, fn(&Path));

/// Where cargo takes the binary of another clone for up to date, it does not judge what it would not generate.
#[test]
fn binary_of_another_generator_is_rejected() {
    let changes: [Change; 3] = [
        ("client.rs", |file| {
            fs::write(file, fs::read_to_string(file).expect("a text") + "// changed\n").expect("it is written")
        }),
        ("spec.rs", |file| fs::remove_file(file).expect("it is removed")),
        ("lower/another.rs", |file| fs::write(file, "").expect("it is written")),
    ];
    for (path, change) in changes {
        let clone = clone();
        let file = clone.path().join("xtask/src").join(path);
        change(&file);
        for arguments in [&["generate", "--check"][..], &["generate"], &["layers"]] {
            let output = xtask(clone.path(), arguments).output().expect("it runs");
            assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
            assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
            assert!(stderr(&output).contains(path) && stderr(&output).contains("other sources"), "{}", stderr(&output));
        }
    }
}

/// Another workspace within a checkout, and a folder with a similar layout, are not a checkout.
#[test]
fn nearest_checkout_is_found() {
    let clone = clone();
    let fuzz = clone.path().join("crates/kandy-fuzz/fuzz");
    fs::create_dir_all(&fuzz).expect("a folder");
    fs::write(fuzz.join("Cargo.toml"), "[workspace]\n").expect("it is written");
    assert_fresh(&check(&fuzz));
    let inner = clone.path().join("target/inner");
    for path in NEEDED {
        copy(&kandy_checkout::expect_root().join(path), &inner.join(path));
    }
    fs::write(inner.join(GENERATED), "").expect("it is written");
    assert_stale(&check(&inner));
    assert_fresh(&check(clone.path()));
}

#[test]
fn fails_outside_of_a_checkout() {
    let outside = tempfile::tempdir().expect("a folder");
    let another = tempfile::tempdir().expect("a folder");
    fs::write(another.path().join("Cargo.toml"), "[workspace]\n").expect("it is written");
    let assert_fails_outside = |command: &mut Command, named: &Path| {
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        let named = named.canonicalize().expect("a folder");
        assert!(stderr(&output).contains(&format!("{} is in no checkout", named.display())), "{}", stderr(&output));
    };
    for arguments in [&["generate"][..], &["generate", "--check"], &["layers"], &["bench", "--quick"], &["mutants"]] {
        for folder in [outside.path(), another.path()] {
            assert_fails_outside(&mut xtask(folder, arguments), folder);
            // There is no second guess: the working directory is in a checkout.
            let root = kandy_checkout::expect_root();
            assert_fails_outside(
                xtask(&root, arguments).env("CARGO_MANIFEST_DIR", folder.canonicalize().expect("a folder")),
                folder,
            );
        }
    }
}

/// No tool and no test of the workspace has the folder in it that it was compiled in.
#[test]
fn no_source_contains_its_compile_time_folder() {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["crates", "xtask"].map(|folder| kandy_checkout::expect_root().join(folder)).into();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                count += 1;
                let text = fs::read_to_string(&path).expect("a text");
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                let mut compiled = code.filter(|line| keeps_folder(line));
                found.extend(compiled.next().map(|line| format!("{}: {}", path.display(), line.trim())));
            }
        }
    }
    assert!(count > 300, "the sources were not found");
    assert!(found.is_empty(), "ask `kandy_checkout` while it runs:\n{}", found.join("\n"));
}

fn keeps_folder(line: &str) -> bool {
    let (variable, macros) = ("(\"CARGO_MANIFEST_DIR\"", ["env!", "option_env!"]);
    macros.iter().any(|name| line.contains(&format!("{name}{variable}")))
}

#[test]
fn compile_time_folder_is_detected() {
    let variable = "CARGO_MANIFEST_DIR";
    assert!(keeps_folder(&format!("let root = Path::new(env!(\"{variable}\"));")));
    assert!(keeps_folder(&format!("concat!(env!(\"{variable}\"), \"/x\")")));
    assert!(keeps_folder(&format!("let root = option_env!(\"{variable}\");")));
    assert!(!keeps_folder(&format!("let root = std::env::var_os(\"{variable}\");")));
}
