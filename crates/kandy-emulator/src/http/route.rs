//! Finds the operation of a method and a path. The paths are those of the operation table.
//!
//! Depends on the operation table alone. Begin with `find`.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use http::Method;
use kandy_sys::{OPERATIONS, Operation};
use percent_encoding::percent_decode_str;

use crate::spidr::path::is_spidr;

/// The base path of the API.
pub(crate) const BASE_PATH: &str = "/v1.2";
/// The base path of the previous version. Only the base path of an operation changed since.
const PREVIOUS_BASE_PATH: &str = "/v1.1";
/// The base path of the next version, which has all operations of this one and some more.
const NEXT_BASE_PATH: &str = "/v1.3";
/// The base path of the emulator's own endpoints.
pub(crate) const ADMIN_PATH: &str = "/_emulator";

/// Other paths that clients send, with their operations.
const ALIASES: [(&str, &str); 1] = [("/domains/huntgroups/admin", "hunt_group_admin_remove")];

/// Operations by their path in lower case, without a slash at its end.
type Paths = HashMap<String, Vec<&'static Operation>>;

// Two tables in place of a version check on every request.
static PATHS: LazyLock<Paths> = LazyLock::new(|| paths(|operation| base_path(operation.version) == Some(BASE_PATH)));
static NEXT_PATHS: LazyLock<Paths> = LazyLock::new(|| paths(|_| true));

fn paths(is_served: fn(&Operation) -> bool) -> Paths {
    let mut paths = Paths::new();
    for operation in OPERATIONS.iter().filter(|operation| is_served(operation)) {
        paths.entry(without_slash(&operation.path.to_ascii_lowercase()).to_owned()).or_default().push(operation);
    }
    for (path, operation_id) in ALIASES {
        paths.entry(path.to_owned()).or_default().extend(Operation::find(operation_id));
    }
    paths
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// Returns whether a path is the root, or the root of a version. Clients open the data channel there.
pub(crate) fn is_root(path: &str) -> bool {
    let path = plain(path);
    ["", BASE_PATH, PREVIOUS_BASE_PATH, NEXT_BASE_PATH].contains(&without_slash(&path))
}

/// The part of a path after `/_emulator`, without slashes around it.
pub(crate) fn admin_endpoint(path: &str) -> &str {
    path.get(ADMIN_PATH.len()..).unwrap_or_default().trim_matches('/')
}

/// Replaces the version in a base URL.
pub(crate) fn base_url_of(base_url: &str, version: &str) -> Option<String> {
    Some(format!("{}{}", base_url.strip_suffix(BASE_PATH)?, base_path(version)?))
}

/// The base path of a version: `/v1.2` for `v1.2`.
pub(crate) fn base_path(version: &str) -> Option<&'static str> {
    [BASE_PATH, PREVIOUS_BASE_PATH, NEXT_BASE_PATH].into_iter().find(|path| path.strip_prefix('/') == Some(version))
}

/// The meaning of a method and a path.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    Operation(&'static Operation),
    /// The path is known, the method is not.
    OtherMethods(&'static [&'static Operation]),
    Preflight(&'static [&'static Operation]),
    Admin,
    /// A path of SPiDR, the call server.
    Spidr,
    Unknown,
}

/// Normalizes a path as in the table. Nearly all are sent like that, and cost no allocation.
fn plain(path: &str) -> Cow<'_, str> {
    let mut path: Cow<'_, str> = match path.bytes().any(|c| c == b'%' || c.is_ascii_uppercase()) {
        true => percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase().into(),
        false => path.into(),
    };
    // Programs that join a base URL with a slash at its end and a path send two.
    while path.contains("//") {
        path = path.replace("//", "/").into();
    }
    path
}

