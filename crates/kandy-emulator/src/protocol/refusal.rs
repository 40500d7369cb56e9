//! Refusals: Kandy's status and a short text. The texts name parameters and kinds of objects,
//! and never repeat a value that was sent.
//!
//! Depends on nothing. Begin with `Refusal`.

use http::StatusCode;
use kandy_sys::{ApiFault, Status};

/// HTTP status of a refused credential. Clients renew their token on 403 alone (an account portal), or take 401 and 403
/// for unauthorized (the vendor's client from 2.2.1 on).
pub(crate) const REFUSED_CREDENTIAL: StatusCode = StatusCode::FORBIDDEN;

/// A fault with its HTTP status, which is 200 for most.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) http: StatusCode,
    pub(crate) fault: ApiFault,
}

impl From<ApiFault> for Refusal {
    fn from(fault: ApiFault) -> Self {
        // By the number, and not by the caller: every operation checks credentials, and all report them alike.
        let http = match fault.status {
            Status::TOKEN_EXPIRED | Status::INVALID_CREDENTIALS => REFUSED_CREDENTIAL,
            _ => StatusCode::OK,
        };
        Self { http, fault }
    }
}

impl Refusal {
    /// The refusal of a credential of another level. Status 11 of a permission, such as that of a group's owner, keeps
    /// HTTP 200: a client that takes 403 for an expired token would renew one that is good.
    pub(crate) fn wrong_level() -> Self {
        Self { http: REFUSED_CREDENTIAL, fault: permission_denied() }
    }

    /// The refusal of a token for a user who does not exist. One client (a plug-in for a content management system)
    /// expects another HTTP status than 200; 404, because 403 means that the credential is refused.
    pub(crate) fn no_such_user() -> Self {
        Self { http: StatusCode::NOT_FOUND, fault: unknown("user") }
    }

    /// Replaces the HTTP status of a refused credential and of an unknown user by 200, as older clients expect it. That
    /// of a body that cannot be read stays.
    pub(crate) fn with_http_200(self) -> Self {
        match self.http {
            REFUSED_CREDENTIAL | StatusCode::NOT_FOUND => Self { http: StatusCode::OK, ..self },
            _ => self,
        }
    }

    /// A fault with HTTP 400. Unlike the API, the emulator's own endpoints report all errors of a request so.
    pub(crate) fn bad_request(fault: ApiFault) -> Self {
        Self { http: StatusCode::BAD_REQUEST, fault }
    }

    pub(crate) fn unreadable(what: &'static str) -> Self {
        Self::bad_request(ApiFault::new(Status::VALIDATION_FAILED, what))
    }

    /// The refusal of a body that stalls.
    pub(crate) fn timed_out() -> Self {
        let fault = ApiFault::new(Status::VALIDATION_FAILED, "request body did not arrive in time");
        Self { http: StatusCode::REQUEST_TIMEOUT, fault }
    }

    pub(crate) fn too_large() -> Self {
        let fault = ApiFault::new(Status::VALIDATION_FAILED, "request body too large");
        Self { http: StatusCode::PAYLOAD_TOO_LARGE, fault }
    }

    pub(crate) fn unknown_request() -> Self {
        Self { http: StatusCode::NOT_FOUND, fault: ApiFault::new(Status::UNKNOWN_REQUEST, "unknown request") }
    }

    pub(crate) fn method_not_allowed() -> Self {
        let fault = ApiFault::new(Status::UNKNOWN_REQUEST, "unknown request: the path has other methods");
        Self { http: StatusCode::METHOD_NOT_ALLOWED, fault }
    }
}

pub(crate) fn missing(parameter: &str) -> ApiFault {
    ApiFault::new(Status::MISSING_PARAMETER, format!("missing parameter: {parameter}"))
}

pub(crate) fn invalid(parameter: &str) -> ApiFault {
    ApiFault::new(Status::INVALID_PARAMETER_VALUE, format!("invalid parameter value: {parameter}"))
}

pub(crate) fn invalid_identifier(parameter: &str) -> ApiFault {
    ApiFault::new(Status::INVALID_IDENTIFIER, format!("invalid identifier: {parameter}"))
}

pub(crate) fn unknown(object: &str) -> ApiFault {
    ApiFault::new(Status::DOES_NOT_EXIST, format!("{object} does not exist"))
}

pub(crate) fn exists(object: &str) -> ApiFault {
    ApiFault::new(Status::ALREADY_EXISTS, format!("{object} already exists"))
}

pub(crate) fn domain_name_unavailable() -> ApiFault {
    ApiFault::new(Status::DOMAIN_NAME_UNAVAILABLE, "domain name cannot be used")
}

pub(crate) fn invalid_country_code() -> ApiFault {
    ApiFault::new(Status::INVALID_COUNTRY_CODE, "invalid country code")
}

pub(crate) fn invalid_password() -> ApiFault {
    ApiFault::new(Status::INVALID_PASSWORD, "invalid password")
}

pub(crate) fn invalid_credentials() -> ApiFault {
    ApiFault::new(Status::INVALID_CREDENTIALS, "invalid credentials")
}

pub(crate) fn permission_denied() -> ApiFault {
    ApiFault::new(Status::PERMISSION_DENIED, "permission denied")
}

pub(crate) fn token_expired() -> ApiFault {
    ApiFault::new(Status::TOKEN_EXPIRED, "access token expired")
}

pub(crate) fn token_revoked() -> ApiFault {
    ApiFault::new(Status::TOKEN_EXPIRED, "access token revoked")
}

pub(crate) fn group_not_found() -> ApiFault {
    ApiFault::new(Status::GROUP_NOT_FOUND, "group not found")
}

pub(crate) fn user_not_found() -> ApiFault {
    ApiFault::new(Status::USER_NOT_FOUND, "user not found")
}

pub(crate) fn not_in_group() -> ApiFault {
    ApiFault::new(Status::NOT_IN_GROUP, "requesting user is not in group")
}

pub(crate) fn group_full() -> ApiFault {
    ApiFault::new(Status::USAGE_QUOTA_EXCEEDED, "group has no room for them")
}

pub(crate) fn invalid_message_format() -> ApiFault {
    ApiFault::new(Status::INVALID_MESSAGE_FORMAT, "message in an invalid format")
}
