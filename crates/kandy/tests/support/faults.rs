//! The failures that calls are held against, and what each has to come to.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::time::Duration;

use kandy::{
    Status,
    sys::{
        Operation,
        operation::{Credential, ResponseKind},
    },
};
use kandy_emulator::InjectedFault;

/// How long the service asks to wait, where it does.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The most that a client of the tests reads of an answer.
pub(crate) const BODY_LIMIT: usize = 512 * 1024;

/// How many attempts a call makes at most.
pub(crate) const ATTEMPTS: u64 = 3;

/// Some attempts, as many as the time allows.
pub(crate) const SEVERAL: u64 = u64::MAX;

/// Which of the errors a call ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Api,
    Transport,
    Answer,
}

/// What a client has to make of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It is none: the call succeeds.
    Harmless,
    /// Nothing that another attempt would change.
    Final(Kind),
    /// It may pass.
    Transient(Kind),
    /// The token is refused, so the call was not carried out, and goes on with another token.
    TokenRefused,
    /// The token may have been refused, or the call carried out: nothing says which.
    TokenInDoubt,
    /// The service limits the rate of requests, and has carried out nothing.
    RateLimited,
}

/// What the service asks the client to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Nothing,
    Seconds,
    Date,
}

pub(crate) struct ApiFault {
    pub(crate) name: &'static str,
    pub(crate) failure: InjectedFault,
    pub(crate) class: Class,
    /// Whether the client cannot know if the operation was carried out.
    pub(crate) in_doubt: bool,
    /// Whether it was.
    pub(crate) applied: bool,
    /// Whether it ends only because the client gives up.
    pub(crate) never_ends: bool,
    pub(crate) asked: Asked,
}

impl ApiFault {
    fn new(name: &'static str, failure: InjectedFault, class: Class) -> Self {
        let in_doubt = !matches!(class, Class::Harmless | Class::TokenRefused | Class::RateLimited);
        Self { name, failure, class, in_doubt, applied: false, never_ends: false, asked: Asked::Nothing }
    }

    fn applied(self) -> Self {
        Self { applied: true, failure: self.failure.applied(true), ..self }
    }

    fn never_ends(self) -> Self {
        Self { never_ends: true, ..self }
    }

    fn in_doubt(self, in_doubt: bool) -> Self {
        Self { in_doubt, ..self }
    }
}

