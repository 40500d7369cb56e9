//! Compares a preview with the request that is sent.

use kandy::{Preview, PreviewBody, PreviewValue, sys::operation::ResponseKind};

use super::{boundary, is_secret, mask};
use crate::support::mock_server::RecordedRequest;

/// Panics unless the preview has everything of the request but its credentials.
pub(crate) fn assert_matches(preview: &Preview, request: &RecordedRequest) {
    assert!(std::ptr::eq(preview.operation(), request.operation()));
    let printed = preview.to_string();
    let first = printed.lines().next().expect("a line");
    let (method, url) = first.split_once(' ').expect("a method and a URL");
    let url = reqwest::Url::parse(url).expect("a URL");
    assert_eq!((method, url.path()), (request.method.as_str(), request.path.as_str()));
    assert!(url.as_str().starts_with(preview.base_url()), "{url}");

    let masked = |(name, value): &(String, String)| match is_secret(request, name) {
        true => (name.clone(), "***".to_owned()),
        false => (name.clone(), value.clone()),
    };
    let sent: Vec<_> = request.query.iter().map(masked).collect();
    assert_eq!(url.query_pairs().into_owned().collect::<Vec<_>>(), sent);
    let mut query: Vec<_> = preview.query().map(|(name, value)| (name.to_owned(), text(value))).collect();
    query.extend(preview.access_token().map(|_| ("key".to_owned(), "***".to_owned())));
    assert_eq!(query, sent);

    assert_headers(preview, request);
    match preview.body() {
        PreviewBody::None => {
            assert!(request.body.is_empty());
            assert_eq!(printed, first);
        }
        PreviewBody::Json(json) => {
            let mut body = serde_json::from_slice(&request.body).expect("JSON");
            mask(&mut body);
            assert_eq!(*json, body);
            assert!(printed.ends_with(&format!("\ncontent-type: application/json\n\n{body:#}")), "{printed}");
        }
        PreviewBody::File { part, file_name, mime_type, length } => {
            let body = String::from_utf8_lossy(&request.body);
            let file_name = file_name.replace('"', "%22");
            let head = format!("name=\"{part}\"; filename=\"{file_name}\"\r\nContent-Type: {mime_type}\r\n\r\n");
            let (_, rest) = body.split_once(&head).unwrap_or_else(|| panic!("{body} has no {head}"));
            let (file, _) = rest.split_once("\r\n--").expect("an end");
            assert_eq!(*length, Some(file.len() as u64));
        }
        other => panic!("{other:?}"),
    }
    assert_no_credential(preview, request);
}

/// Panics unless the request has the headers of its operation, and no others.
fn assert_headers(preview: &Preview, request: &RecordedRequest) {
    let accepted = match preview.operation().response {
        ResponseKind::File => "*/*",
        _ => "application/json",
    };
    let version = concat!("kandy/", env!("CARGO_PKG_VERSION"));
    let mut expected = vec![("accept", accepted.to_owned()), ("user-agent", version.to_owned())];
    match preview.body() {
        PreviewBody::Json(_) => expected.push(("content-type", "application/json".to_owned())),
        PreviewBody::File { .. } => {
            expected.push(("content-type", format!("multipart/form-data; boundary={}", boundary(request))));
        }
        _ => {}
    }
    // The transport of HTTP adds these.
    let of_http = ["host", "content-length", "transfer-encoding"];
    let sent = request.headers.iter().filter(|(name, _)| !of_http.contains(&name.as_str()));
    let mut sent: Vec<_> = sent.map(|(name, value)| (name.as_str(), value.clone())).collect();
    sent.sort();
    expected.sort();
    assert_eq!(sent, expected);
}

/// Returns a value as the preview prints it.
fn text(value: &PreviewValue) -> String {
    match value {
        PreviewValue::Text(text) => text.clone(),
        PreviewValue::Secret => "***".to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Panics if the preview prints a credential.
fn assert_no_credential(preview: &Preview, request: &RecordedRequest) {
    let printed = format!("{preview} {preview:?} {preview:#?}");
    for (name, value) in request.query.iter().filter(|(name, _)| is_secret(request, name)) {
        assert!(!printed.contains(value.as_str()), "{name} is in {printed}");
    }
    for canary in
        ["DAK-key", "DAS-secret", "AAK-key", "AAS-secret", "AAT-token", "DAT-token", "UAT-token", "b0e4c71d674744"]
    {
        assert!(!printed.contains(canary), "{canary} is in {printed}");
    }
}
