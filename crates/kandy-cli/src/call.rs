//! Sends calls and prints their results.
//!
//! Every command goes through [`Context::send`]. Depends on the context, the output and the dry run.

use std::fmt;

use kandy::{Preview, Response};
use kandy_sys::BaseUrl;
use serde_json::Value;

use crate::{
    context::Context,
    dry_run,
    failure::{Failure, Result},
    output::OutputSchema,
};

/// Sending calls.
impl Context {
    /// Sends a call. In a dry run, prints the request instead and returns `None`.
    pub(crate) async fn send<C: kandy::CallBuilder>(&self, call: C) -> Result<Option<Response<C::Value>>> {
        if self.is_dry_run() {
            dry_run::show(&self.output, &call.preview().await?, &self.take_unknown())?;
            return Ok(None);
        }
        Ok(Some(call.with_response().await?))
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
        dry_run::show(&self.output, &Preview::of(&request, &base_url), &self.take_unknown())
    }

    /// Sends a call and prints an object of its result.
    pub(crate) async fn show<C: kandy::CallBuilder>(&self, call: C, schema: &OutputSchema) -> Result {
        self.check_fields(schema)?;
        match self.send(call).await? {
            Some(response) => self.output.object(schema, part(&response, schema)?),
            None => Ok(()),
        }
    }

    /// Sends a call and prints the list in its result.
    pub(crate) async fn list<C: kandy::CallBuilder>(&self, call: C, schema: &OutputSchema) -> Result {
        self.list_as(call, schema, |item| item).await
    }

    /// Sends a call and prints the list in its result. A table shows the result of `shown` for each item.
    pub(crate) async fn list_as<C: kandy::CallBuilder>(
        &self,
        call: C,
        schema: &OutputSchema,
        shown: impl Fn(Value) -> Value,
    ) -> Result {
        self.check_fields(schema)?;
        let Some(response) = self.send(call).await? else { return Ok(()) };
        let mut list = self.output.begin_list(schema);
        for item in items(part(&response, schema)?) {
            list.item_as(item, &shown)?;
        }
        list.end()
    }

    /// Sends a call whose result is undocumented: prints a list if the items have the id of the schema, anything else
    /// as a whole.
    pub(crate) async fn list_likely<C: kandy::CallBuilder>(&self, call: C, likely: &OutputSchema) -> Result {
        let Some(response) = self.send(call).await? else { return Ok(()) };
        let result = part(&response, likely)?;
        let members: Vec<_> = result.as_object().into_iter().flat_map(|members| members.values()).collect();
        let list = match (&result, &members[..]) {
            (Value::Null, _) => Some([].as_slice()),
            (Value::Array(items), _) | (_, [Value::Array(items)]) => Some(items.as_slice()),
            _ => None,
        };
        match list {
            Some(items) if items.iter().all(|item| item.get(likely.id).is_some()) => {
                self.output.list(likely, items.iter().cloned())
            }
            _ => self.output.object(&OutputSchema::open(likely.name, "", ""), result),
        }
    }

    /// Sends a call and prints a status message instead of its result.
    pub(crate) async fn change<C: kandy::CallBuilder>(&self, call: C, done: impl fmt::Display) -> Result {
        if self.send(call).await?.is_some() {
            self.output.status(done);
        }
        Ok(())
    }
}

/// Returns the part of the result that the schema selects; null if it is missing.
pub(crate) fn part<T>(response: &Response<T>, schema: &OutputSchema) -> Result<Value> {
    let mut envelope: Value = serde_json::from_slice(&response.body)
        .map_err(|_| Failure::local(format!("{}: the response is not JSON", schema.operation)))?;
    let part = envelope["result"].pointer_mut(schema.at);
    Ok(part.map(Value::take).unwrap_or_default())
}

/// Returns the items of a list.
fn items(list: Value) -> Vec<Value> {
    match list {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        // The API has been seen to return one object in place of a list.
        one => vec![one],
    }
}
