use std::{collections::HashMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, Visitor},
    ser::SerializeStruct,
};
use serde_json::{Value, value::RawValue};

use crate::{SecretMask, Status, absent::Absent, error::DecodeError, mask::mask, types::StatusDescription};

/// What every answer comes in: a status, a message, and the result of a success.
///
/// The status decides before anything else: what a fault carries as its `result` is never looked
/// at. The members may come in any order. A success without a `result`, or with one that is `null`, is an error, unless
/// `T` takes nothing too: [`NoResult`], or an `Option`.
///
/// ```
/// use kandy_sys::{Envelope, Status, types::DeviceCreated};
///
/// let answer = r#"{"result": {"device_id": "A149"}, "message": "success", "status": 0}"#;
/// let answer: Envelope<DeviceCreated> = serde_json::from_str(answer)?;
/// assert_eq!(answer.into_result().unwrap().device_id.as_deref(), Some("A149"));
///
/// let answer = r#"{"status": 10, "message": "token expired", "result": "of any shape"}"#;
/// let answer: Envelope<DeviceCreated> = serde_json::from_str(answer)?;
/// assert_eq!(answer.into_result().unwrap_err().status, Status::TOKEN_EXPIRED);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope<T> {
    /// The request was carried out.
    Success(Success<T>),
    /// It was not.
    ApiFault(ApiFault),
}

/// The answer to a request that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Success<T> {
    /// A text for people: `success`, or what was done.
    pub message: String,
    /// A longer description; only in answers since late 2016.
    pub status_description: Option<StatusDescription>,
    /// What the operation has to tell.
    pub result: T,
}

/// The answer to a request that was not carried out.
///
/// The texts of a fault that a call returns have no secret of the request in them: a [`SecretMask`] masks them before
/// they get here. What has the form of a credential is masked again where the fault is printed.
///
/// ```
/// use kandy_sys::{ApiFault, Status};
///
/// let fault = ApiFault::new(Status::DOES_NOT_EXIST, "no such user");
/// assert_eq!(fault.to_string(), "status 53 (DOES_NOT_EXIST): no such user");
/// ```
#[derive(Clone, PartialEq)]
pub struct ApiFault {
    /// Why not; never 0.
    pub status: Status,
    /// A text for people.
    pub message: String,
    /// A longer description; only in answers since late 2016.
    pub status_description: Option<StatusDescription>,
}

impl ApiFault {
    /// A fault without a longer description.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), status_description: None }
    }
}

impl fmt::Display for ApiFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        match self.message.as_str() {
            "" => Ok(()),
            message => write!(f, ": {}", mask(message)),
        }
    }
}

impl fmt::Debug for ApiFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiFault")
            .field("status", &self.status)
            .field("message", &mask(&self.message))
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ApiFault {}

/// The result of an operation that has nothing to tell. It takes any `result`, and none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoResult;

impl<'de> Deserialize<'de> for NoResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for NoResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T> Envelope<T> {
    /// A success with the message that most have.
    pub fn success(result: T) -> Self {
        Self::done("success", result)
    }

    /// A success with a message of its own.
    pub fn done(message: impl Into<String>, result: T) -> Self {
        Self::Success(Success { message: message.into(), status_description: None, result })
    }

    /// The status: 0 for a success.
    pub fn status(&self) -> Status {
        match self {
            Self::Success(_) => Status::OK,
            Self::ApiFault(fault) => fault.status,
        }
    }

    /// The text for people.
    pub fn message(&self) -> &str {
        match self {
            Self::Success(success) => &success.message,
            Self::ApiFault(fault) => &fault.message,
        }
    }

    /// Masks the secrets of the request in what the service wrote for people.
    pub(crate) fn masked(self, mask: &SecretMask) -> Self {
        match self {
            Self::Success(mut success) => {
                mask.message(&mut success.message);
                mask.description(&mut success.status_description);
                Self::Success(success)
            }
            Self::ApiFault(fault) => Self::ApiFault(mask.fault(fault)),
        }
    }

    /// The result of a success, or the fault.
    ///
    /// # Errors
    ///
    /// The fault, if it is one.
    pub fn into_result(self) -> Result<T, ApiFault> {
        match self {
            Self::Success(success) => Ok(success.result),
            Self::ApiFault(fault) => Err(fault),
        }
    }
}

impl<T> From<ApiFault> for Envelope<T> {
    fn from(fault: ApiFault) -> Self {
        Self::ApiFault(fault)
    }
}

