//! Tests of fingerprints.

use std::io::Write;

use super::*;

fn compared(before: &[u8], after: &[u8], format: Format) -> Comparison {
    let mut first = tempfile::tempfile().unwrap();
    first.write_all(before).unwrap();
    first.rewind().unwrap();
    let (fingerprint, same) = measure(&first, None, format).unwrap();
    assert_eq!((fingerprint.length, same), (before.len() as u64, Comparison::Same));
    let mut second = tempfile::tempfile().unwrap();
    second.write_all(after).unwrap();
    second.rewind().unwrap();
    let (whole, comparison) = measure(&second, Some(fingerprint), format).unwrap();
    assert_eq!(whole, measure(&second, None, format).unwrap().0, "one pass or two");
    comparison
}

#[test]
fn compares_same_grown_and_changed() {
    use Comparison::*;
    for (before, after, expected) in [
        ("to\n1\n", "to\n1\n", Same),
        ("to\n1\n", "to\n1\n2\n", Grown),
        ("to\r\n1\r\n", "to\r\n1\r\n2", Grown),
        ("to\r1\r", "to\r1\r2\r", Grown),
        // The last line had no end, and has one now.
        ("to\n1", "to\n1\n2\n", Grown),
        ("to\n1", "to\n1\r\n", Grown),
        ("to\n1", "to\n12\n", LastRowContinued),
        ("to\n1", "to\n1,2", LastRowContinued),
        ("to\n1\n", "to\n2\n", Changed),
        ("to\n1\n2\n", "to\n3\n2\n4\n", Changed),
        ("to\n1\n2\n", "ot\n1\n2\n", Changed),
        ("to\n1\n2\n", "to\n1\n", Shorter),
        ("to\n1\n", "", Shorter),
        // An open quote takes in what follows.
        ("to\n\"1\n", "to\n\"1\n2\"\n", LastRowContinued),
        ("to\n\"1\n2\"\n", "to\n\"1\n2\"\n3\n", Grown),
    ] {
        assert_eq!(compared(before.as_bytes(), after.as_bytes(), Format::Csv), expected, "{before:?} {after:?}");
    }
}

#[test]
fn object_ends_with_its_line() {
    use Comparison::*;
    for (before, after, expected) in [
        ("{\"to\":\"1\"}\n", "{\"to\":\"1\"}\n{}\n", Grown),
        ("{\"to\":\"1\"}", "{\"to\":\"1\"}\r\n{}\n", Grown),
        ("{\"to\":\"1\"}\r", "{\"to\":\"1\"}\r{}\n", LastRowContinued),
        ("{\"to\":\"1\"", "{\"to\":\"1\"}\n", LastRowContinued),
        // A quote that is not closed ends with its line, too.
        ("{\"to\n", "{\"to\n{}\n", Grown),
    ] {
        assert_eq!(compared(before.as_bytes(), after.as_bytes(), Format::Jsonl), expected, "{before:?} {after:?}");
    }
}

#[test]
fn utf_16_units_are_two_bytes() {
    let utf_16 = |text: &str, little: bool| -> Vec<u8> {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    for little in [true, false] {
        let compared =
            |before: &str, after: &str| compared(&utf_16(before, little), &utf_16(after, little), Format::Csv);
        assert_eq!(compared("to\n1\n", "to\n1\n2\n"), Comparison::Grown);
        assert_eq!(compared("to\n1", "to\n1\n2\n"), Comparison::Grown);
        assert_eq!(compared("to\n1", "to\n12\n"), Comparison::LastRowContinued);
        // The byte of a quote is in these characters, and no quote.
        assert_eq!(compared("to\n∀\n", "to\n∀\n2\n"), Comparison::Grown);
        assert_eq!(compared("to\n\u{2201}\u{2205}\u{2203}\n", "to\n\u{2201}\u{2205}\u{2203}\n2\n"), Comparison::Grown);
        assert_eq!(compared("to\n\"∀\n", "to\n\"∀\n\"2\n"), Comparison::LastRowContinued);
    }
}

/// The place where a file ended may lie anywhere in what is read at once.
#[test]
fn long_files_are_compared_at_their_old_end() {
    let whole = "+12245550001,Hello\n".repeat(20_000);
    for length in [1 << 16, (1 << 16) - 1, (1 << 16) + 1, 300_000] {
        let cut = whole[..length].rfind('\n').unwrap() + 1;
        assert_eq!(compared(&whole.as_bytes()[..cut], whole.as_bytes(), Format::Csv), Comparison::Grown);
        assert_eq!(compared(&whole.as_bytes()[..cut - 3], whole.as_bytes(), Format::Csv), Comparison::LastRowContinued);
        let mut changed = whole.clone().into_bytes();
        changed[cut - 2] ^= 1;
        assert_eq!(compared(&whole.as_bytes()[..cut], &changed, Format::Csv), Comparison::Changed);
    }
}

#[test]
fn ignores_bytes_added_later() {
    let read = |text: &'static str, length: u64| {
        let mut read = String::new();
        Bounded::new(Box::new(text.as_bytes()), length).read_to_string(&mut read).map(|_| read)
    };
    assert_eq!(read("to\n1\n2\n", 5).unwrap(), "to\n1\n");
    assert_eq!(read("to\n1", 4).unwrap(), "to\n1");
    assert_eq!(read("to\n1\n2\n", 100).unwrap(), "to\n1\n2\n");
    // The row that is cut off is not taken for a whole one.
    assert!(read("to\n1\n22\n", 6).unwrap_err().to_string().contains("was incomplete"));
}

#[test]
fn fingerprint_round_trips() {
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(b"foobar");
    // The value that is published for FNV-1a with 64 bits.
    assert_eq!(fingerprint.to_string(), "6 85944171f73967e8");
    assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    for wrong in ["", "6", "6 x", "x 85944171f73967e8"] {
        assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong:?}");
    }
}
