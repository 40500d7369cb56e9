//! Operations of the tag Content.

use reqwest::RequestBuilder;

use crate::fixture::{Domain, Kandy, User, envelope, users};

const ID: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";
/// The same id with hyphens and in upper case.
const SAME_ID: &str = "5D1C2A7E-9B3F-4C0D-8E6A-7B8C9D0E1F23";
const BOUNDARY: &str = "b0und4ry";

async fn start() -> (Kandy, Domain, User, User) {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    (kandy, domain, russ, anna)
}

/// A form whose part `name` is a file.
fn form(name: &str, file: &str) -> String {
    let disposition = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"note.txt\"");
    format!("--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/plain\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n")
}

impl Kandy {
    fn upload(&self, user: &User, id: &str, body: String) -> RequestBuilder {
        let query = [
            ("key", user.token.as_str()),
            ("device_id", &user.device),
            ("content_uuid", id),
            ("content_type", "text/plain"),
        ];
        let request = self.request("content_upload", &query).body(body);
        request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
    }

    fn download(&self, user: &User, id: &str) -> RequestBuilder {
        let query = [("key", user.token.as_str()), ("device_id", &user.device), ("content_uuid", id)];
        self.request("content_download", &query)
    }
}

#[tokio::test]
async fn users_of_the_domain_download_by_id() {
    let (kandy, domain, russ, anna) = start().await;
    assert_eq!(envelope(kandy.upload(&russ, ID, form("file", "let's meet\r\ntonight\n"))).await.status(), 0);
    for (user, id) in [(&russ, ID), (&anna, SAME_ID)] {
        let response = kandy.download(user, id).send().await.expect("a response");
        assert_eq!(response.headers()["content-type"], "text/plain");
        assert_eq!(response.text().await.expect("a text"), "let's meet\r\ntonight\n");
    }
    // The same user may replace the file, as a repeated upload does; other users may not.
    assert_eq!(envelope(kandy.upload(&russ, SAME_ID, form("file", "tomorrow"))).await.status(), 0);
    assert_eq!(envelope(kandy.upload(&anna, ID, form("file", "never"))).await.status(), 50);
    let response = kandy.download(&anna, ID).send().await.expect("a response");
    assert_eq!(response.text().await.expect("a text"), "tomorrow");

    // The id is unknown in other domains, and deleting its owner deletes the file.
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "russ").await;
    assert_eq!(envelope(kandy.download(&stranger, ID)).await.status(), 53);
    let query = [("key", domain.token.as_str()), ("user_api_key", &russ.key)];
    assert_eq!(kandy.call("user_delete", &query).await.status(), 0);
    assert_eq!(envelope(kandy.download(&anna, ID)).await.status(), 53);
}

#[tokio::test]
async fn invalid_upload_or_download_is_refused() {
    let (kandy, _, russ, anna) = start().await;
    assert_eq!(envelope(kandy.upload(&russ, "not-a-uuid", form("file", "a"))).await.status(), 16);
    assert_eq!(envelope(kandy.upload(&russ, "", form("file", "a"))).await.status(), 15);
    for body in [form("image", "a"), String::new(), "{}".into(), form("file", "a").replace("--\r\n", "")] {
        let response = kandy.upload(&russ, ID, body.clone()).send().await.expect("a response");
        assert_eq!(response.status(), 400, "{body}");
    }
    assert_eq!(envelope(kandy.download(&russ, ID)).await.status(), 53);
    assert_eq!(envelope(kandy.download(&russ, "x")).await.status(), 16);
    let foreign = [("key", russ.token.as_str()), ("device_id", &anna.device), ("content_uuid", ID)];
    assert_eq!(envelope(kandy.request("content_download", &foreign)).await.status(), 53);

    assert_eq!(envelope(kandy.upload(&russ, ID, form("file", "no picture"))).await.status(), 0);
    let thumbnail = |size: &'static str| {
        let query =
            [("key", russ.token.as_str()), ("device_id", &russ.device), ("content_uuid", ID), ("thumbnail_size", size)];
        envelope(kandy.request("content_thumbnail_download", &query))
    };
    assert_eq!((thumbnail("large").await.status(), thumbnail("huge").await.status()), (19, 16));
}

/// A client sends an empty type for a file whose type it does not know.
#[tokio::test]
async fn upload_with_an_empty_type_is_binary() {
    let (kandy, _, russ, _) = start().await;
    let query = [("key", russ.token.as_str()), ("device_id", &russ.device), ("content_uuid", ID), ("content_type", "")];
    let request = kandy.request("content_upload", &query).body(form("file", "data"));
    let request = request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    assert_eq!(envelope(request).await.status(), 0);
    let response = kandy.download(&russ, ID).send().await.expect("a response");
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    let missing = kandy.request("content_upload", &query[..3]).body(form("file", "data"));
    let missing = missing.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    assert_eq!(envelope(missing).await.status(), 15);
}

#[tokio::test]
async fn the_page_shows_files_which_run_nothing_in_its_name() {
    let (kandy, _, russ, anna) = start().await;
    assert_eq!(envelope(kandy.upload(&russ, ID, form("file", "<script>alert(1)</script>"))).await.status(), 0);
    let file = async |id: &str, query: &[(&str, &str)]| {
        let request = kandy.http.get(kandy.admin_url(&format!("contents/{id}"))).query(query);
        request.send().await.expect("a response")
    };
    for of in [&russ.full_id, &anna.full_id] {
        let found = file(SAME_ID, &[("of", of)]).await;
        assert_eq!(
            (found.status().as_u16(), &found.headers()["content-disposition"]),
            (200, &"attachment".parse().expect("a value"))
        );
        assert_eq!(found.headers()["x-content-type-options"], "nosniff");
        assert_eq!(found.headers()["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(found.text().await.expect("a text"), "<script>alert(1)</script>");
    }
    let russ = ("of", russ.full_id.as_str());
    for (id, query) in [
        (ID, vec![]),
        (ID, vec![("of", "nobody@example.com")]),
        ("00000000000000000000000000000000", vec![russ]),
        ("no-id", vec![russ]),
        // It is no image, and this is no size.
        (ID, vec![russ, ("thumbnail", "320x320")]),
        (ID, vec![russ, ("thumbnail", "huge")]),
    ] {
        assert_eq!(file(id, &query).await.status(), 400, "{id} {query:?}");
    }
}
