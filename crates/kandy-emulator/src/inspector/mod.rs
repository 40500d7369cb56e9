//! The inspector: a page that shows what programs do, below `/_emulator/`.
//!
//! Its files are part of the program. They load nothing from elsewhere, and the page may run no other script: what it shows comes
//! from programs and from other users. It is a client of the emulator's own endpoints like any other.
//!
//! Depends on `http::route`. Begin with [`respond`].

mod spec;

use axum::body::Body;
use http::{HeaderValue, Method, Response, header};

use crate::http::route::admin_endpoint;

/// What the page may load: its own files, and the emulator's endpoints.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lists files with their contents, by the path below `assets/`.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("assets/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = files!(
    "index.html",
    "style.css",
    "app.js",
    "api.js",
    "dom.js",
    "events.js",
    "json.js",
    "spec.js",
    "spec/answer.js",
    "spec/caller.js",
    "spec/describe.js",
    "spec/document.js",
    "spec/form.js",
    "spec/masks.js",
    "spec/mismatches.js",
    "spec/problems.js",
    "spec/prose.js",
    "spec/schema_tree.js",
    "time.js",
    "views/api.js",
    "views/chats.js",
    "views/chats/message.js",
    "views/chats/panel.js",
    "views/chats/write.js",
    "views/clock.js",
    "views/fault_form.js",
    "views/faults.js",
    "views/objects.js",
    "views/phones.js",
    "views/requests.js",
    "views/requests/curl.js",
    "views/requests/detail.js",
    "views/requests/row.js",
    "views/snapshots.js",
    "views/state.js",
);

/// Returns a file of the page or the spec, if a request asks for one.
pub(crate) fn respond(method: &Method, path: &str) -> Option<Response<Body>> {
    if method != Method::GET {
        return None;
    }
    let endpoint = admin_endpoint(path);
    let (content_type, content) = spec::file(endpoint).or_else(|| asset(endpoint))?;
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Another version of the emulator may serve the same address next.
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Some(response)
}

/// Returns the content type and the content of a file of the page.
fn asset(endpoint: &str) -> Option<(&'static str, &'static str)> {
    let file = match endpoint {
        "" => "index.html",
        endpoint => endpoint.strip_prefix("assets/")?,
    };
    let (file, content) = FILES.iter().find(|(known, _)| *known == file)?;
    let content_type = match file.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    Some((content_type, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served_and_refers_only_to_such() {
        let assets = std::path::Path::new("src/inspector/assets");
        let mut found = Vec::new();
        let mut folders = vec![assets.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(assets).expect("below it").display().to_string());
                }
            }
        }
        found.sort();
        let mut served: Vec<_> = FILES.iter().map(|(path, _)| *path).collect();
        served.sort_unstable();
        assert_eq!(found, served);
        for (path, content) in FILES {
            assert!(!content.contains("://"), "{path} refers to another server");
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style=\""] {
                assert!(!content.contains(forbidden), "{path} has {forbidden}");
            }
        }
    }

    /// Otherwise a module is asked for only when the one that imports it has arrived.
    #[test]
    fn what_every_view_needs_is_asked_for_with_the_page() {
        let content = |path: &str| FILES.iter().find(|(known, _)| *known == path).expect("a file").1;
        let imports = |path: &str| -> Vec<String> {
            let lines = content(path).lines().filter(|line| line.starts_with("import "));
            lines.filter_map(|line| Some(line.split_once("\"./")?.1.strip_suffix("\";")?.to_owned())).collect()
        };
        let mut needed = imports("app.js");
        for at in 0..needed.len() {
            needed.extend(imports(&needed[at]));
        }
        needed.sort();
        needed.dedup();
        assert_eq!(needed, ["api.js", "dom.js", "events.js"]);
        for path in needed {
            let link = format!("<link rel=\"modulepreload\" href=\"/_emulator/assets/{path}\">");
            assert!(content("index.html").contains(&link), "{path}");
        }
        for title in
            content("app.js").lines().find(|line| line.starts_with("const views = [")).expect("views").split('"')
        {
            let is_title = title.chars().next().is_some_and(char::is_uppercase);
            let id = title.to_lowercase();
            assert!(
                !is_title || content(&format!("views/{id}.js")).contains(&format!("export const {id} = {{")),
                "{id}"
            );
        }
    }
}