impl<T: Serialize> Serialize for Envelope<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (description, result) = match self {
            // `NoResult` has no size, as it has nothing to tell.
            Self::Success(success) if size_of::<T>() > 0 => (&success.status_description, Some(&success.result)),
            Self::Success(success) => (&success.status_description, None),
            Self::ApiFault(fault) => (&fault.status_description, None),
        };
        let mut envelope = serializer.serialize_struct("Envelope", 4)?;
        envelope.serialize_field("status", &self.status())?;
        envelope.serialize_field("message", self.message())?;
        if let Some(description) = description {
            envelope.serialize_field("status_description", description)?;
        }
        if let Some(result) = result {
            envelope.serialize_field("result", result)?;
        }
        envelope.end()
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads an envelope in one pass, in whatever order its members come.
    ///
    /// It takes the same texts as [`serde_json::from_slice`], which has to go over a result that comes before the
    /// status a second time.
    ///
    /// ```
    /// use kandy_sys::{Envelope, types::UserList};
    ///
    /// let answer = br#"{"result":{"users":[{"user_id":"russ"}]},"status":0,"message":"success"}"#;
    /// let users = Envelope::<UserList>::read(answer)?.into_result()?.users;
    /// assert_eq!(users.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no envelope, or the result of a success is not a `T`.
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        Self::read_response(json, false)
    }

    /// The same. With `needs_result` a success without a result is an error even if `T` takes nothing too.
    pub(crate) fn read_response(json: &[u8], needs_result: bool) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let read = deserializer.deserialize_map(EnvelopeVisitor::<T, true>::new(needs_result));
        match read.and_then(|envelope| deserializer.end().map(|()| envelope)) {
            Ok(envelope) => Ok(envelope),
            // What was taken for the result of a success may belong to a fault, whose result is not looked at.
            Err(error) => match serde_json::from_slice::<Envelope<NoResult>>(json) {
                Ok(Envelope::ApiFault(fault)) => Ok(Envelope::ApiFault(fault)),
                _ => Err(error),
            },
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor::<T, false>::new(false))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Member {
    Status,
    Message,
    StatusDescription,
    Result,
    #[serde(other)]
    Other,
}

/// With `ONE_PASS`, a result that comes before the status is taken for that of a success.
struct EnvelopeVisitor<T, const ONE_PASS: bool> {
    needs_result: bool,
    result: PhantomData<T>,
}

impl<T, const ONE_PASS: bool> EnvelopeVisitor<T, ONE_PASS> {
    fn new(needs_result: bool) -> Self {
        Self { needs_result, result: PhantomData }
    }
}

