//! Lists that are parsed while they arrive, over real sockets.

use std::time::Duration;

use kandy::{Error, Kandy, ListStream, NewUser, Phase, UserDetails};
use kandy_emulator::InjectedFault;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
};

use crate::support::{
    emulator::TestDomain,
    handles::domain,
    mock_server::{MockServer, json_response},
};

/// Returns this number of users as JSON list items.
fn users(number: usize) -> String {
    let user = |at| format!(r#"{{"user_id":"user{at}","domain_name":"example.com","user_email":null}}"#);
    (0..number).map(user).collect::<Vec<_>>().join(",")
}

/// Returns all items of a stream, and the error that it ends with.
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
                assert!(stream.next().await.is_none(), "nothing follows the end");
                return (users, None);
            }
        }
    }
}

/// Starts a server that responds with this text.
async fn respond_with(body: String) -> MockServer {
    MockServer::respond_with(move |_| json_response(200, &body)).await
}

#[tokio::test]
async fn yields_the_first_item_before_the_last_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let kandy = Kandy::builder().base_url(format!("http://{}/v1.2", listener.local_addr().expect("an address")));
    let kandy = kandy.build().expect("a client");
    let (received, is_received) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        assert!(stream.read(&mut [0; 4096]).await.expect("a request") > 0);
        let first = r#"{"status":0,"message":"success","result":{"users":[{"user_id":"russ","domain_name":"a.com"},"#;
        let rest = r#"{"user_id":"anna","domain_name":"a.com"}]}}"#;
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(format!("{head}{}", chunk(first)).as_bytes()).await.expect("written");
        is_received.await.expect("the client has the first user");
        stream.write_all(format!("{}0\r\n\r\n", chunk(rest)).as_bytes()).await.expect("written");
    });
    let mut users = domain(&kandy).users().stream();
    let first = users.try_next().await.expect("a user").expect("the first");
    assert_eq!(first.full_user_id().as_str(), "russ@a.com");
    received.send(()).expect("the server waits");
    let second = users.try_next().await.expect("a user").expect("the second");
    assert_eq!(second.full_user_id().as_str(), "anna@a.com");
    assert!(users.try_next().await.expect("the end").is_none());
    server.await.expect("the server is done");
}

#[tokio::test]
async fn yields_the_same_items_as_the_list() {
    let TestDomain { emulator, domain, .. } = TestDomain::start().await;
    assert!(collect(domain.users().stream()).await.0.is_empty());
    let new = (0..500).map(|at| NewUser::new(format!("user{at}")).first_name("R\"u\\ss ü"));
    let mut outcomes = domain.create_users(new);
    while let Some(outcome) = outcomes.next().await {
        outcome.result.expect("created");
    }
    let whole = domain.users().await.expect("the list");
    let (streamed, error) = collect(domain.users().stream()).await;
    assert!(error.is_none(), "{error:?}");
    let printed = |users: &[UserDetails]| users.iter().map(|user| format!("{user:?}")).collect::<Vec<_>>();
    assert_eq!(printed(&streamed), printed(&whole));
    assert_eq!(streamed.len(), 500);

    emulator.revoke_all_tokens();
    assert_eq!(collect(domain.users().stream()).await.0.len(), 500, "the token is renewed");
    emulator.inject(InjectedFault::http(503).on("user_list"));
    let (_, error) = collect(domain.users().stream()).await;
    assert_eq!(error.as_ref().map(Error::attempts), Some(3), "a stream is retried before its first item: {error:?}");
    emulator.clear_faults();
    emulator.inject(InjectedFault::expired_token().on("user_list").times(1));
    assert_eq!(collect(domain.users().stream()).await.0.len(), 500, "the token is renewed");
}

