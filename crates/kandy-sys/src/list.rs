//! A long list, item by item, while it is still coming in.

use std::{fmt, marker::PhantomData, mem};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, value::RawValue};

use crate::{
    ApiFault, DecodeError, Status,
    envelope::{decode_description, decode_message},
    types::StatusDescription,
};

/// Reads the items of a list that is a member of the result in an envelope, as its bytes arrive. It holds no more of it
/// than one item and what has just come.
///
/// The members of the envelope may come in any order, so a fault may come after items. A success in which the list is
/// missing, is `null` or is no list is a problem, which is told once nothing more comes.
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
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    read: usize,
    /// How long the buffer has to be before it is worth while to look for the end of a value again. One that comes in
    /// many pieces is thereby not gone over as many times.
    enough: usize,
    is_closed: bool,
    place: Place,
    /// Whether nothing stands before here in the object or the list: otherwise a comma is due.
    is_first: bool,
    items: usize,
    has_result: bool,
    has_list: bool,
    status: Option<Status>,
    message: String,
    status_description: Option<StatusDescription>,
    item: PhantomData<fn() -> T>,
}

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Envelope,
    Result,
    List,
    After,
    /// There was a problem, which has been told.
    Broken,
}

/// What a step came to.
enum Step<T> {
    Item(T),
    Moved,
    /// What it needs has not arrived.
    Starved,
}

impl<T: DeserializeOwned> ListReader<T> {
    /// A reader of the list that is the member of this name in the result.
    pub fn new(list: &'static str) -> Self {
        Self {
            list,
            buffer: Vec::new(),
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

    /// Takes in what has arrived.
    pub fn add(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.read);
        self.enough = self.enough.saturating_sub(self.read);
        self.read = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that nothing more comes.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.enough = 0;
    }

    /// The name of the list.
    pub fn list(&self) -> &'static str {
        self.list
    }

    /// How many bytes are held: those of what has not arrived as a whole.
    pub fn held(&self) -> usize {
        self.buffer.len() - self.read
    }

    /// How many items have been read.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The next item: `None` if it has not arrived as a whole, or, once nothing more comes, if there is none.
    ///
    /// # Errors
    ///
    /// When something cannot be understood, or the end is missing. Nothing comes after that.
    #[expect(clippy::should_implement_trait, reason = "an iterator that has ended does not go on")]
    pub fn next(&mut self) -> Option<Result<T, DecodeError>> {
        if self.buffer.len() < self.enough {
            return None;
        }
        let problem = loop {
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
                        Some(problem) => break problem,
                        None => return None,
                    },
                    _ => break DecodeError::at("", "it ends too early"),
                },
                Err(problem) => break problem,
            }
        };
        self.place = Place::Broken;
        Some(Err(problem))
    }

    /// What an envelope lacks that has ended: the status, or the list of a success.
    fn missing(&self) -> Option<DecodeError> {
        match self.status {
            None => Some(DecodeError::at("", "missing field `status`")),
            Some(status) if !status.is_success() || self.has_list => None,
            Some(_) if self.has_result => Some(DecodeError::missing(format!("result.{}", self.list))),
            Some(_) => Some(DecodeError::missing("result")),
        }
    }

    /// The fault that the envelope turned out to be, once nothing more comes. Its texts are as they came:
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
            return Ok(self.moved_over(at + 1));
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
                self.moved_over(end);
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
        // With two of them, nothing that was read in the first could be trusted.
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
                self.value::<Box<RawValue>>(at, || name.clone())?.map(|(said, end)| {
                    self.status_description = decode_description(&said);
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
                let problem = expected.filter(|_| other == Other::Something);
                (end, problem.map(|(path, expected)| DecodeError::at(path, format!("expected {expected}"))))
            }),
        };
        match end {
            None => Ok(Step::Starved),
            Some((end, None)) => Ok(self.moved_over(end)),
            Some((_, Some(problem))) => Err(problem),
        }
    }

    fn enter(&mut self, place: Place, at: usize) -> Step<T> {
        (self.place, self.read, self.is_first) = (place, at, true);
        Step::Moved
    }

    fn moved_over(&mut self, end: usize) -> Step<T> {
        (self.read, self.is_first) = (end, false);
        Step::Moved
    }

    /// The first byte from here on that is no white space, and where it is.
    fn next_byte(&self, from: usize) -> Option<(u8, usize)> {
        let rest = &self.buffer[from..];
        let at = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        Some((rest[at], from + at))
    }

    /// Reads a value, and answers it with its end, unless some of it has not arrived: the end of a number shows only in
    /// what follows it.
    fn value<V: DeserializeOwned>(
        &self,
        at: usize,
        path: impl FnOnce() -> String,
    ) -> Result<Option<(V, usize)>, DecodeError> {
        let json = &self.buffer[at..];
        if !self.is_closed && json.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)) {
            return Ok(None);
        }
        let mut values = serde_json::Deserializer::from_slice(json).into_iter::<V>();
        match values.next() {
            Some(Ok(value)) => {
                let end = at + values.byte_offset();
                Ok((end < self.buffer.len()).then_some((value, end)))
            }
            None => Ok(None),
            Some(Err(error)) if error.is_eof() || !self.is_closed && is_at_end(&error, json) => Ok(None),
            Some(Err(_)) => {
                let mut value = serde_json::Deserializer::from_slice(json);
                Err(match serde_path_to_error::deserialize::<_, V>(&mut value) {
                    Err(error) => DecodeError::new(&path(), &error),
                    Ok(_) => not_json("another end of a value"),
                })
            }
        }
    }
}

