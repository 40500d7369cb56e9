//! Tables: fitted to a terminal with a header, or tab-separated without a header in a pipe.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde_json::Value;

use super::{
    OutputSchema, Terminal,
    layout::{self, GAP, WIDE, WIDE_IN_THREE},
    times::Times,
};
use crate::terminal::{Lines, Printer, escape};

/// The number of rows that are laid out together. Later pages keep the columns of the first, or widen them.
const PAGE: usize = 500;

/// A table that is written while its rows arrive.
pub(super) struct Table<'a> {
    schema: &'a OutputSchema,
    terminal: Option<Terminal>,
    rows: Vec<Vec<String>>,
    /// The natural widths of the columns of previous pages.
    widths: Vec<usize>,
    /// Whether the header is written.
    begun: bool,
    times: &'a Times,
    /// The columns that may be omitted, if an item has one line; see `ListView`.
    optional: Option<&'static [&'static str]>,
    /// Which columns a table with one line for an item shows. Known from the first page on.
    shown: Option<Vec<bool>>,
}

/// A column with longer values is readable in this width.
const READABLE_WIDTH: usize = 24;

impl<'a> Table<'a> {
    pub(super) fn new(
        schema: &'a OutputSchema,
        terminal: Option<Terminal>,
        times: &'a Times,
        optional: Option<&'static [&'static str]>,
    ) -> Self {
        let (rows, widths) = (Vec::new(), Vec::new());
        Self { schema, terminal, rows, widths, begun: false, times, optional, shown: None }
    }

    pub(super) fn row(&mut self, to: &mut Printer<impl Write>, item: &Value) -> io::Result<()> {
        if self.terminal.is_none() {
            return line(to, self.schema, item, self.times);
        }
        self.rows.push(cells(self.schema, item, Some(self.times)));
        if self.rows.len() == PAGE { self.page(to) } else { Ok(()) }
    }

    pub(super) fn end(mut self, to: &mut Printer<impl Write>) -> io::Result<()> {
        if self.rows.is_empty() { Ok(()) } else { self.page(to) }
    }

    /// Writes the buffered rows.
    fn page(&mut self, to: &mut Printer<impl Write>) -> io::Result<()> {
        let Some(terminal) = self.terminal else { return Ok(()) };
        // If the list is complete, columns without any value are known.
        let is_whole = !self.begun && self.rows.len() < PAGE;
        let head: Vec<_> = self.schema.columns.iter().map(|column| (*column).to_owned()).collect();
        let mut rows = std::mem::take(&mut self.rows);
        if !self.begun && !head.is_empty() {
            rows.insert(0, head);
        }
        let has_head = rows.len() > 1 && !self.begun && !self.schema.columns.is_empty();
        self.begun = true;
        // Columns only ever widen from page to page, so the pages of a long list stay aligned.
        let mut widths = natural(&rows, &self.widths);
        let mut id = self.schema.columns.iter().position(|column| *column == self.schema.id);
        if let Some(optional) = self.optional {
            self.widths.clone_from(&widths);
            let shown =
                self.shown.get_or_insert_with(|| readable(self.schema, &widths, optional, terminal.columns.into()));
            id = id.filter(|id| shown[*id]).map(|id| shown[..id].iter().filter(|shown| **shown).count());
            rows = rows.into_iter().map(|row| only(row, shown)).collect();
            widths = only(widths, shown);
        } else if is_whole && full(&widths) > usize::from(terminal.columns) {
            let body = &rows[usize::from(has_head)..];
            let kept: Vec<_> = (0..widths.len()).map(|at| body.iter().any(|row| !row[at].is_empty())).collect();
            id = id.filter(|id| kept[*id]).map(|id| kept[..id].iter().filter(|kept| **kept).count());
            rows = rows.into_iter().map(|row| only(row, &kept)).collect();
            widths = only(widths, &kept);
        } else {
            self.widths.clone_from(&widths);
        }
        let widths = layout::widths(&widths, id, terminal.columns.into());
        for (at, row) in rows.iter().enumerate() {
            write(to, row, &widths, has_head && at == 0, self.optional.is_some())?;
        }
        Ok(())
    }
}

/// Returns which columns are shown: without as few of `optional` as needed for the others to be readable.
fn readable(schema: &OutputSchema, natural: &[usize], optional: &[&str], terminal: usize) -> Vec<bool> {
    let mut shown = vec![true; natural.len()];
    let least = |at: usize| match schema.columns.get(at) {
        // An id is of use only as a whole.
        Some(column) if *column == schema.id => natural[at],
        _ => natural[at].min(READABLE_WIDTH),
    };
    for column in optional {
        let widths: Vec<_> = (0..natural.len()).filter(|at| shown[*at]).map(least).collect();
        if full(&widths) <= terminal {
            break;
        }
        if let Some(at) = schema.columns.iter().position(|name| name == column) {
            shown[at] = false;
        }
    }
    shown
}

/// The columns that are shown.
fn only<T>(items: Vec<T>, kept: &[bool]) -> Vec<T> {
    items.into_iter().zip(kept).filter(|(_, kept)| **kept).map(|(item, _)| item).collect()
}

