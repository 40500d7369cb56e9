//! Sends calls and prints their results.
//!
//! Every command goes through [`Context::send_as`]. A response is decoded once: as JSON where it is printed, or as the type
//! that the command needs. Depends on the context, the output and the dry run. Begin with [`Context::send`].

use std::fmt;

use kandy::{CallBuilder, Preview};
use kandy_sys::{BaseUrl, Operation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    context::Context,
    dry_run,
    failure::{Failure, Result},
    output::{CHANGE, ListView, OutputSchema},
};

/// Sending calls.
impl Context {
    /// Sends a call and returns its result as JSON. In a dry run, prints the request instead and returns `None`.
    pub(crate) async fn send(&self, call: impl CallBuilder) -> Result<Option<Value>> {
        self.send_as(call).await
    }

    /// Sends a call and decodes its result as `T`. In a dry run, prints the request instead and returns `None`.
    pub(crate) async fn send_as<T: DeserializeOwned + Send>(&self, call: impl CallBuilder) -> Result<Option<T>> {
        match self.show_dry_run(call).await? {
            Some(call) => Ok(Some(call.response_as().await?.value)),
            None => Ok(None),
        }
    }

    /// Sends a call and decodes its result as the type of the SDK. In a dry run, prints the request instead and returns
    /// `None`.
    pub(crate) async fn send_typed<C: CallBuilder>(&self, call: C) -> Result<Option<C::Value>> {
        match self.show_dry_run(call).await? {
            Some(call) => Ok(Some(call.await?)),
            None => Ok(None),
        }
    }

    /// In a dry run, prints the request of a call and returns `None`; otherwise returns the call.
    async fn show_dry_run<C: CallBuilder>(&self, call: C) -> Result<Option<C>> {
        if !self.is_dry_run() {
            return Ok(Some(call));
        }
        self.preview_with(call, &[]).await?;
        Ok(None)
    }

    /// Prints the request of a call; JSON has these members, too.
    pub(crate) async fn preview_with(&self, call: impl CallBuilder, members: &[(&str, Value)]) -> Result {
        let preview = call.preview().await?;
        dry_run::show(&self.output, &preview, &self.take_unknown(), self.ca_file()?.as_deref(), members)
    }

    /// Checks the fields in `--json=…` before the call is sent. A dry run prints a request, which has other fields.
    pub(crate) fn check_fields(&self, schema: &OutputSchema) -> Result {
        if self.is_dry_run() { Ok(()) } else { self.output.check_fields(schema) }
    }

    /// Prints the request of a generated call.
    pub(crate) fn preview<T>(&self, call: kandy_sys::Call<'_, T>) -> Result {
        let request = call.into_request().map_err(kandy::Error::from)?;
        let base_url = BaseUrl::insecure(self.kandy()?.base_url());
        let base_url = base_url.map_err(|invalid| Failure::usage(invalid.reason()))?;
        let preview = Preview::of(&request, &base_url);
        dry_run::show(&self.output, &preview, &self.take_unknown(), self.ca_file()?.as_deref(), &[])
    }

    /// Sends a call and prints an object of its result.
    pub(crate) async fn show(&self, call: impl CallBuilder, schema: &OutputSchema) -> Result {
        self.check_fields(schema)?;
        match self.send(call).await? {
            Some(result) => self.output.object(schema, part(result, schema)?),
            None => Ok(()),
        }
    }

    /// Sends a call and prints the list in its result.
    pub(crate) async fn list(&self, call: impl CallBuilder, schema: &OutputSchema, view: &ListView) -> Result {
        self.list_as(call, schema, |item| item, view).await
    }

    /// Sends a call and prints the list in its result. A table shows the result of `shown` for each item.
    pub(crate) async fn list_as(
        &self,
        call: impl CallBuilder,
        schema: &OutputSchema,
        shown: impl Fn(Value) -> Value,
        view: &ListView,
    ) -> Result {
        self.check_fields(schema)?;
        let Some(result) = self.send(call).await? else { return Ok(()) };
        let items = items(part(result, schema)?, schema)?;
        let mut list = self.output.begin_list_in(schema, view);
        for item in items {
            list.item_as(item, &shown)?;
        }
        list.end()
    }

    /// Sends a call whose result is undocumented: prints a list if the items have the id of the schema, anything else
    /// as a whole.
    pub(crate) async fn list_likely(&self, call: impl CallBuilder, likely: &OutputSchema, view: &ListView) -> Result {
        let Some(result) = self.send(call).await? else { return Ok(()) };
        let result = part(result, likely)?;
        let members: Vec<_> = result.as_object().into_iter().flat_map(|members| members.values()).collect();
        let list = match (&result, &members[..]) {
            (Value::Null, _) => Some([].as_slice()),
            (Value::Array(items), _) | (_, [Value::Array(items)]) => Some(items.as_slice()),
            _ => None,
        };
        match list {
            Some(items) if items.iter().all(|item| item.get(likely.id).is_some()) => {
                self.output.list_in(likely, items.iter().cloned(), view)
            }
            _ => self.output.object(&OutputSchema::open(likely.name, "", ""), result),
        }
    }

    /// Sends a call and prints a status message instead of its result; as JSON, both.
    pub(crate) async fn change(&self, call: impl CallBuilder, done: impl fmt::Display) -> Result {
        self.check_fields(&CHANGE)?;
        match self.send(call).await? {
            Some(result) => self.output.changed(done, result),
            None => Ok(()),
        }
    }
}

/// Returns the part of the result that the schema selects; null if it is missing.
///
/// A required member that is missing is an error: a missing list is not an empty one (`missing_list_is_an_error`).
pub(crate) fn part(mut result: Value, schema: &OutputSchema) -> Result<Value> {
    schema.check(&result).map_err(|reason| undecodable(schema.operation, reason))?;
    Ok(result.pointer_mut(schema.at).map(Value::take).unwrap_or_default())
}

/// Returns the failure of a call that succeeded with an unexpected result. What it changed, it changed.
pub(crate) fn undecodable(operation: &str, reason: impl fmt::Display) -> Failure {
    let reason = format!("{operation}: the response cannot be decoded: {reason}");
    match Operation::find(operation).is_some_and(|operation| operation.method != "GET") {
        true => Failure::Unknown(format!("{reason}; the operation may have been applied")),
        false => Failure::local(reason),
    }
}

/// Returns the items of a list.
fn items(list: Value, schema: &OutputSchema) -> Result<Vec<Value>> {
    match list {
        Value::Array(items) => Ok(items),
        // A member of a documented result must be a list. An undocumented result may be one object, or nothing.
        _ if !schema.at.is_empty() => {
            let operation = if schema.operation.is_empty() { schema.name } else { schema.operation };
            let place = schema.at.replace('/', ".");
            Err(undecodable(operation, format_args!("at `result{place}`: expected a list")))
        }
        Value::Null => Ok(Vec::new()),
        one => Ok(vec![one]),
    }
}
