//! How a command makes a call and shows what it came to.

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

/// What every command does with calls.
impl Context {
    /// Sends a call. In a dry run it shows what would be sent instead, and there is no answer.
    pub(crate) async fn send<C: kandy::CallBuilder>(&self, call: C) -> Result<Option<Response<C::Value>>> {
        if self.is_dry_run() {
            dry_run::show(&self.output, &call.preview().await?, &self.take_unknown())?;
            return Ok(None);
        }
        Ok(Some(call.with_response().await?))
    }

    /// Refuses members of an answer that cannot be chosen, before anything is sent. A dry run has another answer.
    pub(crate) fn expects(&self, schema: &OutputSchema) -> Result {
        if self.is_dry_run() { Ok(()) } else { self.output.expects(schema) }
    }

    /// Shows what a call of the generated layer would send.
    pub(crate) fn preview<T>(&self, call: kandy_sys::Call<'_, T>) -> Result {
        let request = call.into_request().map_err(kandy::Error::from)?;
        let base_url = BaseUrl::insecure(self.kandy()?.base_url());
        let base_url = base_url.map_err(|invalid| Failure::usage(invalid.reason()))?;
        dry_run::show(&self.output, &Preview::of(&request, &base_url), &self.take_unknown())
    }

    /// Sends a call, and prints one thing of its answer.
    pub(crate) async fn show<C: kandy::CallBuilder>(&self, call: C, schema: &OutputSchema) -> Result {
        self.expects(schema)?;
        match self.send(call).await? {
            Some(answer) => self.output.object(schema, part(&answer, schema)?),
            None => Ok(()),
        }
    }

    /// Sends a call, and prints the list in its answer.
    pub(crate) async fn list<C: kandy::CallBuilder>(&self, call: C, schema: &OutputSchema) -> Result {
        self.list_as(call, schema, |item| item).await
    }

    /// The same; a table shows what `shown` makes of an item.
    pub(crate) async fn list_as<C: kandy::CallBuilder>(
        &self,
        call: C,
        schema: &OutputSchema,
        shown: impl Fn(Value) -> Value,
    ) -> Result {
        self.expects(schema)?;
        let Some(answer) = self.send(call).await? else { return Ok(()) };
        let mut list = self.output.begin_list(schema);
        for item in items(part(&answer, schema)?) {
            list.item_as(item, &shown)?;
        }
        list.end()
    }

    /// Sends a call whose answer has a form that is not known. A list of things that have the id of the schema is likely;
    /// anything else is printed as a whole.
    pub(crate) async fn list_likely<C: kandy::CallBuilder>(&self, call: C, likely: &OutputSchema) -> Result {
        let Some(answer) = self.send(call).await? else { return Ok(()) };
        let result = part(&answer, likely)?;
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

    /// Sends a call of whose answer nothing is to be printed, and says that it is done.
    pub(crate) async fn change<C: kandy::CallBuilder>(&self, call: C, done: impl fmt::Display) -> Result {
        if self.send(call).await?.is_some() {
            self.output.done(done);
        }
        Ok(())
    }
}

/// The part of an answer that is wanted; null where it is not there.
pub(crate) fn part<T>(answer: &Response<T>, schema: &OutputSchema) -> Result<Value> {
    let mut envelope: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::local(format!("{}: the response is not JSON", schema.operation)))?;
    let part = envelope["result"].pointer_mut(schema.at);
    Ok(part.map(Value::take).unwrap_or_default())
}

/// The items of a list.
fn items(list: Value) -> Vec<Value> {
    match list {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        // One thing where a list is expected has been seen of this API.
        one => vec![one],
    }
}
