//! Decodes a long list item by item while it arrives. Begin with [`ListReader`].

#[cfg(test)]
mod tests;

use std::{fmt, marker::PhantomData, mem};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, value::RawValue};

use crate::{
    ApiFault, DecodeError, Status,
    envelope::{decode_description, decode_message},
    json_place::bytes_read,
    types::StatusDescription,
};

/// Decodes the items of a list in the result of an envelope, as its bytes arrive. It buffers no more than one item and the
/// last chunk. What is not UTF-8 is read as U+FFFD.
///
/// Members of the envelope may be in any order, so a fault may follow items. A success whose list is missing, `null` or not
/// a list is an error, which [`next`](Self::next) returns after [`close`](Self::close).
///
/// ```
/// use kandy_sys::{ListReader, types::User};
///
/// let mut users = ListReader::<User>::new("users");
/// users.add(br#"{"status":0,"result":{"users":[{"user_id":"russ"},{"user_"#);
/// assert_eq!(users.next().transpose()?.and_then(|user| user.user_id), Some("russ".into()));
/// assert!(users.next().is_none(), "the second has not arrived");
/// users.add(br#"id":"anna"}]},"message":"success"}"#);
/// users.close();
/// assert_eq!(users.next().transpose()?.and_then(|user| user.user_id), Some("anna".into()));
/// assert!(users.next().is_none() && users.fault().is_none());
/// # Ok::<(), kandy_sys::DecodeError>(())
/// ```
pub struct ListReader<T> {
    list: &'static str,
    buffer: String,
    /// The first bytes of a character whose others have not arrived.
    incomplete: Vec<u8>,
    /// The number of bytes of the buffer that were read.
    read: usize,
    /// The length that the buffer has to reach before the next attempt to decode. It doubles with each failed attempt, so
    /// that an item in many chunks is scanned a logarithmic number of times.
    enough: usize,
    is_closed: bool,
    place: Place,
    /// Whether the next member or item is the first of its object or list, and has no comma before it.
    is_first: bool,
    items: usize,
    has_result: bool,
    has_list: bool,
    status: Option<Status>,
    message: String,
    status_description: Option<StatusDescription>,
    item: PhantomData<fn() -> T>,
}

/// The part of the envelope that the reader is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Envelope,
    Result,
    List,
    After,
    /// An error was returned.
    Broken,
}

/// The outcome of a step.
enum Step<T> {
    Item(T),
    Moved,
    /// More bytes are needed.
    Starved,
}

impl<T: DeserializeOwned> ListReader<T> {
    /// Returns a reader of the list with this name in the result.
    pub fn new(list: &'static str) -> Self {
        Self {
            list,
            buffer: String::new(),
            incomplete: Vec::new(),
            read: 0,
            enough: 0,
            is_closed: false,
            place: Place::Before,
            is_first: true,
            items: 0,
            has_result: false,
            has_list: false,
            status: None,
            message: String::new(),
            status_description: None,
            item: PhantomData,
        }
    }

