//! Deletes messages, ten in a request. A message that the service refuses to delete does not block the others.
//!
//! Depends on the driver of the pipeline. Begin reading at [`delete`], which both builders here call:
//! [`DeleteMessages`] for users, [`DeleteAcknowledged`] for the inbox.

use std::fmt;

use kandy_sys::{Call, Client, Envelope, NoResult};

use crate::{
    DeviceId, Error, MessageId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, Driver, api, nothing_sent, request, trace},
};

/// The most message ids that go into one request.
pub(crate) const MESSAGES_PER_REQUEST: usize = 10;

/// Builder for [`Device::delete_messages`](crate::Device::delete_messages).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteMessages {
    call: CallContext,
    device_id: DeviceId,
    messages: Vec<MessageId>,
}

impl DeleteMessages {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, messages: Vec<MessageId>) -> Self {
        Self { call, device_id, messages }
    }
}

request!(DeleteMessages => ());

impl DeleteMessages {
    fn check(&self) -> Result<()> {
        check::fits_query("device_id", self.device_id.as_str())?;
        for (at, message) in self.messages.iter().enumerate() {
            // Named by its position: an invalid id may be a credential by mistake, so the error does not quote it.
            check_id(message, format_args!("number {} of {}", at + 1, self.messages.len()), "nothing was sent")?;
        }
        Ok(())
    }
}

impl CallSpec for DeleteMessages {
    type Response = Envelope<NoResult>;
    type Output = ();

    const IS_SINGLE: bool = false;

    fn subject(&self) -> String {
        subject(&self.messages, &self.device_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        self.check()?;
        describe_first(api, &self.device_id, &self.messages)
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }

    async fn execute(&self, driver: &mut Driver<'_>) -> Result<()> {
        self.check()?;
        let deletion = delete(driver, &self.device_id, &self.messages, Split::Probe, &|_| {}).await;
        let (ids, mut errors): (Vec<_>, Vec<_>) = deletion.refused.into_iter().unzip();
        match deletion.failed {
            Some(error) => Err(error),
            None if errors.is_empty() => Ok(()),
            None => {
                let subject = refused_subject(&ids, &self.messages, &self.device_id);
                Err(errors.swap_remove(0).with_exact_subject(subject))
            }
        }
    }
}

/// Called with the ids that were deleted, after each request.
pub(crate) type OnDeleted<'a> = &'a (dyn Fn(&[MessageId]) + Send + Sync);

/// Deletes the messages that an inbox has acknowledged. Refused messages are no failure of the deletion. `on_deleted`
/// receives the ids of each successful request, so that dropping the future loses none.
pub(crate) async fn delete_acknowledged(
    call: &CallContext,
    device_id: &DeviceId,
    messages: &[MessageId],
    split: Split,
    on_deleted: OnDeleted<'_>,
) -> Result<Deletion> {
    check::fits_query("device_id", device_id.as_str())?;
    let mut driver = Driver::new(call, false);
    let mut deletion = delete(&mut driver, device_id, messages, split, on_deleted).await;
    deletion.failed = deletion.failed.map(|error| driver.complete(error, &|| subject(messages, device_id)));
    Ok(deletion)
}

/// When a refused request is split to find the messages that the refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// Only after another request of the same deletion succeeded, which shows that the refusal is about messages.
    Never,
    /// Always, except after `not found`, which may be about the device.
    UnlessNotFound,
    /// Always; after `not found`, stop when two messages were refused alone and none was deleted.
    Probe,
    /// Always: the device is known to exist.
    Always,
}

/// The outcome of a deletion.
#[derive(Default)]
pub(crate) struct Deletion {
    /// Whether any request succeeded.
    pub(crate) any: bool,
    /// The messages that the service refuses to delete although it deletes others, each with its error.
    pub(crate) refused: Vec<(MessageId, Error)>,
    /// The error because of which the other messages were not deleted.
    pub(crate) failed: Option<Error>,
}

