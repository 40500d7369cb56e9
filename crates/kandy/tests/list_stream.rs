//! Lists that are read while they arrive, over real sockets.

mod support;

use std::time::Duration;

use kandy::{Domain, Error, Kandy, ListStream, NewUser, Phase, UserDetails};
use kandy_emulator::{Emulator, InjectedFault};
use support::{Recorder, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

/// Users of this number, as members of a list.
fn users(number: usize) -> String {
    let user = |at| format!(r#"{{"user_id":"user{at}","domain_name":"example.com","user_email":null}}"#);
    (0..number).map(user).collect::<Vec<_>>().join(",")
}

fn domain(kandy: &Kandy) -> Domain {
    kandy.domain_with_token("DAK-key", "DAT-token")
}

/// All that a stream yields until it ends, and what it ends with.
async fn collect(mut stream: ListStream<UserDetails>) -> (Vec<UserDetails>, Option<Error>) {
    let mut users = Vec::new();
    loop {
        match stream.next().await {
            Some(Ok(user)) => users.push(user),
            Some(Err(error)) => {
                assert!(stream.next().await.is_none(), "nothing follows an error");
                return (users, Some(error));
            }
            None => {
                assert!(stream.next().await.is_none(), "an end is an end");
                return (users, None);
            }
        }
    }
}

/// Answers with this text.
async fn answering(body: String) -> Recorder {
    Recorder::answering(move |_| json(200, &body)).await
}

#[tokio::test]
async fn the_first_comes_before_the_last_has_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let kandy = Kandy::builder().base_url(format!("http://{}/v1.2", listener.local_addr().expect("an address")));
    let kandy = kandy.build().expect("a client");
    let (seen, is_seen) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        assert!(stream.read(&mut [0; 4096]).await.expect("a request") > 0);
        let first = r#"{"status":0,"message":"success","result":{"users":[{"user_id":"russ","domain_name":"a.com"},"#;
        let rest = r#"{"user_id":"anna","domain_name":"a.com"}]}}"#;
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(format!("{head}{}", chunk(first)).as_bytes()).await.expect("written");
        is_seen.await.expect("the first user is seen");
        stream.write_all(format!("{}0\r\n\r\n", chunk(rest)).as_bytes()).await.expect("written");
    });
    let mut users = domain(&kandy).users().stream();
    let first = users.try_next().await.expect("a user").expect("the first");
    assert_eq!(first.full_user_id().as_str(), "russ@a.com");
    seen.send(()).expect("the server waits");
    let second = users.try_next().await.expect("a user").expect("the second");
    assert_eq!(second.full_user_id().as_str(), "anna@a.com");
    assert!(users.try_next().await.expect("the end").is_none());
    server.await.expect("the server is done");
}

#[tokio::test]
async fn it_is_the_list() {
    let emulator = Emulator::start().expect("an emulator");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("a domain");
    let domain = kandy.domain(created.api_key, created.api_secret);
    assert!(collect(domain.users().stream()).await.0.is_empty());
    let new = (0..500).map(|at| NewUser::new(format!("user{at}")).first_name("R\"u\\ss ü"));
    let mut outcomes = domain.create_users(new);
    while let Some(outcome) = outcomes.next().await {
        outcome.result.expect("created");
    }
    let whole = domain.users().await.expect("the list");
    let (streamed, error) = collect(domain.users().stream()).await;
    assert!(error.is_none(), "{error:?}");
    let shown = |users: &[UserDetails]| users.iter().map(|user| format!("{user:?}")).collect::<Vec<_>>();
    assert_eq!(shown(&streamed), shown(&whole));
    assert_eq!(streamed.len(), 500);

    emulator.revoke_all_tokens();
    assert_eq!(collect(domain.users().stream()).await.0.len(), 500, "the token is renewed");
    emulator.inject(InjectedFault::http(503).on("user_list"));
    let (_, error) = collect(domain.users().stream()).await;
    assert_eq!(error.as_ref().map(Error::attempts), Some(3), "what has not begun is repeated: {error:?}");
    emulator.clear_faults();
    emulator.inject(InjectedFault::expired_token().on("user_list").times(1));
    assert_eq!(collect(domain.users().stream()).await.0.len(), 500, "the token is renewed");
}

