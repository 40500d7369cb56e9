//! Templates, with rows as they are read.

use std::io::Cursor;

use super::*;
use crate::bulk::{
    Columns,
    column::{ListColumns, OtherColumns},
    format::Format,
    read::{ReadArguments, Rows},
};

const COLUMNS: Columns = Columns { used: &[&["destination", "to"]], required: &[], ignored: &["error"], ids: &[] };

/// Returns the first row of a list that may have any columns.
fn row(format: Format, list: &str) -> RawRow {
    let columns = ListColumns::new(COLUMNS, OtherColumns::Any);
    let bytes = Box::new(Cursor::new(list.as_bytes().to_vec()));
    let rows = Rows::begin("list", format, bytes, columns, ReadArguments::default());
    rows.unwrap_or_else(|failure| panic!("{failure}")).next().unwrap().expect("a row").raw
}

fn csv(list: &str) -> RawRow {
    row(Format::Csv, list)
}

fn fill(template: &str, row: &RawRow) -> Result<String, String> {
    Template::parse(template)?.fill(row)
}

#[test]
fn placeholders_are_filled_from_columns() {
    let row = csv("to,first_name,Last Name,nick,code\n+12245550101,Ann,\"O'Hara, Jr\",  ,{first_name}\n");
    for (template, text) in [
        ("Hello", "Hello"),
        ("Hello {first_name}!", "Hello Ann!"),
        ("{first_name}{first_name}", "AnnAnn"),
        ("{ FIRST_NAME }", "Ann"),
        ("{last name}", "O'Hara, Jr"),
        ("{nick|there}", "there"),
        ("{nick|}!", "!"),
        ("{first_name|there}", "Ann"),
        ("{nick|a|b}", "a|b"),
        ("{nick| you }", " you "),
        ("{{first_name}}", "{first_name}"),
        ("{{{first_name}}}", "{Ann}"),
        ("}}{{", "}{"),
        // A value is not expanded again.
        ("{code}", "{first_name}"),
        // An alias of the name in the file.
        ("{destination}", "+12245550101"),
        ("{to}", "+12245550101"),
        ("é{first_name}😀", "éAnn😀"),
    ] {
        assert_eq!(fill(template, &row).as_deref(), Ok(text), "{template}");
    }
}

#[test]
fn what_cannot_be_filled_is_refused() {
    let row = csv("to,name,empty\n1,Ann,\n");
    for (template, reason) in [
        ("Hello {", "is not closed; write {{ for a brace"),
        ("Hello {name", "is not closed"),
        ("Hello }", "closes no placeholder; write }} for a brace"),
        ("a } b {name}", "closes no placeholder"),
        ("{}", "names no column"),
        ("{ }", "names no column"),
        ("{|there}", "names no column"),
        ("{na{me}", "contains a brace"),
        ("{name|{to}}", "contains a brace"),
        ("{name}}", "closes no placeholder"),
        ("{empty}", "column \"empty\" is empty, and the text needs it; write a value, or a default as in {name|there}"),
        ("{nam}", "there is no column \"nam\""),
        // A default is no substitute for a column, whose name may be misspelled.
        ("{nam|there}", "there is no column \"nam\""),
        ("{empty|}", "the text is empty"),
        ("", "the text is empty"),
    ] {
        let error = fill(template, &row).expect_err(template);
        assert!(error.contains(reason), "{template}: {error}");
    }
    let twice = csv("to,name,Name \n1,Ann,Bob\n");
    assert_eq!(fill("{name}", &twice), Err("column \"name\" occurs twice; remove one".into()));
}

#[test]
fn members_of_json_are_columns() {
    let json = |line: &str| row(Format::Jsonl, line);
    let row = json(r#"{"to": 12245550101, "Name": "Ann", "none": null, "price": 9.5, "list": [], "n": 7}"#);
    for (template, text) in
        [("{name}", "Ann"), ("{n}", "7"), ("{none|x}", "x"), ("{absent|x}", "x"), ("{destination}", "12245550101")]
    {
        assert_eq!(fill(template, &row).as_deref(), Ok(text), "{template}");
    }
    for (template, reason) in [
        ("{none}", "column \"none\" is empty"),
        ("{absent}", "column \"absent\" is empty"),
        ("{price}", "is the number 9.5"),
        ("{list}", "is an array"),
    ] {
        assert!(fill(template, &row).unwrap_err().contains(reason), "{template}");
    }
    let twice = json(r#"{"to": 1, "name": "Ann", "NAME": "Bob"}"#);
    assert!(fill("{name}", &twice).unwrap_err().contains("occurs twice"));
}

/// 250,000 placeholders and a value of a megabyte would make 250 GB.
#[test]
fn length_of_a_text_is_bounded() {
    let value = "a".repeat(MAX_LENGTH / 2);
    let row = csv(&format!("to,name\n1,{value}\n"));
    assert_eq!(fill("{name}{name}", &row).map(|text| text.len()), Ok(MAX_LENGTH));
    assert!(fill(&"{name}".repeat(100_000), &row).is_err());
    let template = "a".repeat(MAX_LENGTH);
    assert!(fill(&template, &row).is_ok());
    assert!(fill(&format!("{template}a"), &row).is_err());
}

#[test]
fn finds_what_seems_to_be_a_placeholder() {
    let is_column = |name: &str| name.eq_ignore_ascii_case("name");
    for (text, found) in [
        ("Hello {name}", Some("name")),
        ("Hello { NAME |there}", Some("NAME")),
        ("{{name}}", Some("name")),
        ("{other} {name}", Some("name")),
        ("{other}", None),
        ("name}", None),
        ("{name", None),
        ("{}", None),
        ("fn main() { name }", Some("name")),
        ("no brace", None),
    ] {
        assert_eq!(apparent_placeholder(text, is_column).as_deref(), found, "{text}");
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Returns a list of one row, in which a value may be anything.
    fn list(value: &str) -> RawRow {
        csv(&format!("to,name\n1,\"{}\"\n", value.replace('"', "\"\"")))
    }

    proptest! {
        #[test]
        fn doubled_braces_are_the_text_itself(text in "[{}|a ]{1,40}|\\PC{1,40}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(fill(&doubled, &list("x")), Ok(text));
        }

        /// Whatever a value contains, it is inserted unchanged, and only once.
        #[test]
        fn value_is_inserted_as_it_is(value in "[{}|a ]{0,20}[{}|a\"]|\\PC{0,20}[a-z]", before in "[a-z]{0,5}") {
            let filled = fill(&format!("{before}{{name}}{{{{name}}}}"), &list(&value));
            prop_assert_eq!(filled, Ok(format!("{before}{value}{{name}}")));
        }

        #[test]
        fn any_text_is_a_template_or_refused(text in "[{}|na ]{0,30}|.{0,30}") {
            if let Ok(template) = Template::parse(&text) {
                let _ = template.fill(&list("x"));
                let is_name = |column: &str| !column.is_empty() && !column.contains(['{', '}', '|']);
                prop_assert!(template.columns().all(is_name));
            }
            let _ = apparent_placeholder(&text, |name| name == "n");
        }
    }
}
