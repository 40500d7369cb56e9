//! The page at `/_emulator/`, as a browser requests it. What it shows is looked at in a browser.

use kandy_emulator::Emulator;
use reqwest::{Method, header};

use crate::fixture::Kandy;

/// The views, whose modules are loaded when they are shown.
const VIEWS: [&str; 8] = ["phones", "chats", "requests", "state", "faults", "clock", "api", "snapshots"];

/// Returns the texts in quotes that are paths of the emulator, and those of imports, relative to a file.
fn references(file: &str, content: &str) -> Vec<String> {
    let quoted = content.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
    quoted
        .filter_map(|text| match text {
            _ if text.starts_with("/_emulator/assets/") => Some(text.to_owned()),
            _ if text.starts_with("./") || text.starts_with("../") => {
                let (mut folder, _) = file.rsplit_once('/')?;
                let path = text.strip_suffix(".js")?;
                let mut rest = path.strip_prefix("./").unwrap_or(path);
                while let Some(above) = rest.strip_prefix("../") {
                    (rest, folder) = (above, folder.rsplit_once('/')?.0);
                }
                Some(format!("{folder}/{rest}.js"))
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn the_page_and_all_that_it_refers_to_is_served_under_a_strict_policy() {
    for kandy in [Kandy::start(), Kandy::start_tls()] {
        let mut wanted = vec!["/_emulator/".to_owned()];
        wanted.extend(VIEWS.map(|view| format!("/_emulator/assets/views/{view}.js")));
        let mut served = Vec::new();
        while let Some(path) = wanted.pop() {
            if served.contains(&path) {
                continue;
            }
            let name = path.strip_prefix("/_emulator/").expect("below it");
            let response = kandy.http.get(kandy.admin_url(name)).send().await.expect("a response");
            assert_eq!(response.status(), 200, "{path}");
            let headers = response.headers();
            let content_type = match name.rsplit_once('.') {
                None => "text/html; charset=utf-8",
                Some((_, "css")) => "text/css; charset=utf-8",
                Some(_) => "text/javascript; charset=utf-8",
            };
            assert_eq!(headers[header::CONTENT_TYPE], content_type, "{path}");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
            let content = response.text().await.expect("text");
            wanted.extend(references(&path, &content));
            served.push(path);
        }
        assert!(served.len() >= 30, "{served:?}");
    }
}

#[tokio::test]
async fn only_its_files_are_served_and_to_no_page_of_another_origin() {
    let kandy = Kandy::start();
    let send = async |method: Method, name: &str, header: Option<(&'static str, &'static str)>| {
        let mut request = kandy.http.request(method, kandy.admin_url(name));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.send().await.expect("a response").status().as_u16()
    };
    for name in
        ["assets", "assets/", "assets/nothing.js", "assets/../mod.rs", "assets/views", "assets/app.js/x", "index.html"]
    {
        assert_eq!(send(Method::GET, name, None).await, 404, "{name}");
    }
    for name in ["", "assets/app.js"] {
        assert_eq!(send(Method::GET, name, Some(("sec-fetch-site", "same-origin"))).await, 200, "{name}");
        assert_eq!(send(Method::GET, name, Some(("sec-fetch-site", "cross-site"))).await, 403, "{name}");
        assert_eq!(send(Method::GET, name, Some(("host", "evil.example.com"))).await, 403, "{name}");
        assert_ne!(send(Method::POST, name, None).await, 200, "{name}");
    }
    assert!(kandy.emulator.requests().is_empty(), "it is no request to the API");
}

#[tokio::test]
async fn what_the_page_reads_is_shown_to_nobody_and_what_it_changes_is() {
    let (sender, mut observed) = tokio::sync::mpsc::unbounded_channel();
    let builder = Emulator::builder().on_request(move |request| drop(sender.send(request.path.clone())));
    let kandy = Kandy::on(builder.start().expect("a free port"));
    let send = async |method: Method, name: &str, site: Option<&str>| {
        let mut request = kandy.http.request(method, kandy.admin_url(name)).body(r#"{"advance_ms": 1}"#);
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        assert_eq!(request.send().await.expect("a response").status(), 200, "{name}");
    };
    send(Method::GET, "state", Some("same-origin")).await;
    send(Method::POST, "clock", Some("same-origin")).await;
    send(Method::GET, "state", None).await;
    assert_eq!(observed.recv().await.as_deref(), Some("/_emulator/clock"));
    assert_eq!(observed.recv().await.as_deref(), Some("/_emulator/state"));
}
