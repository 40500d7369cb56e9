//! Holds a preview against the request that is really sent.

use kandy::{Preview, PreviewBody, PreviewValue};

use crate::{is_secret, mask, support::Recorded};

/// Fails unless the preview says of the request all that it should, and no credential.
pub(crate) fn is_of(preview: &Preview, request: &Recorded) {
    assert!(std::ptr::eq(preview.operation(), request.operation()));
    let shown = preview.to_string();
    let first = shown.lines().next().expect("a line");
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

    match preview.body() {
        PreviewBody::None => {
            assert!(request.body.is_empty());
            assert_eq!(shown, first);
        }
        PreviewBody::Json(json) => {
            let mut body = serde_json::from_slice(&request.body).expect("JSON");
            mask(&mut body);
            assert_eq!(*json, body);
            assert!(shown.ends_with(&format!("\ncontent-type: application/json\n\n{body:#}")), "{shown}");
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
    shows_no_credential(preview, request);
}

fn text(value: &PreviewValue) -> String {
    match value {
        PreviewValue::Text(text) => text.clone(),
        PreviewValue::Secret => "***".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn shows_no_credential(preview: &Preview, request: &Recorded) {
    let shown = format!("{preview} {preview:?} {preview:#?}");
    for (name, value) in request.query.iter().filter(|(name, _)| is_secret(request, name)) {
        assert!(!shown.contains(value.as_str()), "{name} is in {shown}");
    }
    for canary in
        ["DAK-key", "DAS-secret", "AAK-key", "AAS-secret", "AAT-token", "DAT-token", "UAT-token", "b0e4c71d674744"]
    {
        assert!(!shown.contains(canary), "{canary} is in {shown}");
    }
}
