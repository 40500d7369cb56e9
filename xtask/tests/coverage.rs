//! The table of what each layer has of each operation is what the sources say.

mod support;

use kandy_checkout::expect_root;
use support::read;
use xtask::{SPEC, coverage};

#[test]
fn the_committed_table_is_up_to_date() {
    let table = coverage::table(&read(SPEC), &expect_root()).expect("a table");
    assert!(table == read(coverage::COVERAGE), "it is stale; run `cargo xtask coverage`");
}

#[test]
fn it_counts_what_is_there() {
    let table = coverage::table(&read(SPEC), &expect_root()).expect("a table");
    assert!(table.contains("| v1.2 | 95 | 95 | 95 |"), "all of v1.2 is wrapped");
    assert!(table.contains("| v1.3 | 13 | 13 | 0 | 0 | 13 | 0 |"), "v1.3 is generated and served from its examples");
    assert!(
        table.contains("| `sms_send` | `POST /devices/smss` | A | yes | `Device::send_many_sms`, `Device::send_sms` | behaviour | yes |"),
        "{table}"
    );
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, 108);
}

/// An operation that only the spec has shows as such.
#[test]
fn what_is_missing_shows() {
    let spec = read(SPEC).replace("operationId: sms_send\n", "operationId: sms_sned\n");
    let table = coverage::table(&spec, &expect_root()).expect("a table");
    assert!(table.contains("| `sms_sned` | `POST /devices/smss` | A | – | – | example | – |"), "{table}");
}
