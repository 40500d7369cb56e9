//! Prints results: data on stdout, everything else on stderr.
//!
//! ```text
//! schema    what a command prints: the operation, the id, the columns
//! view      which items and columns of a list
//! table     tables, which layout fits to the terminal
//! times     times in the zone of the reader
//! json, jq  --json and --jq
//! ```
//!
//! Depends on `terminal`, which escapes. Begin with [`Output`].

mod field_aliases;
mod jq;
mod json;
mod layout;
mod schema;
mod table;
mod times;
mod view;

use std::{cell::RefCell, fmt, io::Write};

use serde_json::{Map, Value, json};

use crate::{
    arguments::{Global, Names},
    eprint::eprint,
    failure::{Failure, Result},
    terminal::{PagedStdout, Printer, Terminal},
};
pub(crate) use field_aliases::rename_fields;
use jq::Jq;
pub(crate) use schema::OutputSchema;
use table::Table;
use times::Times;
pub(crate) use view::ListView;

/// Prints data in the requested form.
pub(crate) struct Output {
    form: Form,
    quiet: bool,
    show_secrets: bool,
    terminal: Option<Terminal>,
    times: Times,
    /// Whether a pager may show long output.
    may_page: bool,
    stdout: RefCell<Printer<PagedStdout>>,
}

/// What a command prints as JSON that changes something and returns no data.
pub(crate) const CHANGE: OutputSchema =
    OutputSchema { name: "changes", operation: "", at: "", id: "", columns: &["message", "result"] };

/// The form of the data.
enum Form {
    /// A table on a terminal; tab-separated values in a pipe.
    Table,
    /// Ids only.
    Ids,
    /// JSON: whole values, or these fields.
    Json(Option<Vec<String>>),
    /// The results of a jq program, run on whole values or these fields.
    Jq(Box<Jq>, Option<Vec<String>>),
}

impl Output {
    /// Creates an output from the global options.
    pub(crate) fn new(global: &Global) -> Result<Self> {
        let names = global.json.clone().and_then(Names::into_names);
        let form = match (&global.jq, &global.json) {
            (Some(program), _) => Form::Jq(Box::new(Jq::new(program)?), names),
            (None, Some(_)) => Form::Json(names),
            (None, None) if global.quiet => Form::Ids,
            (None, None) => Form::Table,
        };
        let stdout = Printer::of_stdout();
        let terminal = stdout.terminal();
        let stdout = RefCell::new(stdout);
        let times = Times::new(global.utc || terminal.is_none());
        let may_page = terminal.is_some() && !global.no_pager;
        Ok(Self { form, quiet: global.quiet, show_secrets: global.show_secrets, terminal, times, may_page, stdout })
    }

