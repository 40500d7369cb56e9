//! The faults that every operation is tested with, and the expected result of each.

use std::time::Duration;

use kandy::{
    Status,
    sys::{
        Operation,
        operation::{Credential, ResponseKind},
    },
};
use kandy_emulator::InjectedFault;

/// The `Retry-After` of the cases that send one.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The body limit of the clients.
pub(crate) const BODY_LIMIT: usize = 512 * 1024;

/// The most attempts of a call.
pub(crate) const ATTEMPTS: u64 = 3;

/// More than [`ATTEMPTS`]: the deadline bounds the attempts, as under a rate limit.
pub(crate) const SEVERAL: u64 = u64::MAX;

/// The variant of the error that a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Api,
    Transport,
    Decode,
}

/// How a client has to classify a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The call succeeds.
    Harmless,
    /// Permanent: not retried.
    Final(Kind),
    /// Retried where the operation is idempotent.
    Transient(Kind),
    /// The token is refused, so the operation was not applied: retried with a new token.
    TokenRefused,
    /// Either the token was refused or the operation was applied: the response does not prove which.
    TokenMaybeRefused,
    /// The service limits the rate of requests, and has not applied the operation.
    RateLimited,
}

/// The `Retry-After` header of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    None,
    Seconds,
    Date,
}

/// A fault and its expected effect.
pub(crate) struct FaultCase {
    pub(crate) name: &'static str,
    pub(crate) fault: InjectedFault,
    pub(crate) class: Class,
    /// Whether the client cannot know if the operation was applied.
    pub(crate) maybe_applied: bool,
    /// Whether it was applied.
    pub(crate) applied: bool,
    /// Whether only the timeout of the client ends the attempt.
    pub(crate) never_ends: bool,
    pub(crate) retry_after: RetryAfter,
}

impl FaultCase {
    fn new(name: &'static str, fault: InjectedFault, class: Class) -> Self {
        let maybe_applied = !matches!(class, Class::Harmless | Class::TokenRefused | Class::RateLimited);
        Self { name, fault, class, maybe_applied, applied: false, never_ends: false, retry_after: RetryAfter::None }
    }

    fn applied(self) -> Self {
        Self { applied: true, fault: self.fault.applied(true), ..self }
    }

    fn never_ends(self) -> Self {
        Self { never_ends: true, ..self }
    }

    fn maybe_applied(self, maybe_applied: bool) -> Self {
        Self { maybe_applied, ..self }
    }
}