/// The width of a table.
fn full(widths: &[usize]) -> usize {
    widths.iter().fold(GAP * widths.len().saturating_sub(1), |all, width| all.saturating_add(*width))
}

/// Returns the natural widths of columns, at least `least`.
fn natural(rows: &[Vec<String>], least: &[usize]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| layout::width(cell)).max().unwrap_or_default();
            widest.max(least.get(column).copied().unwrap_or_default())
        })
        .collect()
}

/// Writes a row, whose cells may have several lines unless `is_cut`.
fn write(to: &mut Printer<impl Write>, row: &[String], widths: &[usize], bold: bool, is_cut: bool) -> io::Result<()> {
    let lines = |(cell, width): (&String, &usize)| match is_cut {
        true => vec![layout::fit(cell, *width)],
        false => layout::lines(cell, *width),
    };
    let cells: Vec<_> = row.iter().zip(widths).map(lines).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
    for at in 0..height {
        let mut line = String::new();
        let mut used = 0;
        let mut begin = 0_usize;
        for (cell, width) in cells.iter().zip(widths) {
            if let Some(text) = cell.get(at).map(|text| text.trim_end_matches(' ')).filter(|text| !text.is_empty()) {
                // In a terminal that is too narrow, a long value moves the columns after it.
                line.extend(std::iter::repeat_n(' ', begin.saturating_sub(used)));
                line.push_str(text);
                used = used.max(begin) + layout::width(text);
            }
            begin += width + GAP;
        }
        match bold {
            true => to.bold_line(&line)?,
            false => writeln!(to, "{line}")?,
        }
    }
    Ok(())
}

/// Writes a row without layout, for pipes and for streams.
pub(super) fn line(to: &mut Printer<impl Write>, schema: &OutputSchema, item: &Value, times: &Times) -> io::Result<()> {
    let times = to.terminal().map(|_| times);
    writeln!(to, "{}", cells(schema, item, times).join("\t"))
}

/// Returns the texts of the columns: for a terminal with `times`, otherwise for a pipe.
pub(super) fn cells(schema: &OutputSchema, item: &Value, times: Option<&Times>) -> Vec<String> {
    match schema.columns {
        [] => vec![cell(item, times.is_some())],
        columns => columns.iter().map(|column| field(column, &item[*column], times)).collect(),
    }
}

/// Returns the text of a field.
fn field(name: &str, value: &Value, times: Option<&Times>) -> String {
    let time = times.and_then(|times| times.text(name, value));
    time.unwrap_or_else(|| cell(value, times.is_some()))
}

/// Writes an object: one field per line, those of the schema first.
pub(super) fn object(
    to: &mut Printer<impl Write>,
    schema: &OutputSchema,
    value: &Value,
    times: &Times,
) -> io::Result<()> {
    let terminal = to.terminal();
    let times = terminal.map(|_| times);
    let for_terminal = terminal.is_some();
    let Value::Object(members) = value else { return writeln!(to, "{}", cell(value, for_terminal)) };
    let first = schema.columns.iter().filter_map(|name| members.get_key_value(*name));
    let rest = members.iter().filter(|(name, _)| !schema.columns.contains(&name.as_str()));
    let rows = first
        .chain(rest)
        .map(|(name, member)| vec![one_line(name, for_terminal).into_owned(), field(name, member, times)]);
    let Some(terminal) = terminal else {
        return rows.into_iter().try_for_each(|row| writeln!(to, "{}", row.join("\t")));
    };
    let rows: Vec<_> = rows.collect();
    let widths = layout::widths(&natural(&rows, &[]), None, terminal.columns.into());
    rows.iter().try_for_each(|row| write(to, row, &widths, false, false))
}

/// Writes the id on one line. Line breaks are escaped, so that one id does not read as two.
pub(super) fn id(to: &mut Printer<impl Write>, schema: &OutputSchema, value: &Value) -> io::Result<()> {
    let for_terminal = to.terminal().is_some();
    let id = if schema.id.is_empty() { value } else { &value[schema.id] };
    match id {
        Value::String(id) if !for_terminal => {
            writeln!(to, "{}", id.replace('\n', r"\n").replace('\r', r"\r"))
        }
        id => writeln!(to, "{}", cell(id, for_terminal)),
    }
}

/// Returns the text of a cell.
fn cell(value: &Value, for_terminal: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text, for_terminal).into_owned(),
        other => one_line(&other.to_string(), for_terminal).into_owned(),
    }
}

/// Returns a text on one line. In a pipe it is unchanged, except that separators become blanks.
fn one_line(text: &str, for_terminal: bool) -> Cow<'_, str> {
    if for_terminal {
        let text = escape(text, Lines::One);
        return if text.contains(WIDE) { Cow::Owned(text.replace(WIDE, WIDE_IN_THREE)) } else { text };
    }
    if text.contains(BREAKS) { Cow::Owned(text.replace(BREAKS, " ")) } else { Cow::Borrowed(text) }
}

/// Returns whether a character separates cells or lines.
const BREAKS: [char; 3] = ['\t', '\n', '\r'];

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