#[tokio::test]
async fn a_status_after_the_items_is_an_error_at_the_end() {
    let body = format!(r#"{{"result":{{"users":[{}]}},"message":"gone","status":53}}"#, users(1000));
    let server = respond_with(body).await;
    let (users, error) = collect(domain(&server.kandy).users().stream()).await;
    let error = error.expect("an error");
    assert_eq!(users.len(), 1000);
    assert!(error.is_not_found(), "{error}");
    assert_eq!(
        error.to_string(),
        "user_list on the domain was refused: status 53 (DOES_NOT_EXIST): gone. There is no such thing."
    );
}

#[tokio::test]
async fn a_refusal_without_a_list_is_an_error() {
    let server = respond_with(r#"{"status":53,"message":"gone"}"#.to_owned()).await;
    let (users, error) = collect(domain(&server.kandy).users().stream()).await;
    assert!(users.is_empty() && error.is_some_and(|error| error.is_not_found()));
    let server = MockServer::respond_with(|_| json_response(400, r#"{"status":15,"message":"no"}"#)).await;
    let (users, error) = collect(domain(&server.kandy).users().stream()).await;
    assert!(users.is_empty());
    assert_eq!(error.and_then(|error| error.status()).map(|status| status.0), Some(15));
}

#[tokio::test]
async fn a_truncated_list_is_an_error() {
    let whole = format!(r#"{{"status":0,"message":"success","result":{{"users":[{}]}}}}"#, users(5000));
    for (cut, whole) in [(whole.len() / 2, whole.clone()), (whole.len() - 2, whole)] {
        let server = MockServer::respond_with(move |_| {
            let mut response = json_response(200, &whole);
            response.truncate(response.len() - whole.len() + cut);
            let end = response.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
            response.splice(end..end, *b"\r\nconnection: close");
            response
        })
        .await;
        // The mock server keeps connections open, so the timeout ends the call.
        let kandy = Kandy::builder().base_url(server.kandy.base_url()).timeout(Duration::from_millis(300));
        let (users, error) = collect(domain(&kandy.build().expect("a client")).users().stream()).await;
        let error = error.expect("truncated");
        assert!(!users.is_empty() && users.len() <= 5000);
        let Error::Transport(error) = error else { panic!("{error}") };
        assert_eq!(error.phase(), Phase::Timeout, "{error}");
    }
}

#[tokio::test]
async fn a_decode_error_names_the_path() {
    let body = format!(r#"{{"status":0,"result":{{"users":[{},{{"user_id":["s3cret"]}}]}}}}"#, users(3));
    let server = respond_with(body).await;
    let (users, error) = collect(domain(&server.kandy).users().stream()).await;
    let printed = error.expect("an error").to_string();
    assert_eq!(users.len(), 3);
    assert!(printed.contains("`result.users[3].user_id`") && !printed.contains("s3cret"), "{printed}");
    // The list that is not streamed returns the same error.
    let error = domain(&server.kandy).users().await.expect_err("an error");
    assert_eq!(error.to_string(), printed);
    let server = respond_with(r#"{"status":0,"result":{"users":[{"user_email":"a"}]}}"#.to_owned()).await;
    let (_, error) = collect(domain(&server.kandy).users().stream()).await;
    let printed = error.expect("an error").to_string();
    assert!(printed.contains("`result.users[0]`: missing field `user_id`"), "{printed}");
    assert_eq!(domain(&server.kandy).users().await.expect_err("an error").to_string(), printed);
}

#[tokio::test]
async fn body_limit_applies_to_each_item() {
    let body = format!(
        r#"{{"status":0,"result":{{"users":[{},{{"user_id":"long","user_email":"{}"}}]}}}}"#,
        users(2000),
        "x".repeat(2_000_000)
    );
    let server = respond_with(body).await;
    let kandy = Kandy::builder().base_url(server.kandy.base_url()).body_limit(1_000_000).build().expect("a client");
    let (users, error) = collect(domain(&kandy).users().stream()).await;
    assert_eq!(users.len(), 2000);
    let printed = error.expect("too long").to_string();
    assert!(printed.contains("`result.users[2000]`: it is larger than the limit of 1000000 bytes"), "{printed}");
    let error = domain(&kandy).users().await.expect_err("too long");
    assert!(error.to_string().contains("larger than the limit"), "{error}");
}

#[tokio::test]
async fn deadline_applies_to_the_whole_list() {
    let server = MockServer::respond_with(|_| {
        let mut response = json_response(200, &format!(r#"{{"status":0,"result":{{"users":[{}]}}}}"#, users(100)));
        response.truncate(response.len() - 10);
        response
    })
    .await;
    let (users, error) = collect(domain(&server.kandy).users().deadline(Duration::from_millis(200)).stream()).await;
    let Some(Error::Transport(error)) = error else { panic!("{error:?}") };
    assert_eq!((users.len(), error.phase()), (99, Phase::Deadline), "{error}");
}

#[tokio::test]
async fn stream_as_decodes_items_as_another_type() {
    let user = r#"{"user_id":"russ","domain_name":"a.com","shoe_size":"44"}"#;
    let body = format!(r#"{{"status":0,"message":"success","result":{{"users":[{user}]}}}}"#);
    let server = respond_with(body).await;
    let mut users = domain(&server.kandy).users().stream_as::<serde_json::Value>();
    let read = users.try_next().await.expect("a user").expect("the only one");
    assert_eq!(read, serde_json::from_str::<serde_json::Value>(user).expect("JSON"));
    assert!(users.try_next().await.expect("the end").is_none());
}