/// Deletes messages. A request that is refused because of one of its messages is split in halves until that one is
/// alone.
async fn delete(
    driver: &mut Driver<'_>,
    device_id: &DeviceId,
    messages: &[MessageId],
    split: Split,
    on_deleted: OnDeleted<'_>,
) -> Deletion {
    let mut deletion = Deletion::default();
    let mut refused = Vec::new();
    // Send every request before splitting any: one that succeeds shows that the refusals are about messages and not
    // about the device or the service.
    for part in parts(messages) {
        match send(driver, device_id, part).await {
            Ok(()) => {
                deletion.any = true;
                on_deleted(part);
            }
            Err(error) if error.may_concern_an_item() => refused.push((part, error)),
            Err(error) => {
                deletion.failed = Some(error);
                return deletion;
            }
        }
    }
    let mut alone = Vec::new();
    for (part, error) in refused {
        let is_not_found = error.is_not_found();
        let may_split = match split {
            Split::Never => false,
            Split::UnlessNotFound => !is_not_found,
            Split::Probe | Split::Always => true,
        };
        if !deletion.any && !may_split {
            deletion.failed = Some(error);
            return deletion;
        }
        let first = error.clone();
        // A stack of parts to send: the last one is next, so that halves are sent in order.
        let mut stack = Vec::new();
        refuse(part, error, &mut stack, &mut alone);
        while let Some(part) = stack.pop() {
            match send(driver, device_id, part).await {
                Ok(()) => {
                    deletion.any = true;
                    on_deleted(part);
                }
                Err(error) if error.may_concern_an_item() => refuse(part, error, &mut stack, &mut alone),
                Err(error) => {
                    deletion.failed = Some(error);
                    return deletion;
                }
            }
            // Two messages are not found alone: very likely the device is what does not exist, so asking for each of
            // the others would only cost requests.
            if split == Split::Probe && is_not_found && !deletion.any && alone.len() > 1 {
                break;
            }
        }
        if !deletion.any {
            // Every message was refused, so nothing shows that the messages are the reason: a later deletion may
            // succeed.
            deletion.failed = Some(first);
            return deletion;
        }
    }
    deletion.refused = alone
        .into_iter()
        .map(|(message, error)| {
            let error = error.with_exact_subject(subject(std::slice::from_ref(&message), device_id));
            trace::undeletable(&message, &error);
            (message, error)
        })
        .collect();
    deletion
}

/// Splits a refused part in halves; a single message goes to `alone`.
fn refuse<'a>(
    part: &'a [MessageId],
    error: Error,
    stack: &mut Vec<&'a [MessageId]>,
    alone: &mut Vec<(MessageId, Error)>,
) {
    match part {
        [message] => alone.push((message.clone(), error)),
        part => {
            let (left, right) = part.split_at(part.len() / 2);
            stack.extend([right, left]);
        }
    }
}

async fn send(driver: &mut Driver<'_>, device_id: &DeviceId, messages: &[MessageId]) -> Result<()> {
    driver.send(api().message_delete(device_id.as_str(), &json(messages))).await.map(drop)
}

/// Describes the first request of a deletion.
fn describe_first<'a>(
    api: &'a Client,
    device_id: &'a DeviceId,
    messages: &[MessageId],
) -> Result<Call<'a, Envelope<NoResult>>> {
    let first = parts(messages).next().ok_or_else(|| nothing_sent("preview"))?;
    Ok(api.message_delete(device_id.as_str(), &json(first)).into_owned(api))
}

/// Returns ids in the form of the query: a JSON array.
fn json(messages: &[MessageId]) -> String {
    let ids: Vec<&str> = messages.iter().map(MessageId::as_str).collect();
    serde_json::Value::from(ids).to_string()
}

/// Splits messages into parts that fit into one request each.
fn parts(messages: &[MessageId]) -> impl Iterator<Item = &[MessageId]> {
    let mut rest = messages;
    std::iter::from_fn(move || {
        let mut length = 0;
        let fits = |message: &&MessageId| {
            length += message.as_str().len();
            length <= check::LONGEST_IN_QUERY
        };
        // At least one, so that the iterator ends: `check_id` bounds the length of each.
        let count = rest.iter().take(MESSAGES_PER_REQUEST).take_while(fits).count().max(1).min(rest.len());
        let part;
        (part, rest) = rest.split_at(count);
        (count > 0).then_some(part)
    })
}

/// Checks that a message can be deleted by its id. In the error, `which` names the message and `then` is the
/// consequence.
pub(crate) fn check_id(message: &MessageId, which: impl fmt::Display, then: &str) -> Result<()> {
    match check::message_id("messages", message) {
        Err(Error::Argument(error)) => {
            Err(Error::argument("messages", format!("the message id {which}: {}; {then}", error.reason())))
        }
        checked => checked,
    }
}

fn subject(messages: &[MessageId], device_id: &DeviceId) -> String {
    match messages {
        [message] => format!("message {} of device {:?}", Shown(message), device_id.as_str()),
        messages => format!("{} messages of device {:?}", messages.len(), device_id.as_str()),
    }
}

fn refused_subject(refused: &[MessageId], messages: &[MessageId], device_id: &DeviceId) -> String {
    match refused {
        [message, _, ..] => {
            format!("{} of {} messages, the first is {},", refused.len(), messages.len(), Shown(message),)
        }
        one => subject(one, device_id),
    }
}

/// Displays an id, truncated to a length that is still recognisable.
pub(crate) struct Shown<'a>(pub(crate) &'a MessageId);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 40;
        let text = self.0.as_str();
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{:?}… ({} bytes)", &text[..end], text.len()),
            None => write!(f, "{text:?}"),
        }
    }
}