/// Finds the route of a request. Neither case, nor a slash at the end, nor two slashes in place of one matter. `HEAD` is
/// served where `GET` is.
pub(crate) fn find(method: &Method, path: &str) -> Route {
    let path = plain(path);
    if path.strip_prefix(ADMIN_PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Route::Admin;
    }
    // A path without either base path becomes empty, which no operation has.
    let (paths, rest) = match path.strip_prefix(NEXT_BASE_PATH) {
        Some(rest) => (&NEXT_PATHS, rest),
        None => {
            let rest = path.strip_prefix(BASE_PATH).or_else(|| path.strip_prefix(PREVIOUS_BASE_PATH));
            (&PATHS, rest.unwrap_or_default())
        }
    };
    let Some(operations) = paths.get(without_slash(rest)) else {
        // Without the headers of a preflight, a browser reports a failure of CORS in place of the status.
        return match path.as_ref() {
            path if method == Method::OPTIONS && path.starts_with('/') => Route::Preflight(&[]),
            path if is_spidr(path) => Route::Spidr,
            _ => Route::Unknown,
        };
    };
    // The HTTP server leaves the body of a response to HEAD out.
    let served = if method == Method::HEAD { &Method::GET } else { method };
    match operations.iter().find(|operation| operation.method == *served) {
        Some(operation) => Route::Operation(operation),
        None if method == Method::OPTIONS => Route::Preflight(operations),
        None => Route::OtherMethods(operations),
    }
}

/// The methods of a path, for the header `Allow`; of an unknown path, all methods of the API.
pub(crate) fn methods(operations: &[&Operation]) -> String {
    if operations.is_empty() {
        return "GET, HEAD, POST, PUT, DELETE, OPTIONS".to_owned();
    }
    let mut methods: Vec<_> = operations.iter().map(|operation| operation.method.as_str()).collect();
    methods.extend(operations.iter().any(|operation| operation.method == Method::GET).then_some("HEAD"));
    format!("{}, OPTIONS", methods.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alias_has_one_operation() {
        for (path, operation_id) in ALIASES {
            let operation = Operation::find(operation_id).expect("part of the API");
            let found = find(&operation.method, &format!("{BASE_PATH}{path}"));
            assert!(matches!(found, Route::Operation(found) if found.id == operation_id), "{path}");
            let other = find(&Method::PATCH, &format!("{BASE_PATH}{path}"));
            assert!(matches!(other, Route::OtherMethods([only]) if only.id == operation_id), "{path}");
        }
    }

    #[test]
    fn every_operation_is_found() {
        for operation in OPERATIONS {
            let path = without_slash(operation.path);
            for path in [path.to_owned(), path.to_uppercase(), format!("{path}/")] {
                let is_found = |base: &str| {
                    let found = find(&operation.method, &format!("{base}{path}"));
                    matches!(found, Route::Operation(found) if found.id == operation.id)
                };
                assert!(is_found("/V1.3"), "{operation}");
                assert_eq!(is_found("/V1.2"), operation.version == "v1.2", "{operation}");
                assert_eq!(is_found("/V1.1"), operation.version == "v1.2", "{operation}");
                assert_eq!(is_found("//v1.2/"), operation.version == "v1.2", "{operation}");
            }
        }
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in [
            "/",
            "",
            "*",
            "/v1.2",
            "/v1.2/",
            "/v1.2/nothing",
            "/v1.2users",
            "/v1.3/",
            "/v1.4/users/devices",
            "/_emulatorx",
        ] {
            assert!(matches!(find(&Method::GET, path), Route::Unknown), "{path}");
        }
        assert!(matches!(find(&Method::PATCH, "/v1.2/users/devices"), Route::OtherMethods(_)));
    }

    #[test]
    fn base_path_matches_the_service() {
        assert!(kandy_sys::DEFAULT_BASE_URL.ends_with(BASE_PATH));
        assert!(OPERATIONS.iter().all(|operation| base_path(operation.version).is_some()));
        assert_eq!((base_path("v1.3"), base_path("/v1.2"), base_path("")), (Some("/v1.3"), None, None));
    }
}
