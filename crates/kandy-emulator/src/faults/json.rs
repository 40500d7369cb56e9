//! The JSON of faults, for `/_emulator/faults`.
//!
//! Depends on the types of the parent module, `rule`, `effect`, `kinds` and `fields`. Begin with `InjectedFault::from_json`.

use std::time::Duration;

use kandy_sys::{ApiFault, Operation, Status, operation::Level};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{Body, InjectedFault, Kind, Reading, RetryAfter, Scope, When, fields, http_status, kinds};
use crate::{protocol::refusal::missing, state::clock::millis};

impl Serialize for InjectedFault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = Map::new();
        let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        put("kind", self.kind().into());
        match self.kind {
            Kind::Status(status) => put("status", status.0.into()),
            Kind::HugeBody(bytes) => put("bytes", bytes.into()),
            Kind::RateLimit(per_second) => put("per_second", per_second.into()),
            _ => {}
        }
        if let Some(http) = self.http {
            put("http", http.as_u16().into());
        }
        match self.body {
            Body::Empty => {}
            Body::Text => put("body", "text".into()),
            Body::Json => put("body", "json".into()),
        }
        match self.retry_after {
            Some(RetryAfter::Seconds(after)) => put("retry_after_seconds", seconds(after)),
            Some(RetryAfter::Date(after)) => put("retry_after_date_seconds", seconds(after)),
            None => {}
        }
        if !self.latency.is_zero() || matches!(self.kind, Kind::Latency | Kind::LatePush) {
            put("latency_ms", millis(self.latency).into());
        }
        if self.channel_event().is_none() {
            put("applied", self.is_applied().into());
        }
        match self.scope {
            Scope::Everything => {}
            Scope::Operation(operation) => put("operation", operation.id.into()),
            Scope::Tag(tag) => put("tag", tag.into()),
            Scope::Level(level) => put("level", level.to_string().into()),
        }
        match self.when {
            When::Always => {}
            When::Nth(nth) => put("nth", nth.into()),
            When::Every(every) => put("every", every.into()),
            When::Probability { probability, seed } => {
                put("probability", json!(probability));
                put("seed", seed.into());
            }
        }
        if let Some(times) = self.times {
            put("times", times.into());
        }
        fields.serialize(serializer)
    }
}

fn seconds(duration: Duration) -> Value {
    millis(duration).div_ceil(1000).into()
}

impl InjectedFault {
    /// Reads the JSON that [`InjectedFault`] serializes to. It is strict: a fault with a mistyped field would never
    /// trigger, and the test that armed it could not fail.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, ApiFault> {
        let Ok(Value::Object(fields)) = serde_json::from_slice(json) else {
            return Err(invalid("the request body is not a JSON object"));
        };
        let mut fields = UnreadFields(fields);
        let mut fault = fields.fault()?;
        if fault.channel_event().is_some() {
            return fields.channel_fault(fault);
        }
        fault.http = fields.http()?.or(fault.http);
        if fault.kind == Kind::Http && fault.http.is_none() {
            return Err(missing("http"));
        }
        fault.retry_after = match (fields.whole("retry_after_seconds")?, fields.whole("retry_after_date_seconds")?) {
            (None, None) => None,
            (Some(after), None) => Some(RetryAfter::Seconds(Duration::from_secs(after))),
            (None, Some(after)) => Some(RetryAfter::Date(Duration::from_secs(after))),
            _ => return Err(invalid("retry_after_seconds and retry_after_date_seconds exclude each other")),
        };
        if !fault.delivery().sends_response() && (fault.http.is_some() || fault.retry_after.is_some()) {
            return Err(invalid(format!("{} sends no response, so http and retry_after have no effect", fault.kind())));
        }
        fault.body = fields.body(fault.kind)?;
        let latency = fields.whole("latency_ms")?;
        if fault.kind == Kind::Latency && latency.is_none() {
            return Err(missing("latency_ms"));
        }
        fault.latency = Duration::from_millis(latency.unwrap_or_default());
        fault.applied = fields.flag("applied")?;
        if fault.applied == Some(true) && fault.reading() != Reading::Everything {
            return Err(invalid(format!("{} cannot be applied: the request is not read", fault.kind())));
        }
        fault.scope = fields.scope()?;
        fault.when = fields.when()?;
        fault.times = fields.whole("times")?;
        // Each field above was removed when it was read, so any that is left is unknown or does not apply to the kind.
        fields.end()?;
        Ok(fault)
    }
}

fn invalid(message: impl Into<String>) -> ApiFault {
    ApiFault::new(Status::VALIDATION_FAILED, message)
}

/// The fields that are not read yet. Error messages never repeat a value, because it may be a credential.
struct UnreadFields(Map<String, Value>);

