//! Tables: with columns that fit the terminal for people, and with tabs, whole and without a head, for programs.

use std::io::{self, Write};

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Row, Width, presets};
use serde_json::Value;

use super::{Shape, Terminal};

/// How many rows are laid out together. Those that follow have the columns of the first.
const PAGE: usize = 500;

/// The blanks between two columns.
const GAP: u16 = 2;

/// A table that is written while its rows come.
pub(super) struct Table<'a> {
    shape: &'a Shape,
    terminal: Option<Terminal>,
    rows: Vec<Vec<String>>,
    /// How wide the columns are, once that is settled.
    widths: Option<Vec<u16>>,
    /// Whether the head is written.
    begun: bool,
}

impl<'a> Table<'a> {
    pub(super) fn new(shape: &'a Shape, terminal: Option<Terminal>) -> Self {
        Self { shape, terminal, rows: Vec::new(), widths: None, begun: false }
    }

    pub(super) fn row(&mut self, to: &mut impl Write, item: &Value) -> io::Result<()> {
        if self.terminal.is_none() {
            return line(to, self.shape, item);
        }
        self.rows.push(cells(self.shape, item));
        if self.rows.len() == PAGE { self.page(to) } else { Ok(()) }
    }

    pub(super) fn end(mut self, to: &mut impl Write) -> io::Result<()> {
        if self.rows.is_empty() { Ok(()) } else { self.page(to) }
    }

    /// Lays out the rows that are there.
    fn page(&mut self, to: &mut impl Write) -> io::Result<()> {
        let Some(terminal) = self.terminal else { return Ok(()) };
        let mut table = blank(terminal);
        // Of a list that is there as a whole it is known which columns have nothing in them.
        let is_whole = !self.begun && self.rows.len() < PAGE;
        let is_blank = |column: usize| is_whole && self.rows.iter().all(|row| row[column].is_empty());
        let blanks: Vec<_> = (0..self.shape.columns.len()).map(is_blank).collect();
        if !self.begun {
            table.set_header(Row::from(self.shape.columns.to_vec()));
        }
        table.add_rows(self.rows.drain(..));
        // An id that is broken cannot be copied.
        let id = self.shape.columns.iter().position(|column| *column == self.shape.id);
        if let Some(column) = id.and_then(|id| table.column_mut(id)) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        match &self.widths {
            Some(widths) => {
                for (column, width) in table.column_iter_mut().zip(widths) {
                    column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + GAP)));
                }
            }
            None => {
                let widths = table.column_max_content_widths();
                // Where the terminal is too narrow for them, each page is laid out by itself.
                let all = widths.iter().map(|width| usize::from(width + GAP)).sum::<usize>();
                self.widths = (all <= usize::from(terminal.columns)).then_some(widths);
                self.begun = true;
                if self.widths.is_none() {
                    for (column, _) in table.column_iter_mut().zip(&blanks).filter(|(_, blank)| **blank) {
                        column.set_constraint(ColumnConstraint::Hidden);
                    }
                }
            }
        }
        write(to, table, terminal)
    }
}

/// A row that is not laid out, for programs and for rows that nobody can wait for.
pub(super) fn line(to: &mut impl Write, shape: &Shape, item: &Value) -> io::Result<()> {
    writeln!(to, "{}", cells(shape, item).join("\t"))
}

fn cells(shape: &Shape, item: &Value) -> Vec<String> {
    match shape.columns {
        [] => vec![text(item)],
        columns => columns.iter().map(|column| text(&item[*column])).collect(),
    }
}

/// One thing: its members below each other. Those that the shape names come first.
pub(super) fn object(to: &mut impl Write, shape: &Shape, value: &Value, terminal: Option<Terminal>) -> io::Result<()> {
    let Value::Object(members) = value else { return writeln!(to, "{}", text(value)) };
    let first = shape.columns.iter().filter_map(|name| members.get_key_value(*name));
    let rest = members.iter().filter(|(name, _)| !shape.columns.contains(&name.as_str()));
    let members = first.chain(rest).map(|(name, member)| (name, text(member)));
    let Some(terminal) = terminal else {
        for (name, member) in members {
            writeln!(to, "{name}\t{member}")?;
        }
        return Ok(());
    };
    let mut table = blank(terminal);
    for (name, member) in members {
        table.add_row(Row::from(vec![Cell::new(name), Cell::new(member)]));
    }
    write(to, table, terminal)
}

