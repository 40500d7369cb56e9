//! What commands print. Data goes to stdout, and everything else to stderr.

mod field_aliases;
mod jq;
mod json;
mod layout;
mod schema;
mod table;

use std::{
    cell::RefCell,
    fmt,
    io::{BufWriter, Stdout, Write},
};

use serde_json::{Map, Value};

use crate::{
    arguments::Global,
    eprint::eprint,
    failure::{Failure, Result},
    terminal::{Printer, Terminal},
};
pub(crate) use field_aliases::rename_fields;
use jq::Jq;
pub(crate) use schema::OutputSchema;
use table::Table;

/// Prints data in the form that was asked for.
pub(crate) struct Output {
    form: Form,
    quiet: bool,
    show_secrets: bool,
    terminal: Option<Terminal>,
    stdout: RefCell<Printer<BufWriter<Stdout>>>,
}

/// How data looks.
enum Form {
    /// A table for people; texts with tabs between them for programs.
    Table,
    /// Ids only.
    Ids,
    /// JSON, whole or the members with these names.
    Json(Option<Vec<String>>),
    /// What a jq program makes of it.
    Jq(Box<Jq>),
}

impl Output {
    /// What was asked for.
    pub(crate) fn new(global: &Global) -> Result<Self> {
        let form = match (&global.jq, &global.json) {
            (Some(program), _) => Form::Jq(Box::new(Jq::new(program)?)),
            (None, Some(names)) => Form::Json(names.clone().into_names()),
            (None, None) if global.quiet => Form::Ids,
            (None, None) => Form::Table,
        };
        let stdout = Printer::of_stdout();
        let terminal = stdout.terminal();
        let stdout = RefCell::new(stdout);
        Ok(Self { form, quiet: global.quiet, show_secrets: global.show_secrets, terminal, stdout })
    }

    /// Whether the output is JSON, for commands that have something of their own to say otherwise.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.form, Form::Json(_) | Form::Jq(_))
    }

    /// Whether only ids are wanted.
    pub(crate) fn is_ids(&self) -> bool {
        matches!(self.form, Form::Ids)
    }

    /// Whether nothing is to be said on stderr but failures.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Refuses members that cannot be chosen, before anything is sent.
    pub(crate) fn expects(&self, schema: &OutputSchema) -> Result {
        match &self.form {
            Form::Json(Some(names)) => json::expected(schema, names),
            _ => Ok(()),
        }
    }

    /// Prints one thing.
    pub(crate) fn object(&self, schema: &OutputSchema, mut value: Value) -> Result {
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        self.hide_secrets(&mut value);
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Table if value.is_null() || value.as_object().is_some_and(Map::is_empty) => {
                self.done("the service returned no data");
            }
            Form::Table => table::object(&mut *to, schema, &value)?,
            Form::Ids => table::id(&mut *to, schema, &value)?,
            Form::Json(names) => {
                let value = json::selected(schema, names.as_deref(), value)?;
                json::write(&mut *to, &value, self.terminal.is_some())?;
            }
            Form::Jq(jq) => jq.write(&mut *to, &value, self.terminal.is_some())?,
        }
        Ok(())
    }

    /// Prints one thing that no table is made of: as JSON, unless something else is asked for.
    pub(crate) fn document(&self, schema: &OutputSchema, mut value: Value) -> Result {
        if !matches!(self.form, Form::Table) {
            return self.object(schema, value);
        }
        self.hide_secrets(&mut value);
        json::write(&mut *self.stdout.borrow_mut(), &value, self.terminal.is_some())?;
        Ok(())
    }

    /// Prints what everyone knows and no table is made of, whatever its members are called.
    pub(crate) fn public(&self, value: &Value) -> Result {
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Jq(jq) => jq.write(&mut *to, value, self.terminal.is_some())?,
            _ => json::write(&mut *to, value, self.terminal.is_some())?,
        }
        Ok(())
    }

    /// Refuses to write to a terminal what is not for people.
    pub(crate) fn no_terminal(&self, why: &str) -> Result {
        match self.terminal {
            Some(_) => Err(Failure::usage(why)),
            None => Ok(()),
        }
    }

    /// Prints a list that is there as a whole.
    pub(crate) fn list(&self, schema: &OutputSchema, items: impl IntoIterator<Item = Value>) -> Result {
        let mut list = self.begin_list(schema);
        for item in items {
            list.item(item)?;
        }
        list.end()
    }

    /// Prints a list while it comes.
    pub(crate) fn begin_list<'a>(&'a self, schema: &'a OutputSchema) -> List<'a> {
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        List { output: self, schema, count: 0, table: Table::new(schema, self.terminal), whole: Vec::new() }
    }

    /// Prints one of many things on a line of its own, and hands it on at once. A table shows what `shown` makes of
    /// it.
    pub(crate) fn line(&self, schema: &OutputSchema, mut item: Value, shown: impl FnOnce(Value) -> Value) -> Result {
        debug_assert_eq!(schema.unknown(), Vec::<&str>::new(), "members of {}", schema.operation);
        self.hide_secrets(&mut item);
        let mut to = self.stdout.borrow_mut();
        match &self.form {
            Form::Table => table::line(&mut *to, schema, &shown(item))?,
            Form::Ids => table::id(&mut *to, schema, &shown(item))?,
            Form::Json(names) => json::write(&mut *to, &json::selected(schema, names.as_deref(), item)?, false)?,
            Form::Jq(jq) => jq.write(&mut *to, &item, false)?,
        }
        to.flush()?;
        Ok(())
    }

    /// Whether data goes to a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal.is_some()
    }

    /// Prints a text that is data as it is. On a terminal control characters are escaped, as in all that is printed.
    pub(crate) fn text(&self, text: impl fmt::Display) -> Result {
        writeln!(self.stdout.borrow_mut(), "{text}")?;
        Ok(())
    }

    /// Prints bytes that are data as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result {
        self.stdout.borrow_mut().write_all(bytes)?;
        Ok(())
    }

    /// Hands on what was printed until now, for those who wait for it.
    pub(crate) fn flush(&self) -> Result {
        self.stdout.borrow_mut().flush()?;
        Ok(())
    }

    /// Says on stderr what was done, unless only ids are wanted.
    pub(crate) fn done(&self, what: impl fmt::Display) {
        if !self.quiet {
            eprint(what);
        }
    }

    /// The end of a command: what it printed gets out, whatever it came to.
    pub(crate) fn end(&self, ended: Result) -> Result {
        let flushed = self.flush();
        ended.and(flushed)
    }

    fn hide_secrets(&self, value: &mut Value) {
        if !self.show_secrets {
            kandy_sys::mask_json(value);
        }
    }
}

