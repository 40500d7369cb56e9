//! From a path to its operations. The table of operations is the only list of them.

use std::{collections::HashMap, sync::LazyLock};

use http::Method;
use kandy_sys::{OPERATIONS, Operation};
use percent_encoding::percent_decode_str;

/// What all paths of the API begin with.
pub(crate) const BASE_PATH: &str = "/v1.2";
/// What all paths of the emulator's own tools begin with.
pub(crate) const TOOLS_PATH: &str = "/_emulator";

/// The operations by their path in lower case, without a slash at its end.
static PATHS: LazyLock<HashMap<String, Vec<&'static Operation>>> = LazyLock::new(|| {
    let mut paths = HashMap::<_, Vec<_>>::new();
    for operation in OPERATIONS {
        paths.entry(without_slash(&operation.path.to_ascii_lowercase()).to_owned()).or_default().push(operation);
    }
    paths
});

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    Operation(&'static Operation),
    /// The path is known, the method is not.
    OtherMethods(&'static [&'static Operation]),
    Preflight(&'static [&'static Operation]),
    Tools,
    Unknown,
}

/// Finds out where a request goes. Neither case nor a slash at the end matters.
pub(crate) fn find(method: &Method, path: &str) -> Route {
    let path = percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase();
    if path.strip_prefix(TOOLS_PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Route::Tools;
    }
    let rest = path.strip_prefix(BASE_PATH).unwrap_or_default();
    let Some(operations) = PATHS.get(without_slash(rest)) else { return Route::Unknown };
    match operations.iter().find(|operation| operation.method == *method) {
        Some(operation) => Route::Operation(operation),
        None if method == Method::OPTIONS => Route::Preflight(operations),
        None => Route::OtherMethods(operations),
    }
}

/// The methods of a path, for the header `Allow`.
pub(crate) fn methods(operations: &[&Operation]) -> String {
    let methods: Vec<_> = operations.iter().map(|operation| operation.method.as_str()).collect();
    format!("{}, OPTIONS", methods.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found() {
        for operation in OPERATIONS {
            let path = without_slash(operation.path);
            for path in [path.to_owned(), path.to_uppercase(), format!("{path}/")] {
                let found = find(&operation.method, &format!("/V1.2{path}"));
                assert!(matches!(found, Route::Operation(found) if found.id == operation.id), "{operation}");
            }
        }
    }

    #[test]
    fn nothing_else_is() {
        for path in
            ["/", "", "*", "/v1.2", "/v1.2/", "/v1.2/nothing", "/v1.2users", "/v1.3/users/devices", "/_emulatorx"]
        {
            assert!(matches!(find(&Method::GET, path), Route::Unknown), "{path}");
        }
        assert!(matches!(find(&Method::PATCH, "/v1.2/users/devices"), Route::OtherMethods(_)));
    }

    #[test]
    fn the_base_path_is_that_of_the_service() {
        assert!(kandy_sys::DEFAULT_BASE_URL.ends_with(BASE_PATH));
    }
}
