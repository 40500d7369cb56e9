//! The CORS headers of responses of the API. The emulator's own endpoints have those of [`origin_guard`](super::origin_guard).
//!
//! Depends on `route` and `spidr::path`. Begin with `add_headers`.

use http::{HeaderMap, HeaderValue, header, request::Parts};

use super::route::{self, Route};
use crate::spidr::path::is_spidr;

/// Adds the CORS headers: pages of any origin may call the API, as they may call the service.
pub(super) fn add_headers(headers: &mut HeaderMap, route: Route, request: &Parts) {
    allow_origin(headers, route, request);
    let (Route::OtherMethods(operations) | Route::Preflight(operations)) = route else { return };
    let Ok(methods) = HeaderValue::try_from(route::methods(operations)) else { return };
    headers.insert(header::ALLOW, methods.clone());
    if matches!(route, Route::Preflight(_)) {
        let asked = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let allowed = asked.unwrap_or_else(|| HeaderValue::from_static("accept, content-type"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
}

/// Lets pages of any origin read a response. Requests to SPiDR are sent with credentials, for which browsers do not take
/// `*`. That is safe, because the emulator knows no cookies: a page has only the credentials that it was given.
fn allow_origin(headers: &mut HeaderMap, route: Route, request: &Parts) {
    let is_spidr = match route {
        Route::Spidr => true,
        // A preflight of a path that the table does not have.
        Route::Preflight([]) => is_spidr(&request.uri.path().to_ascii_lowercase()),
        _ => false,
    };
    match request.headers.get(header::ORIGIN) {
        Some(origin) if is_spidr => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        }
        _ => drop(headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))),
    }
}