    /// Adds bytes that have arrived.
    pub fn add(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.read);
        self.enough = self.enough.saturating_sub(self.read);
        self.read = 0;
        if self.incomplete.is_empty() {
            return self.add_text(bytes);
        }
        let mut whole = mem::take(&mut self.incomplete);
        whole.extend_from_slice(bytes);
        self.add_text(&whole);
    }

    /// Adds text, which is checked once here, and not with every item.
    fn add_text(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let error = match str::from_utf8(rest) {
                Ok(text) => return self.buffer.push_str(text),
                Err(error) => error,
            };
            let (text, broken) = rest.split_at(error.valid_up_to());
            self.buffer.push_str(str::from_utf8(text).unwrap_or_default());
            match error.error_len() {
                Some(length) => {
                    self.buffer.push(char::REPLACEMENT_CHARACTER);
                    rest = &broken[length..];
                }
                None => return self.incomplete.extend_from_slice(broken),
            }
        }
    }

    /// Marks the end of the input.
    pub fn close(&mut self) {
        self.is_closed = true;
        if !mem::take(&mut self.incomplete).is_empty() {
            self.buffer.push(char::REPLACEMENT_CHARACTER);
        }
        self.enough = 0;
    }

    /// Returns the name of the list.
    pub fn list(&self) -> &'static str {
        self.list
    }

    /// Returns the number of buffered bytes: those of an incomplete value.
    pub fn held(&self) -> usize {
        self.buffer.len() - self.read + self.incomplete.len()
    }

    /// Returns the number of items that were read.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Returns the next item: `None` if it is incomplete, or, after [`close`](Self::close), if there are no more.
    ///
    /// # Errors
    ///
    /// When the text does not decode, or the end is missing. After an error it returns `None`.
    #[expect(
        clippy::should_implement_trait,
        reason = "it returns `None` while bytes are missing, and an item again later"
    )]
    pub fn next(&mut self) -> Option<Result<T, DecodeError>> {
        if self.buffer.len() < self.enough {
            return None;
        }
        let error = loop {
            match self.step() {
                Ok(Step::Item(item)) => {
                    self.items += 1;
                    return Some(Ok(item));
                }
                Ok(Step::Moved) => {}
                Ok(Step::Starved) if !self.is_closed => {
                    self.enough = self.buffer.len() + self.held().max(1);
                    return None;
                }
                Ok(Step::Starved) => match self.place {
                    Place::Broken => return None,
                    Place::After => match self.missing() {
                        Some(error) => break error,
                        None => return None,
                    },
                    _ => break DecodeError::at("", "it ends too early"),
                },
                Err(error) => break error,
            }
        };
        self.place = Place::Broken;
        Some(Err(error))
    }

    /// Returns the error of a complete envelope without a status, or of a success without its list.
    fn missing(&self) -> Option<DecodeError> {
        match self.status {
            None => Some(DecodeError::at("", "missing field `status`")),
            Some(status) if !status.is_success() || self.has_list => None,
            Some(_) if self.has_result => Some(DecodeError::missing(format!("result.{}", self.list))),
            Some(_) => Some(DecodeError::missing("result")),
        }
    }

    /// Returns the fault, if the envelope is one. Call it after the last item. Its texts are not masked:
    /// [`SecretMask::fault`](crate::SecretMask::fault) masks the secrets of the request in them.
    pub fn fault(&mut self) -> Option<ApiFault> {
        let status = self.status.filter(|status| !status.is_success())?;
        let (message, status_description) = (mem::take(&mut self.message), self.status_description.take());
        Some(ApiFault { status, message, status_description })
    }

    fn step(&mut self) -> Result<Step<T>, DecodeError> {
        let Some((next, mut at)) = self.next_byte(self.read) else { return Ok(Step::Starved) };
        let end = match self.place {
            Place::Before if next == b'{' => return Ok(self.enter(Place::Envelope, at + 1)),
            Place::Before => return Err(not_json("an object")),
            Place::After => return Err(DecodeError::at("", "something follows its end")),
            Place::Broken => return Ok(Step::Starved),
            Place::Envelope | Place::Result => b'}',
            Place::List => b']',
        };
        if next == end {
            self.place = match self.place {
                Place::List => Place::Result,
                Place::Result => Place::Envelope,
                _ => Place::After,
            };
            return Ok(self.advance_to(at + 1));
        }
        if !self.is_first {
            if next != b',' {
                return Err(not_json("a comma"));
            }
            match self.next_byte(at + 1) {
                Some((_, after)) => at = after,
                None => return Ok(Step::Starved),
            }
        }
        match self.place {
            Place::List => self.item(at),
            _ => self.member(at),
        }
    }

    fn item(&mut self, at: usize) -> Result<Step<T>, DecodeError> {
        match self.value::<T>(at, || format!("result.{}[{}]", self.list, self.items))? {
            Some((item, end)) => {
                self.advance_to(end);
                Ok(Step::Item(item))
            }
            None => Ok(Step::Starved),
        }
    }

    fn member(&mut self, at: usize) -> Result<Step<T>, DecodeError> {
        let Some((name, after)) = self.value::<String>(at, String::new)? else { return Ok(Step::Starved) };
        let Some((colon, at)) = self.next_byte(after) else { return Ok(Step::Starved) };
        if colon != b':' {
            return Err(not_json("a colon"));
        }
        let Some((next, at)) = self.next_byte(at + 1) else { return Ok(Step::Starved) };
        let is_fault = self.status.is_some_and(|status| !status.is_success());
        // With two of them it is undefined which one counts.
        let is_second = match self.place {
            Place::Envelope => name == "status" && self.status.is_some() || name == "result" && self.has_result,
            _ => name == self.list && self.has_list,
        };
        if is_second {
            return Err(DecodeError::at("", format!("duplicate field `{name}`")));
        }
        let end = match (self.place, name.as_str(), next) {
            (Place::Envelope, "status", _) => self.value(at, || name.clone())?.map(|(status, end)| {
                self.status = Some(status);
                (end, None)
            }),
            (Place::Envelope, "message", _) => self.value::<Value>(at, || name.clone())?.map(|(message, end)| {
                self.message = decode_message(message);
                (end, None)
            }),
            (Place::Envelope, "status_description", _) => {
                self.value::<Box<RawValue>>(at, || name.clone())?.map(|(json, end)| {
                    self.status_description = decode_description(&json);
                    (end, None)
                })
            }
            (Place::Envelope, "result", b'{') if !is_fault => {
                self.has_result = true;
                return Ok(self.enter(Place::Result, at + 1));
            }
            (Place::Result, list, b'[') if list == self.list => {
                self.has_list = true;
                return Ok(self.enter(Place::List, at + 1));
            }
            (place, ..) => self.value::<Other>(at, || name.clone())?.map(|(other, end)| {
                let expected = match place {
                    Place::Envelope if name == "result" && !is_fault => Some(("result".to_owned(), "an object")),
                    Place::Result if name == self.list => Some((format!("result.{name}"), "a list")),
                    _ => None,
                };
                let error = expected.filter(|_| other == Other::Something);
                (end, error.map(|(path, expected)| DecodeError::at(path, format!("expected {expected}"))))
            }),
        };
        match end {
            None => Ok(Step::Starved),
            Some((end, None)) => Ok(self.advance_to(end)),
            Some((_, Some(error))) => Err(error),
        }
    }

    fn enter(&mut self, place: Place, at: usize) -> Step<T> {
        (self.place, self.read, self.is_first) = (place, at, true);
        Step::Moved
    }

    fn advance_to(&mut self, end: usize) -> Step<T> {
        (self.read, self.is_first) = (end, false);
        Step::Moved
    }

    /// Finds the next byte that is not white space, and its position.
    fn next_byte(&self, from: usize) -> Option<(u8, usize)> {
        let rest = &self.buffer.as_bytes()[from..];
        let at = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        Some((rest[at], from + at))
    }

    /// Decodes a value, and returns it with the position after it. Returns `None` if it is incomplete; a number is complete
    /// only once another byte follows it.
    fn value<V: DeserializeOwned>(
        &self,
        at: usize,
        path: impl FnOnce() -> String,
    ) -> Result<Option<(V, usize)>, DecodeError> {
        // A value never begins within a character.
        let json = self.buffer.get(at..).unwrap_or_default();
        if !self.is_closed && json.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
            return Ok(None);
        }
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<V>();
        match values.next() {
            Some(Ok(value)) => {
                let end = at + values.byte_offset();
                Ok((end < self.buffer.len()).then_some((value, end)))
            }
            None => Ok(None),
            Some(Err(error)) if self.is_incomplete(&error, json) => Ok(None),
            Some(Err(error)) => match serde_json::Deserializer::from_str(json).into_iter::<&RawValue>().next() {
                Some(Ok(value)) => Err(DecodeError::new(value.get(), 0, &error).within(&path())),
                // The place is known once the rest has arrived.
                Some(Err(error)) if self.is_incomplete(&error, json) => Ok(None),
                Some(Err(error)) => Err(DecodeError::syntax(&error)),
                None => Ok(None),
            },
        }
    }

    /// Whether an error is at the end of what has arrived, as that of an incomplete number is.
    fn is_incomplete(&self, error: &serde_json::Error, json: &str) -> bool {
        error.is_eof() || !self.is_closed && bytes_read(error, json.as_bytes()) == json.len()
    }
}

/// A skipped value: only whether it is `null` matters.
#[derive(PartialEq)]
enum Other {
    Null,
    Something,
}

impl<'de> serde::Deserialize<'de> for Other {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<IgnoredAny>::deserialize(deserializer)?;
        Ok(value.map_or(Self::Null, |_| Self::Something))
    }
}

fn not_json(expected: &str) -> DecodeError {
    DecodeError::at("", format!("expected {expected}"))
}

impl<T> fmt::Debug for ListReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffer may contain credentials.
        f.debug_struct("ListReader")
            .field("place", &self.place)
            .field("items", &self.items)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