/// Returns all cases.
pub(crate) fn fault_cases() -> Vec<FaultCase> {
    use Class::{Final, Harmless, RateLimited, TokenMaybeRefused, TokenRefused, Transient};
    use Kind::{Api, Transport};

    let forever = Duration::from_secs(3600);
    let mut cases = vec![
        FaultCase::new("slow", InjectedFault::latency(Duration::from_millis(2)), Harmless).applied(),
        FaultCase::new("wrong content type", InjectedFault::wrong_content_type(), Harmless).applied(),
        FaultCase::new("large", InjectedFault::huge_body(BODY_LIMIT as u64 / 2), Harmless).applied(),
        FaultCase::new("too large", InjectedFault::huge_body(BODY_LIMIT as u64 * 4), Final(Kind::Decode)).applied(),
        FaultCase::new("late", InjectedFault::latency(forever), Transient(Transport)).applied().never_ends(),
        FaultCase::new("stall", InjectedFault::stall(), Transient(Transport)).never_ends(),
        FaultCase::new("stall during response", InjectedFault::stall_during_response(), Transient(Transport))
            .applied()
            .never_ends(),
        FaultCase::new("close before reading", InjectedFault::close_before_reading(), Transient(Transport)),
        FaultCase::new("close during reading", InjectedFault::close_during_reading(), Transient(Transport)),
        FaultCase::new("close after reading", InjectedFault::close_after_reading(), Transient(Transport)).applied(),
        FaultCase::new("close during response", InjectedFault::close_during_response(), Transient(Transport)).applied(),
        FaultCase::new("truncated json", InjectedFault::truncated_json(), Final(Kind::Decode)).applied(),
        FaultCase::new("wrong json", InjectedFault::wrong_json(), Final(Kind::Decode)).applied(),
        FaultCase::new("html page", InjectedFault::html_page(), Final(Kind::Decode)),
        FaultCase::new("html page, 502", InjectedFault::html_page().with_http(502), Transient(Api)),
        FaultCase::new("503, applied", InjectedFault::http(503), Transient(Api)).applied(),
        // Without an envelope it may come from a proxy, so it does not prove that nothing was applied.
        FaultCase::new("302", InjectedFault::http(302), Final(Api)),
        FaultCase::new("404", InjectedFault::http(404), Final(Api)),
        // HTTP 401 and 403 prove nothing unless the envelope of the service gives the reason.
        FaultCase::new("401", InjectedFault::http(401), TokenMaybeRefused),
        FaultCase::new("401, page", InjectedFault::html_page().with_http(401), TokenMaybeRefused),
        FaultCase::new("403, JSON", InjectedFault::http(403).json_body(), TokenMaybeRefused),
        FaultCase::new("403, applied", InjectedFault::http(403), TokenMaybeRefused).applied(),
        FaultCase::new(
            "success envelope, 403",
            InjectedFault::latency(Duration::ZERO).with_http(403),
            TokenMaybeRefused,
        )
        .applied(),
        FaultCase::new("status 1, 401", InjectedFault::status(1).with_http(401), TokenMaybeRefused),
        FaultCase::new(
            "status 55, 401",
            InjectedFault::status(Status::INVALID_CREDENTIALS.0).with_http(401),
            TokenRefused,
        ),
        FaultCase::new("expired token", InjectedFault::expired_token(), TokenRefused),
        FaultCase::new("expired token, 200", InjectedFault::expired_token().with_http(200), TokenRefused),
        FaultCase::new("status 16", InjectedFault::status(Status::INVALID_PARAMETER_VALUE.0), Final(Api))
            .maybe_applied(false),
        FaultCase::new("status 500", InjectedFault::status(Status::INTERNAL_SERVER_ERROR.0), Final(Api)),
    ];
    cases.push(FaultCase::new("429, text", InjectedFault::http(429).text_body(), RateLimited));
    cases.push(FaultCase::new("429, JSON", InjectedFault::http(429).json_body(), RateLimited));
    let overload = [
        (429, ["429", "429, seconds", "429, date"]),
        (500, ["500", "500, seconds", "500, date"]),
        (502, ["502", "502, seconds", "502, date"]),
        (503, ["503", "503, seconds", "503, date"]),
    ];
    for (http, [plain, seconds, date]) in overload {
        let fault = InjectedFault::http(http);
        for (name, fault, retry_after) in [
            (plain, fault.clone(), RetryAfter::None),
            (seconds, fault.clone().retry_after(RETRY_AFTER), RetryAfter::Seconds),
            (date, fault.retry_after_date(RETRY_AFTER), RetryAfter::Date),
        ] {
            let class = if http == 429 { RateLimited } else { Transient(Api) };
            cases.push(FaultCase { retry_after, ..FaultCase::new(name, fault, class) });
        }
    }
    cases
}

/// The expected result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// How many requests the service receives.
    pub(crate) attempts: u64,
    pub(crate) error: Option<Kind>,
    /// `may_have_been_applied` of the error.
    pub(crate) maybe_applied: bool,
    /// Whether a refusal is a correct result too, because an earlier attempt applied the operation.
    pub(crate) or_refused: bool,
}

impl FaultCase {
    /// Returns the expected result of an operation when the fault occurs once, or on every request.
    pub(crate) fn expected(&self, operation: &Operation, is_once: bool) -> Expected {
        let changes = operation.method.as_str() != "GET" || !operation.idempotent;
        let has_token = matches!(operation.credential(), Credential::AccessToken(_));
        let expected = |attempts, error| Expected {
            attempts,
            error,
            maybe_applied: error.is_some() && changes && self.maybe_applied,
            or_refused: false,
        };
        let is_file = operation.response == ResponseKind::File;
        match self.class {
            // A download takes any body for the file, and returns before it reads the body.
            Class::Final(Kind::Decode) if is_file => expected(1, None),
            Class::Transient(kind) if is_file && self.name.ends_with("during response") => expected(1, Some(kind)),
            Class::Harmless => expected(1, None),
            Class::Final(kind) => expected(1, Some(kind)),
            Class::TokenRefused if !has_token => expected(1, Some(Kind::Api)),
            Class::TokenRefused => expected(2, (!is_once).then_some(Kind::Api)),
            Class::TokenMaybeRefused if !has_token || !operation.idempotent => expected(1, Some(Kind::Api)),
            Class::TokenMaybeRefused => {
                Expected { or_refused: changes && self.applied, ..expected(2, (!is_once).then_some(Kind::Api)) }
            }
            Class::RateLimited if is_once => expected(2, None),
            Class::RateLimited => expected(SEVERAL, Some(Kind::Api)),
            Class::Transient(kind) if !operation.idempotent => expected(1, Some(kind)),
            Class::Transient(kind) if !is_once => expected(ATTEMPTS, Some(kind)),
            Class::Transient(_) => Expected { or_refused: changes && self.applied, ..expected(2, None) },
        }
    }
}
