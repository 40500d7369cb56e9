//! Tests of tables and of their layout.

use proptest::{prelude::*, sample::Index};
use serde_json::json;

use super::*;

const PEOPLE: OutputSchema =
    OutputSchema { name: "people", operation: "", at: "", id: "name", columns: &["name", "says"] };

fn shown(schema: &OutputSchema, terminal: Option<Terminal>, items: &[Value]) -> String {
    let mut to = Printer::new(Vec::new(), terminal);
    let times = Times::new(true);
    let mut table = Table::new(schema, terminal, &times, None);
    for item in items {
        table.row(&mut to, item).expect("a row");
    }
    table.end(&mut to).expect("the end");
    text(to)
}

fn text(to: Printer<Vec<u8>>) -> String {
    String::from_utf8(to.into_inner().expect("it is written")).expect("UTF-8")
}

fn printed(columns: u16, colours: bool, items: &[Value]) -> String {
    shown(&PEOPLE, Some(Terminal { columns, colours }), items)
}

#[test]
fn columns_are_aligned() {
    let items = [json!({"name": "russ", "says": "Hello"}), json!({"name": "maximilian", "says": null})];
    assert_eq!(printed(80, false, &items), "name        says\nruss        Hello\nmaximilian\n");
    assert!(printed(80, true, &items).starts_with("\x1b[1mname        says\x1b[0m\n"));
}

#[test]
fn id_is_not_wrapped() {
    let items = [json!({"name": "a_name_of_more_than_twenty_letters", "says": "a text of some words"})];
    assert!(printed(40, false, &items).contains("a_name_of_more_than_twenty_letters"));
}

#[test]
fn empty_columns_shrink() {
    let items = [json!({"name": "a_name_of_more_than_twenty_letters"})];
    assert_eq!(printed(36, false, &items), "name\na_name_of_more_than_twenty_letters\n");
    assert!(printed(80, false, &items).contains("says"));
}

#[test]
fn table_fits_the_terminal() {
    let long = "a text that is longer than any narrow terminal can show in one line".to_owned();
    let items: Vec<_> = (0..PAGE * 2 + 3).map(|at| json!({"name": format!("user{at}"), "says": long})).collect();
    let printed = printed(30, false, &items);
    assert!(printed.lines().all(|line| line.chars().count() <= 30), "{}", &printed[..300]);
    assert_eq!(printed.matches("says").count(), 1);
}

#[test]
fn later_pages_keep_the_columns() {
    let items: Vec<_> = (0..=PAGE).map(|at| json!({"name": format!("user{at}"), "says": "Hi"})).collect();
    let printed = printed(80, false, &items);
    let at: Vec<_> = printed.lines().skip(1).map(|line| line.find("Hi")).collect();
    assert!(at.iter().all(|place| *place == at[0]), "{at:?}");
}

#[test]
fn id_of_a_later_page_is_not_wrapped() {
    let mut items: Vec<_> = (0..PAGE).map(|at| json!({"name": format!("user{at}"), "says": "Hi"})).collect();
    items.push(json!({"name": "a_name_of_more_than_twenty_letters", "says": "Hi"}));
    assert!(printed(80, false, &items).ends_with("a_name_of_more_than_twenty_letters  Hi\n"));
}

#[test]
fn escapes_terminal_controls() {
    let items = [json!({"name": "\u{1b}[31mr\u{202e}uss", "says": "one\ntwo\tthree\u{9b}"})];
    let expected = "name                    says\n\\u{1b}[31mr\\u{202e}uss  one\\ntwo\\tthree\\u{9b}\n";
    assert_eq!(printed(80, false, &items), expected);
}

#[test]
fn pipe_output_is_unchanged() {
    let items = [json!({"name": "\u{1b}[31mr\u{202e}u\u{a0}ss", "says": "one\ntwo\tthree\r\u{9b}"})];
    let expected = "\u{1b}[31mr\u{202e}u\u{a0}ss\tone two three \u{9b}\n";
    assert_eq!(shown(&PEOPLE, None, &items), expected);
    let mut to = Printer::new(Vec::new(), None);
    id(&mut to, &PEOPLE, &items[0]).expect("an id");
    id(&mut to, &PEOPLE, &json!({"name": "one\ttwo\r\nthree"})).expect("an id");
    assert_eq!(text(to), "\u{1b}[31mr\u{202e}u\u{a0}ss\none\ttwo\\r\\nthree\n");
}

