//! The table of coverage matches the spec and the sources.

use crate::support::{operations_by_version, read, source};
use kandy_checkout::expect_root;
use xtask::{SPEC, Source, coverage};

#[test]
fn committed_table_is_up_to_date() {
    let table = coverage::table(&source(), &expect_root()).expect("a table");
    assert!(table == read(coverage::COVERAGE), "it is stale; run `cargo xtask generate`");
}

#[test]
fn totals_match_the_rows() {
    let table = coverage::table(&source(), &expect_root()).expect("a table");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let of_version = operations_by_version();
    for (version, count) in &of_version {
        let total = table.lines().find(|line| line.starts_with(&format!("| {version} |"))).expect(version);
        let section = table.split(&format!("\n## {version}\n")).nth(1).expect(version);
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| `")).map(cells).collect();
        let counted = |is: &dyn Fn(&Vec<String>) -> bool| rows.iter().filter(|row| is(row)).count().to_string();
        let expected = [
            version.clone(),
            count.to_string(),
            counted(&|row| row[4] == "yes"),
            counted(&|row| row[5] != "–"),
            counted(&|row| row[6] == "behaviour"),
            counted(&|row| row[6] == "example"),
            counted(&|row| row[7] == "yes"),
        ];
        assert_eq!(cells(total)[1..8], expected, "{version}");
        assert_eq!(expected[1], expected[2], "{version}: every operation is generated");
        assert_eq!(rows.len(), *count, "{version}");
    }
    assert!(
        table.contains("| `sms_send` | `POST /devices/smss` | A | yes | `Device::send_many_sms`, `Device::send_sms` | behaviour | yes |"),
        "{table}"
    );
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, of_version.values().sum::<usize>());
}

/// An operation that only the spec has shows as such.
#[test]
fn missing_parts_are_visible() {
    let spec = read(SPEC).replace("operationId: sms_send\n", "operationId: sms_sned\n");
    let spec = Source::published(&spec).expect("a spec");
    let table = coverage::table(&spec, &expect_root()).expect("a table");
    assert!(table.contains("| `sms_sned` | `POST /devices/smss` | A | – | – | example | – |"), "{table}");
}