/// A list that is printed while it comes.
pub(crate) struct List<'a> {
    output: &'a Output,
    schema: &'a OutputSchema,
    count: usize,
    table: Table<'a>,
    /// For jq, which wants to see all of it.
    whole: Vec<Value>,
}

impl List<'_> {
    /// The next item.
    pub(crate) fn item(&mut self, item: Value) -> Result {
        self.item_as(item, |item| item)
    }

    /// The next item, of which a table shows what `shown` makes of it.
    pub(crate) fn item_as(&mut self, mut item: Value, shown: impl FnOnce(Value) -> Value) -> Result {
        self.output.hide_secrets(&mut item);
        let mut to = self.output.stdout.borrow_mut();
        match &self.output.form {
            Form::Table => self.table.row(&mut *to, &shown(item))?,
            Form::Ids => table::id(&mut *to, self.schema, &shown(item))?,
            Form::Json(names) => {
                let item = json::selected(self.schema, names.as_deref(), item)?;
                to.write_all(if self.count == 0 { b"[" } else { b",\n" })?;
                to.json(&item, false)?;
            }
            Form::Jq(_) => self.whole.push(item),
        }
        self.count += 1;
        Ok(())
    }

    /// The end of the list.
    pub(crate) fn end(self) -> Result {
        let mut to = self.output.stdout.borrow_mut();
        match &self.output.form {
            Form::Table => {
                self.table.end(&mut *to)?;
                if self.count == 0 {
                    drop(to);
                    self.output.done(format_args!("no {}", self.schema.name));
                }
            }
            Form::Ids => {}
            Form::Json(_) => to.write_all(if self.count == 0 { b"[]\n" } else { b"]\n" })?,
            Form::Jq(jq) => jq.write(&mut *to, &Value::Array(self.whole), self.output.terminal.is_some())?,
        }
        Ok(())
    }
}