    /// Returns whether the output is JSON, for commands that print something of their own otherwise.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.form, Form::Json(_) | Form::Jq(..))
    }

    /// Returns whether only ids are printed.
    pub(crate) fn prints_ids(&self) -> bool {
        matches!(self.form, Form::Ids)
    }

    /// Returns whether status messages are suppressed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Checks the fields in `--json=…` before the call is sent.
    pub(crate) fn check_fields(&self, schema: &OutputSchema) -> Result {
        match &self.form {
            Form::Json(Some(names)) | Form::Jq(_, Some(names)) => json::check_fields(schema, names),
            _ => Ok(()),
        }
    }

    /// Prints an object.
    pub(crate) fn object(&self, schema: &OutputSchema, mut value: Value) -> Result {
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        self.hide_secrets(&mut value);
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Table if value.is_null() || value.as_object().is_some_and(Map::is_empty) => {
                self.status("the service returned no data");
            }
            Form::Table => table::object(&mut *to, schema, &value, &self.times)?,
            Form::Ids => table::id(&mut *to, schema, &value)?,
            Form::Json(names) => {
                let value = json::selected(schema, names.as_deref(), value)?;
                json::write(&mut *to, &value, self.terminal.is_some())?;
            }
            Form::Jq(jq, names) => {
                let value = json::selected(schema, names.as_deref(), value)?;
                jq.write(&mut *to, &value, self.terminal.is_some())?;
            }
        }
        Ok(())
    }

    /// Prints an object as JSON, where the reader of a table is told the same in a sentence.
    pub(crate) fn summary(&self, schema: &OutputSchema, value: Value) -> Result {
        if self.is_json() { self.object(schema, value) } else { Ok(()) }
    }

    /// Prints an object that has no table: as JSON, unless another form is requested.
    pub(crate) fn document(&self, schema: &OutputSchema, mut value: Value) -> Result {
        if !matches!(self.form, Form::Table) {
            return self.object(schema, value);
        }
        self.hide_secrets(&mut value);
        json::write(&mut *self.stdout.borrow_mut(), &value, self.terminal.is_some())?;
        Ok(())
    }

    /// Prints public data that has no table, without masking fields.
    pub(crate) fn public(&self, value: &Value) -> Result {
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Jq(jq, _) => jq.write(&mut *to, value, self.terminal.is_some())?,
            _ => json::write(&mut *to, value, self.terminal.is_some())?,
        }
        Ok(())
    }

    /// Returns an error if stdout is a terminal.
    pub(crate) fn reject_terminal(&self, why: &str) -> Result {
        match self.terminal {
            Some(_) => Err(Failure::usage(why)),
            None => Ok(()),
        }
    }

    /// Prints a complete list.
    pub(crate) fn list(&self, schema: &OutputSchema, items: impl IntoIterator<Item = Value>) -> Result {
        self.list_in(schema, items, &ListView::ALL)
    }

    /// Prints the selected items of a complete list.
    pub(crate) fn list_in(
        &self,
        schema: &OutputSchema,
        items: impl IntoIterator<Item = Value>,
        view: &ListView,
    ) -> Result {
        let mut list = self.begin_list_in(schema, view);
        for item in items {
            list.item(item)?;
        }
        list.end()
    }

    /// Begins a list whose items are printed as they arrive. On a terminal, a long one goes through a pager.
    pub(crate) fn begin_list<'a>(&'a self, schema: &'a OutputSchema) -> List<'a> {
        self.begin_list_in(schema, &ListView::ALL)
    }

    /// Begins a list whose selected items are printed as they arrive.
    pub(crate) fn begin_list_in<'a>(&'a self, schema: &'a OutputSchema, view: &'a ListView) -> List<'a> {
        self.page();
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        let table = Table::new(schema, self.terminal, &self.times, view.optional());
        List { output: self, schema, view, count: 0, selected: 0, table, whole: Vec::new() }
    }

    /// Prints an item of a stream on a line of its own, and flushes. A table shows the result of `shown`.
    pub(crate) fn line(&self, schema: &OutputSchema, mut item: Value, shown: impl FnOnce(Value) -> Value) -> Result {
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        self.hide_secrets(&mut item);
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Table => table::line(&mut *to, schema, &shown(item), &self.times)?,
            Form::Ids => table::id(&mut *to, schema, &shown(item))?,
            Form::Json(names) => json::write(&mut *to, &json::selected(schema, names.as_deref(), item)?, false)?,
            Form::Jq(jq, names) => {
                jq.write(&mut *to, &json::selected(schema, names.as_deref(), item)?, false)?;
            }
        }
        to.flush()?;
        Ok(())
    }

    /// Returns whether stdout is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal.is_some()
    }

    /// Prints a text and a line feed. On a terminal, control characters are escaped.
    pub(crate) fn text(&self, text: impl fmt::Display) -> Result {
        writeln!(self.stdout.borrow_mut(), "{text}")?;
        Ok(())
    }

    /// Prints a text of this program with its styles, which are kept on a terminal with colours. On a terminal, a long one
    /// goes through a pager.
    pub(crate) fn styled(&self, text: impl fmt::Display) -> Result {
        self.page();
        self.stdout.borrow_mut().styled(&format!("{}\n", text.to_string().trim_end()))?;
        Ok(())
    }

    /// Prints what a command has changed: a status message, or JSON with it and with the result of the call.
    pub(crate) fn changed(&self, message: impl fmt::Display, result: Value) -> Result {
        if !self.is_json() {
            self.status(message);
            return Ok(());
        }
        self.object(&CHANGE, json!({"message": message.to_string(), "result": result}))
    }

    /// Sends what follows through a pager if it is longer than the terminal.
    fn page(&self) {
        if self.may_page {
            self.stdout.borrow_mut().inner().page();
        }
    }

    /// Prints bytes.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result {
        self.stdout.borrow_mut().write_all(bytes)?;
        Ok(())
    }

    /// Flushes stdout.
    pub(crate) fn flush(&self) -> Result {
        self.stdout.borrow_mut().flush()?;
        Ok(())
    }

    /// Prints a status message to stderr, unless `--quiet`.
    pub(crate) fn status(&self, what: impl fmt::Display) {
        if !self.quiet {
            eprint(what);
        }
    }

    /// Prints a remark about the data to stderr, after the data and its pager, for a reader on a terminal.
    fn note(&self, what: impl fmt::Display) {
        if self.is_terminal() && self.end(Ok(())).is_ok() {
            self.status(what);
        }
    }

    /// Ends the output: flushes stdout and waits for the pager, whatever the command returned.
    pub(crate) fn end(&self, ended: Result) -> Result {
        let flushed = self.flush();
        let paged = self.stdout.borrow_mut().inner().end().map_err(Failure::from);
        ended.and(flushed).and(paged)
    }

    fn hide_secrets(&self, value: &mut Value) {
        if !self.show_secrets {
            kandy_sys::mask_json(value);
        }
    }
}

