//! A request as the log and the observer see it, with credentials masked.
//!
//! Depends on `response` and `protocol::call`. Begin with `LoggedRequest`.

use std::{borrow::Cow, fmt};

use http::Method;
use kandy_sys::{MASK, Operation, mask_credentials, may_hold_credential, operation::Parameter};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::{http::response::HttpResponse, protocol::call::FormParams};

/// How many characters of a name, a value or a path are kept.
const LENGTH: usize = 256;
/// How many query parameters are kept.
const PARAMETERS: usize = 32;

/// Characters that are encoded, because they have a meaning in a query or break the line.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'=').add(b'\\');

/// A request to the emulator, with credentials masked. `Display` writes one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The operation, if one has this method and path.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// The decoded query, in order. Values of credentials are `***`; of an unknown operation, everything is.
    pub query: Vec<(String, String)>,
    /// The HTTP status of the response; none if an injected fault suppressed it.
    pub http_status: Option<u16>,
    /// Kandy's status in the response, if it has an envelope.
    pub status: Option<i64>,
    /// The kind of the injected fault, such as `close_after_reading`, if one was triggered.
    pub injected: Option<&'static str>,
}

impl LoggedRequest {
    pub(crate) fn new(
        operation: Option<&'static Operation>,
        method: &Method,
        path: &str,
        query: Option<&FormParams>,
    ) -> Self {
        let query = match (operation, query) {
            (Some(operation), Some(query)) => {
                query.iter().take(PARAMETERS).map(|(name, value)| mask(operation.parameters, name, value)).collect()
            }
            (None, Some(query)) if query.iter().next().is_none() => Vec::new(),
            _ => vec![(MASK.to_owned(), MASK.to_owned())],
        };
        Self {
            operation: operation.map(|operation| operation.id),
            method: shorten(method.as_str().into()),
            path: shorten(mask_credentials(path)),
            query,
            http_status: None,
            status: None,
            injected: None,
        }
    }

    /// A request that opens a channel. It has no operation, and its parameters are known all the same.
    pub(crate) fn channel(method: &Method, path: &str, query: Option<&FormParams>) -> Self {
        let logged = Self::new(None, method, path, query);
        let Some(query) = query else { return logged };
        let query = query.iter().take(PARAMETERS).map(|(name, value)| mask(&[], name, value)).collect();
        Self { query, ..logged }
    }

    /// Sets the status of the response.
    pub(crate) fn with_response(self, response: &HttpResponse) -> Self {
        let (http_status, status) = (Some(response.http.as_u16()), response.status.map(|status| status.0));
        Self { http_status, status, ..self }
    }
}

impl fmt::Display for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, utf8_percent_encode(&self.path, CONTROLS))?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            let separator = if at == 0 { '?' } else { '&' };
            write!(f, "{separator}{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))?;
        }
        match self.http_status {
            Some(http_status) => write!(f, " -> {http_status}")?,
            None => f.write_str(" -> no response")?,
        }
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(operation) = self.operation {
            write!(f, " ({operation})")?;
        }
        match self.injected {
            Some(injected) => write!(f, " [injected: {injected}]"),
            None => Ok(()),
        }
    }
}

fn mask(known: &[Parameter], name: &str, value: &str) -> (String, String) {
    let parameter = known.iter().find(|parameter| parameter.name == name);
    let sensitive = may_hold_credential(name);
    let masked = sensitive || parameter.is_some_and(|parameter| parameter.secret);
    let shown = if masked { MASK.to_owned() } else { shorten(mask_credentials(value)) };
    // Without its `=`, a parameter has the credential in its name: `domain_api_secretDAS9a8b…`.
    let name = match value {
        "" if sensitive && parameter.is_none() => MASK.to_owned(),
        _ => shorten(mask_credentials(name)),
    };
    (name, shown)
}

fn shorten(text: Cow<'_, str>) -> String {
    // A text has no more characters than bytes.
    let end = if text.len() <= LENGTH { None } else { text.char_indices().nth(LENGTH) };
    match end {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(operation: Option<&str>, query: &str) -> LoggedRequest {
        let operation = operation.map(|id| Operation::find(id).expect("part of the API"));
        let asked = LoggedRequest::new(operation, &Method::GET, "/v1.2/x", FormParams::decode(query).as_ref());
        asked.with_response(&HttpResponse::empty())
    }

    #[test]
    fn credentials_are_masked() {
        let query = "key=CANARY&user_id=russ&user_password=CANARY&Some_Token=CANARY&client_sw_type=JS";
        let line = logged(Some("user_access_token_get"), query).to_string();
        let shown = "key=***&user_id=russ&user_password=***&Some_Token=***&client_sw_type=JS";
        assert_eq!(line, format!("GET /v1.2/x?{shown} -> 204 (user_access_token_get)"));
    }

    #[test]
    fn name_without_equals_sign_is_masked() {
        let line = logged(Some("domain_access_token_get"), "key=CANARY&domain_api_secretCANARY").to_string();
        assert!(!line.contains("CANARY"), "{line}");
    }

    #[test]
    fn unknown_or_unreadable_requests_are_masked_entirely() {
        for (operation, query) in [(None, "a=CANARY&CANARY"), (Some("user_list"), "key=CANARY&a=%ff")] {
            assert_eq!(logged(operation, query).query, [("***".to_owned(), "***".to_owned())]);
        }
        assert!(logged(None, "").query.is_empty());
    }

    #[test]
    fn control_characters_are_escaped() {
        let line = logged(Some("device_delete"), "device_id=a%0Aforged%0D%1b[31m%00&%0A=%E2%80%A8").to_string();
        assert!(line.chars().all(|c| c.is_ascii() && !c.is_control()), "{line}");
    }

    #[test]
    fn long_values_are_cut() {
        let long = logged(Some("device_delete"), &format!("device_id={}", "ä".repeat(1000)));
        assert_eq!(long.query[0].1.chars().count(), LENGTH + 1);
    }
}