impl<'de, T: DeserializeOwned, const ONE_PASS: bool> Visitor<'de> for EnvelopeVisitor<T, ONE_PASS> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `status` and `message`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<T>, A::Error> {
        let mut status: Option<Status> = None;
        let mut message = String::new();
        let mut status_description = None;
        let mut result: Option<T> = None;
        // A result that comes before the status waits here until the status has decided.
        let mut waiting: Option<Box<RawValue>> = None;
        while let Some(member) = members.next_key()? {
            match member {
                Member::Status => {
                    // With two of them, nothing that was read under the first could be trusted.
                    if status.replace(members.next_value()?).is_some() {
                        return Err(de::Error::duplicate_field("status"));
                    }
                }
                Member::Message => message = text(members.next_value()?),
                Member::StatusDescription => {
                    status_description = description(members.next_value::<Box<RawValue>>()?.as_ref());
                }
                Member::Result => match status {
                    None if !ONE_PASS => waiting = Some(members.next_value()?),
                    None | Some(Status::OK) => result = members.next_value::<Option<T>>()?,
                    Some(_) => {
                        members.next_value::<IgnoredAny>()?;
                    }
                },
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let status = status.ok_or_else(|| de::Error::missing_field("status"))?;
        if !status.is_success() {
            return Ok(Envelope::ApiFault(ApiFault { status, message, status_description }));
        }
        if !ONE_PASS && let Some(waiting) = waiting {
            result = serde_json::from_str::<Option<T>>(waiting.get()).map_err(de::Error::custom)?;
        }
        let result = match result {
            Some(result) => result,
            None if self.needs_result => return Err(de::Error::missing_field("result")),
            None => T::deserialize(Absent(PhantomData))?,
        };
        Ok(Envelope::Success(Success { message, status_description, result }))
    }
}

/// A message is a text, but one of another kind does not make the answer unreadable.
pub(crate) fn text(message: Value) -> String {
    match message {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A description is an object, but one of another kind does not make the answer unreadable.
pub(crate) fn description(json: &RawValue) -> Option<StatusDescription> {
    if json.get().starts_with('{') {
        return serde_json::from_str(json.get()).ok();
    }
    match serde_json::from_str(json.get()).unwrap_or_default() {
        Value::Null => None,
        other => Some(StatusDescription { code: None, message: Some(text(other)) }),
    }
}

/// The problem of a text in which nothing that is needed has one: it is no JSON elsewhere, or goes on after its end. The
/// path to it is left out, because it is made of names that the service chose.
fn whole(text: &[u8]) -> DecodeError {
    serde_json::from_slice::<Value>(text).map_or_else(|error| DecodeError::of("", &error), |_| DecodeError::unnamed())
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Where and why a text that [`read`](Self::read) cannot read is no such envelope.
    ///
    /// ```
    /// use kandy_sys::{Envelope, types::UserList};
    ///
    /// let problem = Envelope::<UserList>::problem(br#"{"status":0,"result":{"users":[{"user_email":7}]}}"#);
    /// assert_eq!(problem.to_string(), "at `result.users[0].user_email`: expected a string");
    /// ```
    pub fn problem(text: &[u8]) -> DecodeError {
        Self::problem_of(text, false)
    }

    /// The same of a text that [`read_response`](Self::read_response) cannot read.
    pub(crate) fn problem_of(text: &[u8], needs_result: bool) -> DecodeError {
        #[derive(Deserialize)]
        struct Parts {
            #[serde(rename = "status")]
            _status: Status,
            #[serde(default)]
            result: Option<Box<RawValue>>,
        }
        let json = || serde_json::Deserializer::from_slice(text);
        // A derived struct would take an array, too.
        if let Err(error) = serde_path_to_error::deserialize::<_, HashMap<String, IgnoredAny>>(&mut json()) {
            return DecodeError::new("", &error);
        }
        let parts = match serde_path_to_error::deserialize::<_, Parts>(&mut json()) {
            Ok(parts) => parts,
            Err(error) => return DecodeError::new("", &error),
        };
        let Some(result) = parts.result.as_deref() else {
            let is_missing = needs_result || T::deserialize(Absent::<serde_json::Error>(PhantomData)).is_err();
            return match is_missing && serde_json::from_slice::<Value>(text).is_ok() {
                true => DecodeError::missing("result"),
                false => whole(text),
            };
        };
        match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(result.get())) {
            Err(error) => DecodeError::new("result", &error),
            Ok(_) => whole(text),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for NoResult {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NoResult".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(true)
    }
}

#[cfg(feature = "schemars")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Envelope<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("EnvelopeOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let status = generator.subschema_for::<Status>();
        let description = generator.subschema_for::<Option<StatusDescription>>();
        let result = generator.subschema_for::<T>();
        schemars::json_schema!({
            "type": "object",
            "required": ["status", "message"],
            "properties": {
                "status": status,
                "message": {"type": ["string", "null"]},
                "status_description": description,
                "result": result,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AccountAccessToken, UserList};

    fn read<T: DeserializeOwned>(json: &str) -> Envelope<T> {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn one_pass_reads_what_two_read() {
        let members =
            [r#""status":0"#, r#""status":"7""#, r#""result":{"users":[{"user_id":"russ"}]}"#, r#""result":5"#];
        for first in members {
            for second in members {
                let json = format!(r#"{{{first},"message":"m",{second},"status_description":[1]}}"#);
                let two = serde_json::from_str::<Envelope<UserList>>(&json);
                let one = Envelope::<UserList>::read(json.as_bytes());
                assert_eq!(one.ok(), two.ok(), "{json}");
            }
        }
        for text in ["", "[]", r#"{"status":0}}"#, r#"{"result":{},"status":0} 1"#] {
            assert!(Envelope::<UserList>::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn takes_its_members_in_any_order() {
        let members = [r#""status":0"#, r#""message":"success""#, r#""result":{"users":[{"user_id":"russ"}]}"#];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let json = format!("{{{}}}", order.map(|at| members[at]).join(","));
            let users = read::<UserList>(&json).into_result().expect(&json).users;
            assert_eq!(users.len(), 1, "{json}");
        }
    }

    #[test]
    fn a_fault_with_any_result_is_a_fault() {
        for result in ["{}", "null", "[]", "5", "\"no\"", r#"{"users":7}"#] {
            for json in [
                format!(r#"{{"status":1,"message":"m","result":{result}}}"#),
                format!(r#"{{"result":{result},"message":"m","status":1}}"#),
            ] {
                let fault = read::<UserList>(&json).into_result().expect_err(&json);
                assert_eq!((fault.status, fault.message.as_str()), (Status::INTERNAL_SERVER_ERROR, "m"));
            }
        }
    }

    #[test]
    fn tolerates_what_it_does_not_need() {
        let json = r#"{"status":"0","message":null,"status_description":"fine","more":[1],"result":null}"#;
        let Envelope::Success(success) = read::<NoResult>(json) else {
            panic!("a success");
        };
        assert_eq!(success.message, "");
        assert_eq!(success.status_description.and_then(|d| d.message).as_deref(), Some("fine"));
    }

    #[test]
    fn a_success_without_result_is_an_error_unless_nothing_is_expected() {
        for json in
            [r#"{"status":0,"message":"success"}"#, r#"{"result":null,"status":0}"#, r#"{"status":0,"result":null}"#]
        {
            for problem in [
                Envelope::<AccountAccessToken>::read(json.as_bytes())
                    .is_err()
                    .then(|| Envelope::<AccountAccessToken>::problem(json.as_bytes())),
                Envelope::<UserList>::read(json.as_bytes())
                    .is_err()
                    .then(|| Envelope::<UserList>::problem(json.as_bytes())),
                Envelope::<crate::ExtraFields>::read(json.as_bytes())
                    .is_err()
                    .then(|| Envelope::<crate::ExtraFields>::problem(json.as_bytes())),
                Envelope::<Value>::read_response(json.as_bytes(), true)
                    .is_err()
                    .then(|| Envelope::<Value>::problem_of(json.as_bytes(), true)),
            ] {
                assert_eq!(problem.expect(json).to_string(), "at `result`: it is missing", "{json}");
            }
            assert!(serde_json::from_str::<Envelope<AccountAccessToken>>(json).is_err(), "{json}");
            assert_eq!(read::<NoResult>(json).into_result(), Ok(NoResult), "{json}");
            assert_eq!(read::<Option<AccountAccessToken>>(json).into_result(), Ok(None), "{json}");
            assert_eq!(read::<Value>(json).into_result(), Ok(serde_json::json!({})), "{json}");
        }
        let token = read::<AccountAccessToken>(r#"{"status":0,"result":{}}"#).into_result();
        assert_eq!(token, Ok(AccountAccessToken::default()));
    }

    #[test]
    fn a_result_without_its_list_is_an_error() {
        for (result, problem) in [
            ("{}", "at `result.users`: it is missing"),
            (r#"{"user":[]}"#, "at `result.users`: it is missing"),
            (r#"{"users":null}"#, "at `result.users`: expected a sequence"),
            (r#"{"users":{}}"#, "at `result.users`: expected a sequence"),
            ("[]", "at `result`: expected struct UserList with 1 element"),
        ] {
            for json in [format!(r#"{{"status":0,"result":{result}}}"#), format!(r#"{{"result":{result},"status":0}}"#)]
            {
                assert!(Envelope::<UserList>::read(json.as_bytes()).is_err(), "{json}");
                assert!(serde_json::from_str::<Envelope<UserList>>(&json).is_err(), "{json}");
                assert_eq!(Envelope::<UserList>::problem(json.as_bytes()).to_string(), problem, "{json}");
            }
        }
    }

    #[test]
    fn names_the_place_of_a_problem_but_not_its_value() {
        let problem = |json: &str| Envelope::<UserList>::problem(json.as_bytes()).to_string();
        let users = r#"{"result":{"users":[{},{"user_email":["s3cret, expected nothing"]}]},"status":0}"#;
        assert_eq!(problem(users), "at `result.users[1].user_email`: expected a string");
        assert_eq!(problem(r#"{"message":"s3cret"}"#), "missing field `status`");
        assert_eq!(problem(r#"{"status":"s3cret"}"#), "at `status`: the value cannot be used");
        assert_eq!(problem("<html>s3cret</html>"), "it is not JSON (line 1, column 1)");
        assert_eq!(problem(r#"{"message":"\ud800","status":0}"#), "it is not JSON (line 1, column 19)");
        assert_eq!(problem(r#"{"status":0}:"#), "it is not JSON (line 1, column 13)");
        assert_eq!(problem(r#"{"status":0,"result":{"use"#), "it ends too early (line 1, column 26)");
    }

    #[test]
    fn two_statuses_are_none() {
        for json in [r#"{"status":0,"result":{},"status":1}"#, r#"{"status":1,"result":{},"status":0}"#] {
            assert!(serde_json::from_str::<Envelope<UserList>>(json).is_err(), "{json}");
            assert!(serde_json::from_str::<Envelope<NoResult>>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn encodes_what_it_decodes() {
        for json in [r#"{"status":0,"message":"User Deleted"}"#, r#"{"status":55,"message":"invalid credentials"}"#] {
            assert_eq!(serde_json::to_string(&read::<NoResult>(json)).expect(json), json);
        }
    }
}