/// A list that is printed as its items arrive.
pub(crate) struct List<'a> {
    output: &'a Output,
    schema: &'a OutputSchema,
    view: &'a ListView,
    /// The number of printed items.
    count: usize,
    /// The number of items that were selected, and are printed up to the limit.
    selected: usize,
    table: Table<'a>,
    /// The items, for jq, which runs on the whole list.
    whole: Vec<Value>,
}

impl List<'_> {
    /// Prints the next item.
    pub(crate) fn item(&mut self, item: Value) -> Result {
        self.item_as(item, |item| item)
    }

    /// Prints the next item. A table shows the result of `shown`.
    pub(crate) fn item_as(&mut self, mut item: Value, shown: impl Fn(Value) -> Value) -> Result {
        self.output.hide_secrets(&mut item);
        if !self.view.has(self.schema, || shown(item.clone()), &self.output.times) {
            return Ok(());
        }
        self.selected += 1;
        if self.is_full() {
            return Ok(());
        }
        let mut to = self.output.stdout.borrow_mut();
        match &self.output.form {
            Form::Table => self.table.row(&mut *to, &shown(item))?,
            Form::Ids => table::id(&mut *to, self.schema, &shown(item))?,
            Form::Json(names) => {
                let item = json::selected(self.schema, names.as_deref(), item)?;
                to.write_all(if self.count == 0 { b"[" } else { b",\n" })?;
                to.json(&item, false)?;
            }
            Form::Jq(_, names) => self.whole.push(json::selected(self.schema, names.as_deref(), item)?),
        }
        self.count += 1;
        Ok(())
    }

    /// Returns whether the list has the maximum number of items, so that no further ones are printed.
    pub(crate) fn is_full(&self) -> bool {
        self.view.is_full(self.count)
    }

    /// Ends a list that was read until it was full.
    pub(crate) fn end_early(self) -> Result {
        let (output, count) = (self.output, self.count);
        self.end()?;
        output.note(format_args!("…and more: showing the first {count}; --limit sets another number"));
        Ok(())
    }

    /// Ends the list.
    pub(crate) fn end(self) -> Result {
        let (output, count, selected) = (self.output, self.count, self.selected);
        self.finish()?;
        if selected > count {
            output.note(format_args!("…and more: showing {count} of {selected}"));
        }
        Ok(())
    }

    fn finish(self) -> Result {
        let mut to = self.output.stdout.borrow_mut();
        match &self.output.form {
            Form::Table => {
                self.table.end(&mut *to)?;
                if self.count == 0 {
                    drop(to);
                    let with = if self.view.is_search() { " with that text" } else { "" };
                    self.output.status(format_args!("no {}{with}", self.schema.name));
                }
            }
            Form::Ids => {}
            Form::Json(_) => to.write_all(if self.count == 0 { b"[]\n" } else { b"]\n" })?,
            Form::Jq(jq, _) => jq.write(&mut *to, &Value::Array(self.whole), self.output.terminal.is_some())?,
        }
        Ok(())
    }
}