/// Whether an error is at the very end of a text: half a number is no number, and yet nothing is wrong with it.
fn is_at_end(error: &serde_json::Error, json: &[u8]) -> bool {
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    before + error.column() >= json.len()
}

/// Any value, as far as it matters.
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
        // What is in the buffer may be credentials.
        f.debug_struct("ListReader")
            .field("place", &self.place)
            .field("items", &self.items)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Envelope,
        types::{User, UserList},
    };

    /// What comes of a text that arrives in pieces of a length.
    fn read(json: &str, length: usize) -> (Vec<User>, Result<(), String>) {
        let mut reader = ListReader::<User>::new("users");
        let mut users = Vec::new();
        let mut pieces = json.as_bytes().chunks(length);
        loop {
            match (reader.next(), reader.is_closed) {
                (Some(Ok(user)), _) => users.push(user),
                (Some(Err(problem)), _) => {
                    assert!(reader.next().is_none(), "it says so once");
                    return (users, Err(problem.to_string()));
                }
                (None, true) => return (users, reader.fault().map_or(Ok(()), |fault| Err(fault.to_string()))),
                (None, false) => match pieces.next() {
                    Some(piece) => reader.add(piece),
                    None => reader.close(),
                },
            }
        }
    }

    const LENGTHS: [usize; 5] = [1, 2, 7, 64, usize::MAX];

    #[test]
    fn reads_what_the_envelope_reads_however_it_comes() {
        let list =
            r#""result": {"more":[1,{"users":[]}],"users": [ {"user_id":"russ, }]"} ,{}, {"user_id":12}],"count":3}"#;
        let members =
            [r#""status":0"#, r#""message":"success \"users\":[""#, list, r#""status_description":{"code":2000}"#];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 2, 0, 3]] {
            let json = format!(" {{ {} }} ", order.map(|at| members[at]).join(" , "));
            let whole = Envelope::<UserList>::read(json.as_bytes()).expect(&json).into_result().expect(&json);
            for length in LENGTHS {
                assert_eq!(read(&json, length), (whole.users.clone(), Ok(())), "{length}: {json}");
            }
        }
    }

    #[test]
    fn half_a_number_is_nothing_wrong() {
        for number in ["-1.5e+10", "-7", "0.25", "1E-3", "12"] {
            let json = format!("{{\n\"a\":{number},\n\"result\":{{\"users\":[{{\"x\":{number} }}]}},\"status\":0}}");
            for length in 1..20 {
                assert_eq!(read(&json, length), (vec![User::default()], Ok(())), "{length}: {json}");
            }
        }
        let json = r#"{"status":5.3e1,"message":"m"}"#;
        for length in LENGTHS {
            assert_eq!(read(json, length).1, Err("status 53 (DOES_NOT_EXIST): m".to_owned()), "{length}");
        }
        assert!(read(r#"{"a":-}"#, 6).1.is_err() && read(r#"{"a":-"#, 6).1.is_err());
    }

    #[test]
    fn a_success_without_its_list_is_a_problem() {
        for (json, problem) in [
            (r#"{"status":0}"#, "at `result`: it is missing"),
            (r#"{"status":"0","result":null}"#, "at `result`: it is missing"),
            (r#"{"result":null,"status":0}"#, "at `result`: it is missing"),
            (r#"{"result":{},"status":0}"#, "at `result.users`: it is missing"),
            (r#"{"status":0,"result":{"user":[]}}"#, "at `result.users`: it is missing"),
            (r#"{"status":0,"result":{"users":null}}"#, "at `result.users`: it is missing"),
            (r#"{"status":0,"result":{"users":"none"}}"#, "at `result.users`: expected a list"),
        ] {
            for length in LENGTHS {
                assert_eq!(read(json, length), (Vec::new(), Err(problem.to_owned())), "{json}");
            }
        }
        for json in [r#"{"status":0,"result":{"users":[]}}"#, r#"{"result":{"users":[ ]},"status":0}"#] {
            for length in LENGTHS {
                assert_eq!(read(json, length), (Vec::new(), Ok(())), "{json}");
            }
        }
        for json in [r#"{"status":19}"#, r#"{"result":null,"status":19}"#, r#"{"result":{},"status":19}"#] {
            for length in LENGTHS {
                assert_eq!(read(json, length).1, Err("status 19 (NO_DATA)".to_owned()), "{json}");
            }
        }
    }

    #[test]
    fn a_fault_is_found_wherever_it_stands() {
        let first = r#"{"status":53,"message":"gone","result":{"users":[{"user_id":"russ"}]}}"#;
        let last = r#"{"result":{"users":[{"user_id":"russ"}]},"message":"gone","status":53}"#;
        for length in LENGTHS {
            let (users, outcome) = read(first, length);
            assert_eq!((users.len(), outcome), (0, Err("status 53 (DOES_NOT_EXIST): gone".to_owned())));
            let (users, outcome) = read(last, length);
            assert_eq!((users.len(), outcome), (1, Err("status 53 (DOES_NOT_EXIST): gone".to_owned())));
        }
    }

    #[test]
    fn a_problem_says_where_it_is() {
        for (json, said) in [
            (
                r#"{"result":{"users":[{},{"user_email":["s3cret"]}]},"status":0}"#,
                "at `result.users[1].user_email`: expected a string",
            ),
            (r#"{"status":0,"result":[]}"#, "at `result`: expected an object"),
            (r#"{"status":0,"result":{"users":{}}}"#, "at `result.users`: expected a list"),
            (r#"{"status":"s3cret"}"#, "at `status`: the value cannot be used"),
            (r#"{"status":0,"status":0}"#, "duplicate field `status`"),
            (r#"{"message":"s3cret"}"#, "missing field `status`"),
            (r#"{"status":0,"result":{"users":[{"user_id":"russ"}"#, "it ends too early"),
            (r#"{"status":0} {"#, "something follows its end"),
            ("", "it ends too early"),
            ("[]", "expected an object"),
            (r#"{"status":0,"result":{"users":[{} {}]}}"#, "expected a comma"),
            (r#"{"status" 0}"#, "expected a colon"),
        ] {
            for length in LENGTHS {
                assert_eq!(read(json, length).1, Err(said.to_owned()), "{length}: {json}");
            }
        }
    }

    #[test]
    fn an_item_in_many_pieces_is_gone_over_a_few_times_only() {
        let json = format!(r#"{{"status":0,"result":{{"users":[{{"user_email":"{}"}}]}}}}"#, "x".repeat(1_000_000));
        let mut reader = ListReader::<User>::new("users");
        let mut looks = 0;
        for piece in json.as_bytes().chunks(10) {
            reader.add(piece);
            looks += usize::from(reader.buffer.len() >= reader.enough);
            if reader.next().is_some() {
                break;
            }
        }
        assert!(looks < 40, "{looks} looks at 100,000 pieces");
    }
}