/// What a thing is known by.
pub(super) fn id(to: &mut impl Write, shape: &Shape, value: &Value) -> io::Result<()> {
    match shape.id {
        "" => writeln!(to, "{}", text(value)),
        id => writeln!(to, "{}", text(&value[id])),
    }
}

fn blank(terminal: Terminal) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(terminal.columns);
    table
}

/// Writes the lines, the head of it bold where that is welcome.
fn write(to: &mut impl Write, mut table: comfy_table::Table, terminal: Terminal) -> io::Result<()> {
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let bold = terminal.colours && table.header().is_some();
    for (at, line) in table.lines().enumerate() {
        match line.trim_end() {
            line if at == 0 && bold => writeln!(to, "\x1b[1m{line}\x1b[0m")?,
            line => writeln!(to, "{line}")?,
        }
    }
    Ok(())
}

/// A value in one cell. What would break the line is shown as a blank, and what drives a terminal is not shown.
fn text(value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!c.is_control()).then_some(c) }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PEOPLE: Shape = Shape { name: "people", operation: "", at: "", id: "name", columns: &["name", "says"] };

    fn printed(columns: u16, colours: bool, items: &[Value]) -> String {
        let mut to = Vec::new();
        let mut table = Table::new(&PEOPLE, Some(Terminal { columns, colours }));
        for item in items {
            table.row(&mut to, item).expect("a row");
        }
        table.end(&mut to).expect("the end");
        String::from_utf8(to).expect("UTF-8")
    }

    #[test]
    fn columns_stand_below_each_other() {
        let items = [json!({"name": "russ", "says": "Hello"}), json!({"name": "maximilian", "says": null})];
        assert_eq!(printed(80, false, &items), "name        says\nruss        Hello\nmaximilian\n");
        assert!(printed(80, true, &items).starts_with("\x1b[1mname        says\x1b[0m\n"));
    }

    #[test]
    fn an_id_is_not_broken() {
        let items = [json!({"name": "a_name_of_more_than_twenty_letters", "says": "a text of some words"})];
        assert!(printed(40, false, &items).contains("a_name_of_more_than_twenty_letters"));
    }

    #[test]
    fn columns_with_nothing_in_them_make_room() {
        let items = [json!({"name": "a_name_of_more_than_twenty_letters"})];
        assert_eq!(printed(36, false, &items), "name\na_name_of_more_than_twenty_letters\n");
        assert!(printed(80, false, &items).contains("says"));
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let long = "a text that is longer than any narrow terminal can show in one line".to_owned();
        let items: Vec<_> = (0..PAGE * 2 + 3).map(|at| json!({"name": format!("user{at}"), "says": long})).collect();
        let printed = printed(30, false, &items);
        assert!(printed.lines().all(|line| line.chars().count() <= 30), "{}", &printed[..300]);
        assert_eq!(printed.matches("says").count(), 1);
    }

    #[test]
    fn later_pages_have_the_columns_of_the_first() {
        let items: Vec<_> = (0..=PAGE).map(|at| json!({"name": format!("user{at}"), "says": "Hi"})).collect();
        let printed = printed(80, false, &items);
        let at: Vec<_> = printed.lines().skip(1).map(|line| line.find("Hi")).collect();
        assert!(at.iter().all(|place| *place == at[0]), "{at:?}");
    }

    #[test]
    fn what_drives_a_terminal_is_not_shown() {
        let items = [json!({"name": "\u{1b}[31mruss", "says": "one\ntwo\tthree"})];
        assert_eq!(printed(80, false, &items), "name      says\n[31mruss  one two three\n");
    }
}
