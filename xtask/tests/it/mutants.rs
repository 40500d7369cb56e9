//! The areas and the accepted survivors of `cargo xtask mutants`.

use xtask::mutants::{ACCEPTED, AREAS, Accepted, without_position};

#[test]
fn every_file_of_an_area_exists() {
    let root = kandy_checkout::expect_root();
    for area in AREAS {
        for file in area.files {
            let path = root.join(file.trim_end_matches("/**"));
            assert!(path.exists(), "{}: {file}; correct it in xtask/src/mutants/areas.rs", area.name);
        }
    }
}

#[test]
fn the_committed_list_is_valid() {
    let text = std::fs::read_to_string(kandy_checkout::expect_root().join(ACCEPTED)).expect(ACCEPTED);
    if let Err(error) = Accepted::parse(&text) {
        panic!("{error}");
    }
    // A mutant that no area covers is never compared.
    let mutants = text.lines().filter(|line| !line.starts_with(['#', ' ']) && !line.is_empty());
    for mutant in mutants {
        let covers = |file: &&str| mutant.starts_with(file.trim_end_matches("**"));
        assert!(AREAS.iter().any(|area| area.files.iter().any(covers)), "no area has {mutant}");
    }
}

#[test]
fn mutants_are_named_without_their_position() {
    for (mutant, name) in [
        ("src/a.rs:12:5: replace a -> bool with true", "src/a.rs: replace a -> bool with true"),
        ("src/a.rs:12:5: replace <impl fmt::Debug for A>::fmt", "src/a.rs: replace <impl fmt::Debug for A>::fmt"),
        ("src/a.rs: replace a -> b::C with D::e()", "src/a.rs: replace a -> b::C with D::e()"),
        ("", ""),
    ] {
        assert_eq!(without_position(mutant), name, "{mutant}");
    }
}

#[test]
fn a_mutant_needs_a_reason() {
    for (text, is_valid) in [
        ("", true),
        ("# a comment\n\n", true),
        ("a.rs: replace b\n    No caller sees it.\n", true),
        ("a.rs: replace b\n    One.\n    Two.\n\na.rs: replace c\n\tThree.", true),
        ("a.rs: replace b\n", false),
        ("a.rs: replace b\na.rs: replace c\n    Two.\n", false),
        ("    Nothing to accept.\n", false),
    ] {
        assert_eq!(Accepted::parse(text).is_ok(), is_valid, "{text}");
    }
}

#[test]
fn only_listed_mutants_may_survive() {
    let list =
        "src/a.rs: replace x\n  r\nsrc/a.rs: replace x\n  r\nsrc/b/c.rs: replace y\n  r\nsrc/d.rs: replace z\n  r\n";
    let accepted = Accepted::parse(list).expect("a valid list");
    let files = ["src/a.rs", "src/b/**"];
    let all = ["src/a.rs:1:1: replace x", "src/a.rs:9:1: replace x", "src/b/c.rs:1:2: replace y"];
    for (survivors, unknown, stale) in [
        (&all[..], &[][..], &[][..]),
        (&["src/a.rs:3:4: replace x", "src/b/c.rs:1:2: replace y"], &[], &["src/a.rs: replace x"]),
        (&[all[0], all[1], all[2], "src/a.rs:7:7: replace x"], &["src/a.rs:7:7: replace x"], &[]),
        (&[all[0], all[1], all[2], "src/a.rs:1:1: replace w"], &["src/a.rs:1:1: replace w"], &[]),
        (&all[..2], &[], &["src/b/c.rs: replace y"]),
    ] {
        let survivors: Vec<String> = survivors.iter().map(|&line| line.to_owned()).collect();
        let verdict = accepted.judge(&files, &survivors);
        assert_eq!((verdict.unknown, verdict.stale), (owned(unknown), owned(stale)), "{survivors:?}");
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}