#[tokio::test]
async fn a_fault_after_the_list_is_an_error_at_its_end() {
    let body = format!(r#"{{"result":{{"users":[{}]}},"message":"gone","status":53}}"#, users(1000));
    let recorder = answering(body).await;
    let (users, error) = collect(domain(&recorder.kandy).users().stream()).await;
    let error = error.expect("a fault");
    assert_eq!(users.len(), 1000);
    assert!(error.is_not_found(), "{error}");
    assert_eq!(
        error.to_string(),
        "user_list on the domain was refused: status 53 (DOES_NOT_EXIST): gone. There is no such thing."
    );
}

#[tokio::test]
async fn a_fault_in_the_place_of_the_list_is_the_error() {
    let recorder = answering(r#"{"status":53,"message":"gone"}"#.to_owned()).await;
    let (users, error) = collect(domain(&recorder.kandy).users().stream()).await;
    assert!(users.is_empty() && error.is_some_and(|error| error.is_not_found()));
    let recorder = Recorder::answering(|_| json(400, r#"{"status":15,"message":"no"}"#)).await;
    let (users, error) = collect(domain(&recorder.kandy).users().stream()).await;
    assert!(users.is_empty());
    assert_eq!(error.and_then(|error| error.status()).map(|status| status.0), Some(15));
}

#[tokio::test]
async fn a_list_that_breaks_off_is_an_error() {
    let whole = format!(r#"{{"status":0,"message":"success","result":{{"users":[{}]}}}}"#, users(5000));
    for (cut, whole) in [(whole.len() / 2, whole.clone()), (whole.len() - 2, whole)] {
        let recorder = Recorder::answering(move |_| {
            let mut answer = json(200, &whole);
            answer.truncate(answer.len() - whole.len() + cut);
            let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
            answer.splice(end..end, *b"\r\nconnection: close");
            answer
        })
        .await;
        // The recorder keeps connections open, so this one is given up.
        let kandy = Kandy::builder().base_url(recorder.kandy.base_url()).timeout(Duration::from_millis(300));
        let (users, error) = collect(domain(&kandy.build().expect("a client")).users().stream()).await;
        let error = error.expect("it broke off");
        assert!(!users.is_empty() && users.len() <= 5000);
        let Error::Transport(error) = error else { panic!("{error}") };
        assert_eq!(error.phase(), Phase::Timeout, "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_says_where() {
    let body = format!(r#"{{"status":0,"result":{{"users":[{},{{"user_id":["s3cret"]}}]}}}}"#, users(3));
    let recorder = answering(body).await;
    let (users, error) = collect(domain(&recorder.kandy).users().stream()).await;
    let said = error.expect("a problem").to_string();
    assert_eq!(users.len(), 3);
    assert!(said.contains("`result.users[3].user_id`") && !said.contains("s3cret"), "{said}");
    // It says the same as the list in one piece.
    let error = domain(&recorder.kandy).users().await.expect_err("a problem");
    assert_eq!(error.to_string(), said);
    let recorder = answering(r#"{"status":0,"result":{"users":[{"user_email":"a"}]}}"#.to_owned()).await;
    let (_, error) = collect(domain(&recorder.kandy).users().stream()).await;
    let said = error.expect("a problem").to_string();
    assert!(said.contains("`result.users[0]`: missing field `user_id`"), "{said}");
    assert_eq!(domain(&recorder.kandy).users().await.expect_err("a problem").to_string(), said);
}

#[tokio::test]
async fn the_limit_is_for_an_item_and_not_for_the_list() {
    let body = format!(
        r#"{{"status":0,"result":{{"users":[{},{{"user_id":"long","user_email":"{}"}}]}}}}"#,
        users(2000),
        "x".repeat(2_000_000)
    );
    let recorder = answering(body).await;
    let kandy = Kandy::builder().base_url(recorder.kandy.base_url()).body_limit(1_000_000).build().expect("a client");
    let (users, error) = collect(domain(&kandy).users().stream()).await;
    assert_eq!(users.len(), 2000);
    let said = error.expect("too long").to_string();
    assert!(said.contains("`result.users[2000]`: it is larger than the limit of 1000000 bytes"), "{said}");
    let error = domain(&kandy).users().await.expect_err("too long");
    assert!(error.to_string().contains("larger than the limit"), "{error}");
}

#[tokio::test]
async fn a_deadline_bounds_the_list_as_a_whole() {
    let recorder = Recorder::answering(|_| {
        let mut answer = json(200, &format!(r#"{{"status":0,"result":{{"users":[{}]}}}}"#, users(100)));
        answer.truncate(answer.len() - 10);
        answer
    })
    .await;
    let (users, error) = collect(domain(&recorder.kandy).users().deadline(Duration::from_millis(200)).stream()).await;
    let Some(Error::Transport(error)) = error else { panic!("{error:?}") };
    assert_eq!((users.len(), error.phase()), (99, Phase::Deadline), "{error}");
}

#[tokio::test]
async fn users_are_read_as_what_is_asked_for() {
    let user = r#"{"user_id":"russ","domain_name":"a.com","shoe_size":"44"}"#;
    let body = format!(r#"{{"status":0,"message":"success","result":{{"users":[{user}]}}}}"#);
    let recorder = answering(body).await;
    let mut users = domain(&recorder.kandy).users().stream_as::<serde_json::Value>();
    let read = users.try_next().await.expect("a user").expect("the only one");
    assert_eq!(read, serde_json::from_str::<serde_json::Value>(user).expect("JSON"));
    assert!(users.try_next().await.expect("the end").is_none());
}
