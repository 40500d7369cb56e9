//! The connection of the page to the emulator: after a restart, over TLS, and from pages of other origins.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    context::Context,
    emulator::{ANNA, RUSS},
    page::{Look, Page, quoted},
};

pub(crate) async fn it_connects_again_after_a_restart(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "phones").await;
    page.problems.expect("net::ERR_");
    emulator.stop();
    page.see("Not connected").await;
    emulator.start_again();
    page.see_no("Not connected").await;
    emulator.sms(RUSS, "+12245556661", "after the restart").await;
    page.see("after the restart").await;
}

pub(crate) async fn it_works_over_tls(context: Arc<Context>) {
    let folder = TempDir::new().expect("a folder");
    let emulator = context.emulator_with(&["--tls", "--tls-dir", folder.path().to_str().expect("text")]);
    assert!(emulator.origin().starts_with("https://"));
    let page = context.open(&emulator, "chats").await;
    page.fill("textbox", &format!("Write as {RUSS}"), "over TLS").await;
    page.press("Enter").await;
    page.see("over TLS").await;
    let list = page.find("list", &format!("Messages of {ANNA}")).await;
    assert!(page.text_of(&list).await.contains("over TLS"));
    for view in page.views().await {
        page.show(&view).await;
    }
}

/// Serves an empty page at another origin, and returns its address: a name of the same host, so another site.
async fn foreign_page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            drop(stream.read(&mut head).await);
            let page = "<!DOCTYPE html><title>foreign</title><link rel=icon href='data:,'><p>foreign</p>";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                page.len()
            );
            drop(stream.write_all((head + page).as_bytes()).await);
        }
    });
    format!("http://localhost:{port}/")
}

/// What a page of another origin gets of a request: its text, or the error.
async fn fetch(page: &Page, url: &str, options: &str) -> String {
    let script = format!(
        "fetch({}, {options}).then((response) => response.text(), (error) => `refused: ${{error}}`)",
        quoted(url)
    );
    page.evaluate(&script).await.as_str().expect("text").to_owned()
}

pub(crate) async fn a_foreign_page_reads_changes_and_frames_nothing(context: Arc<Context>) {
    let emulator = context.emulator();
    emulator.sms(RUSS, "+12245556661", "a secret").await;
    let page = context.page(Look::default()).await;
    for expected in ["blocked by CORS policy", "net::ERR_", "status of 403", "Refused to", "Framing", "frame-ancestors"]
    {
        page.problems.expect(expected);
    }
    page.go(&foreign_page().await).await;
    page.see("foreign").await;
    let admin = format!("{}/_emulator/", emulator.origin());
    for endpoint in ["", "sms", "state", "snapshot", "events", "assets/app.js"] {
        let got = fetch(&page, &format!("{admin}{endpoint}"), "{}").await;
        assert!(got.starts_with("refused: "), "{endpoint}: {got}");
    }
    // What needs no permission is sent, and refused by the emulator; the response is hidden.
    assert_eq!(fetch(&page, &format!("{admin}reset"), "{method: 'POST', mode: 'no-cors'}").await, "");
    assert_eq!(emulator.admin("GET", "state", None).await["sms"], 1, "nothing was reset");
    let script = format!("import({}).then(() => 'loaded', () => 'refused')", quoted(&format!("{admin}assets/dom.js")));
    assert_eq!(page.evaluate(&script).await, "refused");
    let frame = format!(
        "new Promise((resolve) => {{
            const frame = document.createElement('iframe');
            frame.onload = () => resolve(frame.contentDocument === null);
            frame.src = {};
            document.body.append(frame);
        }})",
        quoted(&admin)
    );
    assert_eq!(page.evaluate(&frame).await, true, "it is an error page of another origin");
    let seen = page.problems.seen().join("\n");
    assert!(seen.contains("403"), "{seen}");
}