/// All failures.
pub(crate) fn faults() -> Vec<ApiFault> {
    use Class::{Final, Harmless, RateLimited, TokenInDoubt, TokenRefused, Transient};
    use Kind::{Api, Transport};

    let forever = Duration::from_secs(3600);
    let mut faults = vec![
        ApiFault::new("slow", InjectedFault::latency(Duration::from_millis(2)), Harmless).applied(),
        ApiFault::new("wrong content type", InjectedFault::wrong_content_type(), Harmless).applied(),
        ApiFault::new("large", InjectedFault::huge_body(BODY_LIMIT as u64 / 2), Harmless).applied(),
        ApiFault::new("too large", InjectedFault::huge_body(BODY_LIMIT as u64 * 4), Final(Kind::Answer)).applied(),
        ApiFault::new("late", InjectedFault::latency(forever), Transient(Transport)).applied().never_ends(),
        ApiFault::new("stall", InjectedFault::stall(), Transient(Transport)).never_ends(),
        ApiFault::new("stall during answer", InjectedFault::stall_during_response(), Transient(Transport))
            .applied()
            .never_ends(),
        ApiFault::new("close before reading", InjectedFault::close_before_reading(), Transient(Transport)),
        ApiFault::new("close during reading", InjectedFault::close_during_reading(), Transient(Transport)),
        ApiFault::new("close after reading", InjectedFault::close_after_reading(), Transient(Transport)).applied(),
        ApiFault::new("close during answer", InjectedFault::close_during_response(), Transient(Transport)).applied(),
        ApiFault::new("truncated json", InjectedFault::truncated_json(), Final(Kind::Answer)).applied(),
        ApiFault::new("wrong json", InjectedFault::wrong_json(), Final(Kind::Answer)).applied(),
        ApiFault::new("html page", InjectedFault::html_page(), Final(Kind::Answer)),
        ApiFault::new("html page, 502", InjectedFault::html_page().with_http(502), Transient(Api)),
        ApiFault::new("503 after the deed", InjectedFault::http(503), Transient(Api)).applied(),
        // No envelope says that it was the service's own, so nothing is known of the deed.
        ApiFault::new("302", InjectedFault::http(302), Final(Api)),
        ApiFault::new("404", InjectedFault::http(404), Final(Api)),
        // HTTP 401 and 403 prove nothing unless the envelope of the service says why.
        ApiFault::new("401", InjectedFault::http(401), TokenInDoubt),
        ApiFault::new("401, page", InjectedFault::html_page().with_http(401), TokenInDoubt),
        ApiFault::new("403, JSON", InjectedFault::http(403).json_body(), TokenInDoubt),
        ApiFault::new("403 after the deed", InjectedFault::http(403), TokenInDoubt).applied(),
        ApiFault::new("success as 403", InjectedFault::latency(Duration::ZERO).with_http(403), TokenInDoubt).applied(),
        ApiFault::new("status 1, 401", InjectedFault::status(1).with_http(401), TokenInDoubt),
        ApiFault::new(
            "status 55, 401",
            InjectedFault::status(Status::INVALID_CREDENTIALS.0).with_http(401),
            TokenRefused,
        ),
        ApiFault::new("expired token", InjectedFault::expired_token(), TokenRefused),
        ApiFault::new("expired token, 403", InjectedFault::expired_token().with_http(403), TokenRefused),
        ApiFault::new("status 16", InjectedFault::status(Status::INVALID_PARAMETER_VALUE.0), Final(Api))
            .in_doubt(false),
        ApiFault::new("status 500", InjectedFault::status(Status::INTERNAL_SERVER_ERROR.0), Final(Api)),
    ];
    faults.push(ApiFault::new("429, text", InjectedFault::http(429).text_body(), RateLimited));
    faults.push(ApiFault::new("429, JSON", InjectedFault::http(429).json_body(), RateLimited));
    let overload = [
        (429, ["429", "429, seconds", "429, date"]),
        (500, ["500", "500, seconds", "500, date"]),
        (502, ["502", "502, seconds", "502, date"]),
        (503, ["503", "503, seconds", "503, date"]),
    ];
    for (http, [plain, seconds, date]) in overload {
        let failure = InjectedFault::http(http);
        for (name, failure, asked) in [
            (plain, failure.clone(), Asked::Nothing),
            (seconds, failure.clone().retry_after(RETRY_AFTER), Asked::Seconds),
            (date, failure.retry_after_date(RETRY_AFTER), Asked::Date),
        ] {
            let class = if http == 429 { RateLimited } else { Transient(Api) };
            faults.push(ApiFault { asked, ..ApiFault::new(name, failure, class) });
        }
    }
    faults
}

/// What a call has to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// How many requests the service sees.
    pub(crate) attempts: u64,
    pub(crate) error: Option<Kind>,
    /// What `may_have_been_applied` says of the error.
    pub(crate) in_doubt: bool,
    /// Whether it may also be refused, because an attempt before has done it.
    pub(crate) or_refused: bool,
}

impl ApiFault {
    /// What a call of an operation has to come to, if this happens once, or each time.
    pub(crate) fn expected(&self, operation: &Operation, is_once: bool) -> Expected {
        let changes = operation.method.as_str() != "GET" || !operation.idempotent;
        let has_token = matches!(operation.credential(), Credential::AccessToken(_));
        let expected = |attempts, error| Expected {
            attempts,
            error,
            in_doubt: error.is_some() && changes && self.in_doubt,
            or_refused: false,
        };
        let is_file = operation.response == ResponseKind::File;
        match self.class {
            // What comes in the place of a file is the file, and nothing is read of it before it is handed on.
            Class::Final(Kind::Answer) if is_file => expected(1, None),
            Class::Transient(kind) if is_file && self.name.ends_with("during answer") => expected(1, Some(kind)),
            Class::Harmless => expected(1, None),
            Class::Final(kind) => expected(1, Some(kind)),
            Class::TokenRefused if !has_token => expected(1, Some(Kind::Api)),
            Class::TokenRefused => expected(2, (!is_once).then_some(Kind::Api)),
            Class::TokenInDoubt if !has_token || !operation.idempotent => expected(1, Some(Kind::Api)),
            Class::TokenInDoubt => {
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