/// Widths at which 16-bit sums overflow, in lists of one page and of several.
#[test]
fn truncates_long_values() {
    for (letter, count) in [("x", 65_533), ("x", 65_534), ("x", 65_535), ("x", 65_536), ("x", 200_000), ("北", 40_000)]
    {
        let wide = letter.repeat(count);
        let pages = if count == 65_534 { PAGE + 2 } else { 2 };
        for (columns, rows) in [(1, 1), (40, 3), (80, 1), (80, pages), (u16::MAX, pages)] {
            for name in PEOPLE.columns {
                let mut items: Vec<_> = (0..rows).map(|at| json!({"name": format!("u{at}"), "says": "Hi"})).collect();
                items[rows / 2][*name] = wide.clone().into();
                let printed = printed(columns, false, &items);
                let case = format!("{count} of {letter} as {name} in {columns} columns, {rows} rows");
                assert_eq!(printed.matches('…').count(), usize::from(columns <= 80), "{case}");
                assert!(columns < 40 || fits(&printed, columns), "{case}");
                assert_eq!(printed.matches("Hi").count(), rows - usize::from(*name == "says"), "{case}");
                assert!(printed.contains(letter), "{case}");
            }
        }
    }
}

fn fits(printed: &str, columns: u16) -> bool {
    printed.lines().all(|line| layout::width(line) <= columns.into())
}

#[test]
fn truncates_long_members() {
    for (name, value) in [("name".to_owned(), "x".repeat(65_534)), ("n".repeat(70_000), "x".repeat(70_000))] {
        for columns in [1, 40, 80] {
            let mut to = Printer::new(Vec::new(), Some(Terminal { columns, colours: false }));
            object(&mut to, &PEOPLE, &json!({"says": "Hi", name.clone(): value}), &Times::new(true)).expect("a table");
            let shown = text(to);
            assert!(shown.contains("Hi") && shown.contains('x'), "{columns}");
            assert_eq!(shown.matches('…').count(), 1 + usize::from(name.len() > 4), "{columns}");
            assert!(columns < 40 || fits(&shown, columns), "{columns}");
        }
    }
}

const COLUMNS: &[&str] = &["c0", "c1", "c2", "c3", "c4", "c5"];

/// Generates texts of any width: wide characters, marks, joined emoji, controls, blanks.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12}",
        2 => Just(" ".to_owned()),
        2 => "[北京語]{1,6}",
        1 => Just("e\u{301}\u{302}".to_owned()),
        1 => Just("👩\u{200d}👩\u{200d}👧".to_owned()),
        1 => Just("क्षक्षक्ष".to_owned()),
        1 => Just("שלום".to_owned()),
        1 => Just("\u{17d8}".to_owned()),
        1 => Just("\u{1b}[31m\u{200b}\u{202e}\n".to_owned()),
        1 => any::<char>().prop_map(String::from),
    ];
    let length = prop_oneof![12 => Just(1), 2 => Just(500), 1 => Just(5_000), 1 => Just(66_000)];
    (prop::collection::vec(piece, 0..6), length).prop_map(|(pieces, length)| {
        let text = pieces.concat();
        text.repeat(length / text.chars().count().max(1) + 1)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_table_fits_and_begins_every_cell(
        texts in prop::collection::vec(prop::collection::vec(any_text(), 6), 1..4),
        columns in 1..=COLUMNS.len(),
        id in any::<Index>(),
        terminal in prop_oneof![Just(1_u16), Just(2), Just(40), Just(80), 3..200_u16],
    ) {
        let schema = OutputSchema { name: "c", operation: "", at: "", id: COLUMNS[id.index(columns)], columns: &COLUMNS[..columns] };
        let item = |texts: &Vec<String>| COLUMNS.iter().zip(texts).map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
        let items: Vec<Value> = texts.iter().map(item).collect();
        let shown = shown(&schema, Some(Terminal { columns: terminal, colours: false }), &items);

        prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        let narrowest = columns * 2 + (columns - 1) * GAP;
        if narrowest <= usize::from(terminal) {
            prop_assert!(fits(&shown, terminal), "{shown}");
        }
        // The first two rows are the header, if any, and the first item.
        let cells: Vec<_> = schema.columns.iter().map(|name| cell(&items[0][*name], true)).collect();
        for cell in cells.iter().map(|cell| cell.trim_start()) {
            if let Some(first) = cell.chars().next() {
                prop_assert!(shown.contains(first), "{first:?} of {cell:?} is missing in {shown}");
            }
        }
    }

    #[test]
    fn lines_cover_the_text_up_to_the_cut(text in any_text(), width in 1..120_usize) {
        let text = cell(&json!(text), true);
        let lines = layout::lines(&text, width);
        prop_assert!(lines.iter().all(|line| layout::width(line) <= width.max(2)));
        let without_blanks = |text: &str| text.replace(' ', "");
        let joined = without_blanks(&lines.concat());
        let all = without_blanks(&text);
        match lines.len() < layout::MAX_LINES || joined == all {
            true => prop_assert_eq!(joined, all),
            false => {
                let kept = joined.strip_suffix('…').expect("it says that it is cut");
                prop_assert!(all.starts_with(kept) && kept.len() < all.len());
                prop_assert_eq!(lines.len(), layout::MAX_LINES);
            }
        }
    }
}