impl UnreadFields {
    fn text(&mut self, name: &str) -> Result<Option<String>, ApiFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("{name} is not a string"))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, ApiFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(invalid(format!("{name} is neither true nor false"))),
        }
    }

    /// A whole number from 0.
    fn whole(&mut self, name: &str) -> Result<Option<u64>, ApiFault> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(number) => number.as_u64().map(Some).ok_or_else(|| invalid(format!("{name} is not a whole number"))),
        }
    }

    /// A whole number from 1.
    fn count(&mut self, name: &str) -> Result<Option<u64>, ApiFault> {
        match self.whole(name)? {
            Some(0) => Err(invalid(format!("{name} is counted from 1"))),
            number => Ok(number),
        }
    }

    /// A fault of the given kind, without options.
    fn fault(&mut self) -> Result<InjectedFault, ApiFault> {
        match self.kind()? {
            Kind::RateLimit(per_second) => Ok(InjectedFault::rate_limit(per_second)),
            kind => Ok(InjectedFault::new(kind)),
        }
    }

    /// The options of a channel fault, which has no request and no response.
    fn channel_fault(mut self, mut fault: InjectedFault) -> Result<InjectedFault, ApiFault> {
        if fault.kind == Kind::LatePush {
            let delay = self.whole("latency_ms")?.ok_or_else(|| missing("latency_ms"))?;
            fault.latency = Duration::from_millis(delay);
        }
        fault.when = self.when()?;
        fault.times = self.whole("times")?;
        self.end()?;
        Ok(fault)
    }

    fn body(&mut self, kind: Kind) -> Result<Body, ApiFault> {
        let Some(body) = self.text("body")? else { return Ok(Body::Empty) };
        if !matches!(kind, Kind::Http | Kind::RateLimit(_)) {
            return Err(invalid("body applies to the kinds http and rate_limit only"));
        }
        match body.as_str() {
            "empty" => Ok(Body::Empty),
            "text" => Ok(Body::Text),
            "json" => Ok(Body::Json),
            _ => Err(invalid("body is none of: empty, text, json")),
        }
    }

    fn kind(&mut self) -> Result<Kind, ApiFault> {
        Ok(match self.text("kind")?.ok_or_else(|| missing("kind"))?.as_str() {
            "latency" => Kind::Latency,
            "stall" => Kind::Stall,
            "stall_during_response" => Kind::StallDuringResponse,
            "close_before_reading" => Kind::CloseBeforeReading,
            "close_during_reading" => Kind::CloseDuringReading,
            "close_after_reading" => Kind::CloseAfterReading,
            "close_during_response" => Kind::CloseDuringResponse,
            "http" => Kind::Http,
            "status" => {
                let status = self.0.remove("status").ok_or_else(|| missing("status"))?;
                Kind::Status(Status(status.as_i64().ok_or_else(|| invalid("status is not a whole number"))?))
            }
            "expired_token" => Kind::ExpiredToken,
            "truncated_json" => Kind::TruncatedJson,
            "wrong_json" => Kind::WrongJson,
            "html_page" => Kind::HtmlPage,
            "wrong_content_type" => Kind::WrongContentType,
            "huge_body" => Kind::HugeBody(self.whole("bytes")?.ok_or_else(|| missing("bytes"))?),
            "rate_limit" => {
                let per_second = self.count("per_second")?.ok_or_else(|| missing("per_second"))?;
                Kind::RateLimit(u32::try_from(per_second).map_err(|_| invalid("per_second is too large"))?)
            }
            "close_after_upgrade" => Kind::CloseAfterUpgrade,
            "drop_channel" => Kind::DropChannel,
            "stall_channel" => Kind::StallChannel,
            "half_open_channel" => Kind::HalfOpenChannel,
            "duplicate_push" => Kind::DuplicatePush,
            "lost_push" => Kind::LostPush,
            "late_push" => Kind::LatePush,
            _ => return Err(invalid(format!("kind is none of: {}", kinds::kind_names()))),
        })
    }

    fn http(&mut self) -> Result<Option<http::StatusCode>, ApiFault> {
        let Some(http) = self.whole("http")? else { return Ok(None) };
        let known = u16::try_from(http).ok().and_then(http_status);
        known.map(Some).ok_or_else(|| invalid("http is not from 200 to 599"))
    }

    fn scope(&mut self) -> Result<Scope, ApiFault> {
        match (self.text("operation")?, self.text("tag")?, self.text("level")?) {
            (None, None, None) => Ok(Scope::Everything),
            (Some(id), None, None) => {
                Operation::find(&id).map(Scope::Operation).ok_or_else(|| invalid("there is no such operation"))
            }
            (None, Some(tag), None) => Scope::tag(&tag).ok_or_else(|| invalid("there is no such tag")),
            (None, None, Some(level)) => {
                let levels = [Level::Account, Level::Domain, Level::User];
                let known = levels.into_iter().find(|known| known.to_string() == level);
                known.map(Scope::Level).ok_or_else(|| invalid("level is none of: account, domain, user"))
            }
            _ => Err(invalid("operation, tag and level exclude each other")),
        }
    }

    fn when(&mut self) -> Result<When, ApiFault> {
        let (nth, every, seed) = (self.count("nth")?, self.count("every")?, self.whole("seed")?);
        match (nth, every, self.0.remove("probability"), seed) {
            (None, None, None, None) => Ok(When::Always),
            (Some(nth), None, None, None) => Ok(When::Nth(nth)),
            (None, Some(every), None, None) => Ok(When::Every(every)),
            (None, None, Some(probability), seed) => {
                let probability = probability.as_f64().filter(|probability| (0.0..=1.0).contains(probability));
                let probability = probability.ok_or_else(|| invalid("probability is not from 0 to 1"))?;
                Ok(When::Probability { probability, seed: seed.unwrap_or_default() })
            }
            (None, None, None, Some(_)) => Err(missing("probability")),
            _ => Err(invalid("nth, every and probability exclude each other")),
        }
    }

    fn end(self) -> Result<(), ApiFault> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(invalid(format!(
                "some fields are unknown or do not apply to the kind; known fields: {}",
                fields::field_names()
            ))),
        }
    }
}
