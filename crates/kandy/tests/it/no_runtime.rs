//! Outside a runtime of tokio every call is an error that says what to do, and never a panic.

use std::future::IntoFuture;

use kandy::{Attachment, Error, Kandy, Phase, Result, Sms};

/// Polls a future on this thread, which has no runtime.
fn block_on<T>(future: impl IntoFuture<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(future.into_future()).expect("a future that is ready, as nothing can be sent")
}

fn assert_names_the_cure<T>(what: &str, result: Result<T>) {
    let Err(Error::Transport(error)) = result else { panic!("{what}: no transport error") };
    assert_eq!(error.phase(), Phase::Setup, "{what}");
    assert!(!error.to_string().contains("may have been applied"), "{what}: {error}");
    for cure in ["tokio runtime", "#[tokio::main]", "kandy::blocking"] {
        assert!(error.to_string().contains(cure), "{what}: {error}");
    }
}

#[test]
fn calls_streams_and_files_fail_with_an_error_that_names_the_cure() {
    let kandy = Kandy::builder().base_url("http://127.0.0.1:9/v1.2").build().expect("a client");
    let domain = kandy.domain("DAK", "DAS");
    let phone = kandy.user_with_token("UAT").device("A149");
    assert_names_the_cure("a call with a token", block_on(phone.send_sms("+12245556666", "Hello")));
    assert_names_the_cure("a call that mints one", block_on(domain.users()));
    assert_names_the_cure("a token", block_on(domain.access_token()));
    assert_names_the_cure("a raw response", block_on(domain.users().with_response()));
    assert_names_the_cure("a list", block_on(domain.users().stream().try_next()));
    let mut bulk = phone.send_many_sms([Sms::new("+12245556666", "Hello")]);
    assert_names_the_cure("a bulk", block_on(bulk.next()).expect("an outcome").result);
    let mut inbox = phone.messages().stream();
    for again in ["an inbox", "an inbox after an error", "an inbox after two"] {
        assert_names_the_cure(again, block_on(futures_util::StreamExt::next(&mut inbox)).expect("an item"));
    }
    assert_names_the_cure("a file", block_on(Attachment::open("Cargo.toml")));
    let error = domain.raw().user_list();
    let error = match block_on(error) {
        Ok(_) => panic!("a response"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains("tokio runtime"), "{error}");
}

/// What needs no runtime works without one.
#[test]
fn previews_need_none() {
    let kandy = Kandy::builder().base_url("http://127.0.0.1:9/v1.2").build().expect("a client");
    let preview = block_on(kandy.domain("DAK", "DAS").users().preview()).expect("a preview");
    assert_eq!(preview.operation().id, "user_list");
}
