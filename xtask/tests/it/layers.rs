//! The imports between modules follow the stated layers.

use kandy_checkout::expect_root;
use xtask::layers::{self, CRATES, Layers};

fn imports(of: &Layers) -> layers::Imports {
    layers::imports(&expect_root().join(of.root)).expect("sources that can be read")
}

fn stated(name: &str) -> &'static Layers {
    CRATES.iter().find(|of| of.name == name).expect("a row of the table")
}

#[test]
fn every_crate_follows_its_layers() {
    let stated: Vec<_> = CRATES.iter().filter(|of| !of.layers.is_empty()).collect();
    assert!(!stated.is_empty(), "no crate states layers");
    for of in stated {
        let violations = layers::check(of, &imports(of));
        assert!(violations.is_empty(), "{}", violations.join("\n"));
    }
}

/// Without it a mistyped name would state a layer of nothing.
#[test]
fn every_name_in_the_table_is_a_module() {
    for of in CRATES {
        let imports = imports(of);
        for name in of.layers.iter().chain(of.cycles).flat_map(|names| names.iter()) {
            assert!(imports.contains_key(*name), "{}: there is no module {name}", of.name);
        }
    }
}

#[test]
fn import_of_a_higher_layer_is_found() {
    for (name, from, to) in [
        ("kandy-emulator", "state", "http"),
        ("kandy-emulator", "state::user", "operations::rules"),
        ("kandy-emulator", "operations::device", "http::connection"),
        ("kandy-emulator", "protocol::reply", "operations::lookup"),
        ("kandy-emulator", "http::response", "admin"),
        ("kandy-sys", "operation", "operations"),
        ("kandy-sys", "status", "values"),
        ("kandy-sys", "decode_error", "envelope"),
        ("kandy-sys", "mask::text", "envelope::fault"),
        ("kandy-sys", "transport", "client"),
    ] {
        let of = stated(name);
        let mut imports = imports(of);
        assert!(imports.contains_key(to), "there is no module {to}");
        imports.get_mut(from).unwrap_or_else(|| panic!("there is no module {from}")).insert(to.to_owned());
        let violations = layers::check(of, &imports);
        let expected = format!("{name}: {from} imports {to}, which is in a higher layer");
        assert!(violations.contains(&expected), "{from} -> {to}: {violations:?}");
    }
}

#[test]
fn cycle_inside_a_layer_is_found() {
    let of = stated("kandy-emulator");
    let mut imports = imports(of);
    let tables = imports.get("operations::dispatch").expect("a module");
    assert!(tables.contains("operations::device"), "the dispatcher reads the table of each tag");
    imports.get_mut("operations::device").expect("a module").insert("operations::dispatch".to_owned());
    let violations = layers::check(of, &imports);
    let cycle = "operations::device, operations::dispatch;";
    assert!(violations.iter().any(|violation| violation.contains(cycle)), "{violations:?}");
}
