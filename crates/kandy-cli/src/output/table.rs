//! Tables: with columns that fit the terminal for people, and with tabs, whole and without a head, for programs.

use std::io::{self, Write};

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Row, Width, presets};
use serde_json::Value;

use super::{Shape, Terminal};

/// How many rows are laid out together. Those that follow have the columns of the first.
const PAGE: usize = 500;

/// A table that is written while its rows come.
pub(super) struct Table<'a> {
    shape: &'a Shape,
    terminal: Option<Terminal>,
    rows: Vec<Vec<String>>,
    /// How wide the columns are, once that is settled.
    widths: Option<Vec<u16>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(shape: &'a Shape, terminal: Option<Terminal>) -> Self {
        Self { shape, terminal, rows: Vec::new(), widths: None }
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
        if self.widths.is_none() {
            table.set_header(Row::from(self.shape.columns.to_vec()));
        }
        table.add_rows(self.rows.drain(..));
        match &self.widths {
            Some(widths) => {
                for (column, width) in table.column_iter_mut().zip(widths) {
                    column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(*width)));
                }
            }
            None => self.widths = Some(table.column_max_content_widths()),
        }
        write(to, &table, terminal)
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
    write(to, &table, terminal)
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
fn write(to: &mut impl Write, table: &comfy_table::Table, terminal: Terminal) -> io::Result<()> {
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
