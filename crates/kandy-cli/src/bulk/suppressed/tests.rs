//! Files of suppressed numbers, as people and other programs write them.

use std::fs;

use super::*;

fn read(name: &str, bytes: &[u8], country: Option<&str>) -> Result<Vec<u64>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let mut numbers = SuppressedNumbers::default();
    let plan = country.and_then(NumberingPlan::of_country);
    numbers.read(&path, None, ReadArguments::default(), plan).map_err(|failure| failure.to_string())?;
    let mut numbers: Vec<_> = numbers.0.into_iter().collect();
    numbers.sort_unstable();
    Ok(numbers)
}

#[test]
fn numbers_are_read_in_any_form() {
    let utf_16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("+12245550101\r\n".bytes().flat_map(|byte| [byte, 0])).collect();
    for (name, text, count) in [
        ("a.txt", "+12245550101\n+12245550102\n", 2),
        ("b", "\n  +1 (224) 555-0101  \r\n\r\n12245550101\n", 1),
        ("c.txt", "\u{feff}+12245550101", 1),
        ("d.csv", "+12245550101\n+12245550102", 2),
        ("e.csv", "to\n+12245550101\n", 1),
        ("f.csv", "name;Destination;reason\nAnn;+12245550101;\"said\nno\"\nBob;12245550102;\n", 2),
        ("g.txt", "sep=;\nto;reason\n+12245550101;no\n", 1),
        ("h.csv", "to,name\n", 0),
        ("i.jsonl", "{\"to\": 12245550101, \"why\": [1]}\n{\"destination\": \"+12245550102\"}\n", 2),
        ("j.csv", "to,from,text\n+12245550101,+12245550109,Hello\n", 1),
    ] {
        assert_eq!(read(name, text.as_bytes(), None).map(|numbers| numbers.len()), Ok(count), "{name}: {text}");
    }
    assert_eq!(read("utf16.txt", &utf_16, None), Ok(vec![12_245_550_101]));
    assert_eq!(read("national.txt", b"(224) 555-0101\n", Some("US")), Ok(vec![12_245_550_101]));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let long = format!("+12245550101\n{}\n", "1".repeat(2 << 20));
    for (text, reason) in [
        ("+12245550101\nnobody\n", "line 2: \"nobody\" cannot be used"),
        ("+12245550101\n\n+12245550102,opted out\n", "line 3: \"+12245550102,opted out\" cannot be used"),
        ("# opt-outs\n+12245550101\n", "line 1: \"# opt-outs\" cannot be used"),
        ("phone,name\n+12245550101,Ann\n", "neither a number on each line nor a column destination or to"),
        ("to\n+12245550101\nnobody\n", "line 3: \"nobody\" cannot be used"),
        ("to,name\n,Ann\n", "line 2: column \"to\" is empty"),
        ("to,name\n+12245550101\n", "line 2: there are 1 values for 2 columns"),
        ("to,to\n1,2\n", "cannot be used"),
        ("to\n\"+12245550101\n", "the quote that opens"),
        ("{\"to\": \"+12245550101\"}\n{}\n", "line 2: \"destination\" or \"to\" is missing"),
        ("{\"to\": \"+12245550101\"}\n+12245550102\n", "line 2: it is not a JSON object"),
        ("+12245550101\n{\"to\": \"+12245550102\"}\n", "line 2: "),
        ("224555010\u{0}1\n", ""),
        ("2245550101\n", "line 1: \"2245550101\" cannot be used"),
        ("1.2245550101E+10\n", "line 1: "),
        ("", "it is empty"),
        ("\u{feff}\n \r\n", "it is empty"),
        (long.as_str(), "longer than 1 MiB"),
    ] {
        let error = read("list.txt", text.as_bytes(), None).expect_err(text);
        assert!(error.starts_with("--suppress ") && error.contains(reason), "{text:.40}: {error}");
    }
    assert!(read("latin1.txt", b"+12245550101\ncaf\xe9\n", None).is_err());
}

/// The beginning that decides about the format is read again as part of the whole.
#[test]
fn long_files_are_read_to_the_end() {
    let lines: String = (0..20_000).map(|number| format!("+1224{number:07}\n")).collect();
    assert_eq!(read("a.txt", lines.as_bytes(), None).map(|numbers| numbers.len()), Ok(20_000));
    assert_eq!(read("b.csv", format!("to\n{lines}").as_bytes(), None).map(|numbers| numbers.len()), Ok(20_000));
    assert!(read("c.txt", format!("{lines}nobody\n").as_bytes(), None).unwrap_err().contains("line 20001: "));
}

#[test]
fn same_number_is_the_same_recipient_however_it_is_written() {
    let us = NumberingPlan::of_country("US");
    for (number, country) in
        [("+12245550101", None), ("12245550101", None), ("+1 (224) 555-0101", us), ("224.555.0101", us)]
    {
        assert_eq!(recipient(number, country), Ok(12_245_550_101), "{number}");
    }
    assert!(recipient("nobody", us).is_err());
}
