//! SPiDR as kandy.js 2.x uses it: the registration for calls at login, and what follows. The paths, the bodies and what is
//! read of the responses are those of kandy.js 2.6.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    channel::client::{Channel, Refused, ask},
    fixture::{Kandy, User, users},
};

/// A request below the server's root.
fn request(kandy: &Kandy, method: Method, path: &str) -> RequestBuilder {
    let root = kandy.emulator.base_url().trim_end_matches("/v1.2").to_owned();
    kandy.http.request(method, format!("{root}{path}"))
}

/// HTTP status and JSON of a response.
async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("a response");
    let http = response.status().as_u16();
    assert_eq!(response.headers()["access-control-allow-origin"], "*", "pages of other origins register, too");
    (http, response.json().await.expect("JSON"))
}

fn subscribe() -> Value {
    json!({"subscribeRequest": {
        "expires": 3600, "service": ["IM", "Presence", "call"], "localization": "English_US",
        "notificationType": "WebSocket",
    }})
}

async fn registered(kandy: &Kandy, user: &User, body: &Value) -> Value {
    let path = format!("/rest/version/1/user/{}/subscription", user.full_id);
    let request = request(kandy, Method::POST, &path).basic_auth(&user.full_id, Some(&user.password)).json(body);
    let (http, json) = send(request).await;
    assert_eq!(http, 200, "{json}");
    json["subscribeResponse"].clone()
}

#[tokio::test]
async fn registers_extends_and_ends() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let subscription = registered(&kandy, &russ, &subscribe()).await;
    assert_eq!(subscription["statusCode"], 0);
    let params = &subscription["subscriptionParams"];
    assert_eq!((&params["expires"], &params["pollingTimer"]), (&json!(3600), &json!(30)));
    assert_eq!(params["assignedService"], json!(["IM", "Presence", "call"]));
    // The client tells a WebSocket from long polling by this.
    assert!(params["notificationChannel"].as_str().is_some_and(|path| path.contains("/websocket/")), "{params}");

    let path = subscription["subscription"].as_str().expect("a path");
    let (http, extended) = send(request(&kandy, Method::PUT, path).json(&subscribe())).await;
    assert_eq!((http, &extended["subscribeResponse"]), (200, &subscription));
    // Each registration is extended from now on, by the emulator's clock.
    kandy.emulator.advance(std::time::Duration::from_secs(3599));
    assert_eq!(send(request(&kandy, Method::PUT, path).json(&subscribe())).await.0, 200);
    kandy.emulator.advance(std::time::Duration::from_secs(3599));
    assert_eq!(send(request(&kandy, Method::DELETE, path)).await.0, 200);
    for method in [Method::PUT, Method::DELETE] {
        let (http, json) = send(request(&kandy, method.clone(), path).json(&subscribe())).await;
        assert_eq!((http, &json["status"]), (404, &json!(53)), "{method}");
    }
    let again = registered(&kandy, &russ, &subscribe()).await;
    kandy.emulator.advance(std::time::Duration::from_secs(3600));
    let expired = again["subscription"].as_str().expect("a path");
    assert_eq!(send(request(&kandy, Method::PUT, expired).json(&subscribe())).await.0, 404);
}

#[tokio::test]
async fn takes_password_or_token() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let path = format!("/rest/version/1/user/{}/subscription", russ.full_id);
    let post = |path: &str| request(&kandy, Method::POST, path).json(&subscribe());
    let encoded = path.replace('@', "%40");
    let gateway = format!("/v1.1/users/gateway{path}");
    for (name, request, http) in [
        ("password", post(&path).basic_auth(&russ.full_id, Some(&russ.password)), 200),
        ("encoded path", post(&encoded).basic_auth(&russ.full_id, Some(&russ.password)), 200),
        ("gateway", post(&gateway).query(&[("key", &russ.token)]), 200),
        ("token", post(&path).query(&[("key", &russ.token)]), 200),
        ("token and realm", post(&path).query(&[("tokenrealm", "a"), ("key", &russ.token)]), 200),
        ("nothing", post(&path), 401),
        ("no basic", post(&path).bearer_auth(&russ.token), 401),
        ("wrong password", post(&path).basic_auth(&russ.full_id, Some(&anna.password)), 403),
        ("other user", post(&path).basic_auth(&anna.full_id, Some(&anna.password)), 403),
        ("other user's token", post(&path).query(&[("key", &anna.token)]), 403),
        ("domain token", post(&path).query(&[("key", &domain.token)]), 403),
    ] {
        let (got, json) = send(request).await;
        assert_eq!(got, http, "{name}: {json}");
        // The client looks for this text to tell other refusals from wrong credentials.
        assert_eq!(json.to_string().contains("statusCode"), http == 200, "{name}");
    }
    let anonymous = post("/rest/version/1/anonymous/guest@concierge.com/subscription?tokenrealm=a");
    assert_eq!(send(anonymous).await.0, 200, "callers without an account register, too");
    let log = kandy.emulator.requests();
    assert!(!log.iter().any(|line| line.to_string().contains(&russ.token)), "tokens are masked in the log");
}

#[tokio::test]
async fn presence_is_accepted_and_calls_are_refused() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let ask = |path: &str, body: Value| {
        let path = format!("/rest/version/1/user/{}/{path}", russ.full_id);
        request(&kandy, Method::POST, &path).basic_auth(&russ.full_id, Some(&russ.password)).json(&body)
    };
    let watch = json!({"presenceWatcherRequest": {"userList": ["anna@example.com"], "action": "watch"}});
    let (http, watched) = send(ask("presenceWatcher", watch)).await;
    assert_eq!((http, &watched["presenceWatcherResponse"]["expiryValue"]), (200, &json!(3600)));
    let (http, updated) =
        send(ask("presence", json!({"presenceRequest": {"status": "open", "activity": "away"}}))).await;
    assert_eq!((http, &updated["presenceResponse"]["statusCode"]), (200, &json!(0)));
    for (path, body, http, status) in [
        ("presenceWatcher", json!({"presenceWatcherRequest": {}}), 200, 16),
        ("presenceWatcher", json!({}), 200, 15),
        ("callControl", json!({"callControlRequest": {"type": "callStart"}}), 501, 18),
        ("callControl/callSessions/1", json!({}), 501, 18),
        ("voicemail", json!({}), 404, 18),
    ] {
        let (got, json) = send(ask(path, body)).await;
        assert_eq!((got, &json["status"]), (http, &json!(status)), "{path}");
    }
    assert_eq!(send(request(&kandy, Method::GET, "/rest/version/latest/isAlive?1481394653597")).await.0, 200);
}

#[tokio::test]
async fn registrations_of_a_user_are_bounded() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut paths = Vec::new();
    for _ in 0..17 {
        let registered = registered(&kandy, &russ, &subscribe()).await;
        paths.push(registered["subscription"].as_str().expect("a path").to_owned());
    }
    assert_eq!(send(request(&kandy, Method::DELETE, &paths[0])).await.0, 404, "the oldest was dropped");
    assert_eq!(send(request(&kandy, Method::DELETE, &paths[1])).await.0, 200);
    for expires in [json!(0), json!("soon"), json!(86_401)] {
        let mut body = subscribe();
        body["subscribeRequest"]["expires"] = expires.clone();
        let path = format!("/rest/version/1/user/{}/subscription", russ.full_id);
        let request = request(&kandy, Method::POST, &path).basic_auth(&russ.full_id, Some(&russ.password)).json(&body);
        assert_eq!(send(request).await.1["status"], 16, "{expires}");
    }
    kandy.emulator.reset();
    assert_eq!(send(request(&kandy, Method::DELETE, &paths[2])).await.0, 404);
}

/// Where WebSockets are blocked, the client polls; the request is held, and nothing comes.
#[tokio::test]
async fn polling_is_silent() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut body = subscribe();
    body["subscribeRequest"]["notificationType"] = "LongPolling".into();
    let registered = registered(&kandy, &russ, &body).await;
    let channel = registered["subscriptionParams"]["notificationChannel"].as_str().expect("a path");
    assert!(channel.contains("/notification/"), "{channel}");
    let poll = tokio::spawn(request(&kandy, Method::GET, channel).send());
    let other = format!("{}{}", &channel[..channel.len() - 32], "0".repeat(32));
    assert_eq!(send(request(&kandy, Method::GET, &other)).await.0, 404, "another id");
    assert!(!poll.is_finished(), "it is held");
    // A server that stops does not wait for it.
    drop(kandy.emulator);
    poll.await.expect("no panic").expect_err("the connection ends");
}

/// kandy.js 2.x sends these with `withCredentials`, for which browsers do not take `*`.
#[tokio::test]
async fn pages_send_credentials() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let path = format!("/rest/version/1/user/{}/subscription", russ.full_id);
    let origin = "http://localhost:3000";
    let preflight = request(&kandy, Method::OPTIONS, &path)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-requested-with");
    let post = request(&kandy, Method::POST, &path).basic_auth(&russ.full_id, Some(&russ.password)).json(&subscribe());
    let refused = request(&kandy, Method::POST, &path).json(&subscribe());
    for (request, http) in [(preflight, 204), (post, 200), (refused, 401)] {
        let response = request.header("origin", origin).send().await.expect("a response");
        assert_eq!(response.status(), http);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], origin, "{http}");
        assert_eq!(headers["access-control-allow-credentials"], "true", "{http}");
        assert_eq!(headers["vary"], "Origin", "{http}");
        if http == 204 {
            assert_eq!(headers["access-control-allow-headers"], "authorization,content-type,x-requested-with");
            assert!(headers["access-control-allow-methods"].to_str().is_ok_and(|methods| methods.contains("PUT")));
        }
    }
    // The API itself takes no such requests.
    let api = request(&kandy, Method::GET, "/v1.2/accounts/domains").header("origin", origin).send().await;
    let api = api.expect("a response");
    assert_eq!(api.headers()["access-control-allow-origin"], "*");
    assert!(!api.headers().contains_key("access-control-allow-credentials"));
}

/// The client opens the WebSocket at once, and sends a text every ten seconds.
#[tokio::test]
async fn notification_channel_is_silent() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let registered = registered(&kandy, &russ, &subscribe()).await;
    let path = registered["subscriptionParams"]["notificationChannel"].as_str().expect("a path").to_owned();
    let open = || async { ask(&kandy.emulator, &path).await.expect("accepted") };
    let mut channel: Channel = open().await;
    channel.send("test").await;
    channel.expect_silence().await;
    // As a plain request it asks for the upgrade.
    assert_eq!(send(request(&kandy, Method::GET, &path)).await.0, 426);

    for (path, http, status) in [
        (format!("{}{}", &path[..path.len() - 32], "0".repeat(32)), 404, 53),
        (path.replace("russ@", "anna@"), 404, 53),
        (path.replace("/websocket/", "/notification/"), 404, 18),
        (path.replace("/rest/", "/rests/"), 404, 18),
    ] {
        let Refused { http: got, json } = ask(&kandy.emulator, &path).await.expect_err("refused");
        assert_eq!((got, &json["status"]), (http, &json!(status)), "{path}");
    }

    let subscription = registered["subscription"].as_str().expect("a path");
    assert_eq!(send(request(&kandy, Method::DELETE, subscription)).await.0, 200);
    channel.send("test").await;
    assert_eq!(channel.close_code().await, Some(1000), "the registration has ended");
    assert_eq!(ask(&kandy.emulator, &path).await.expect_err("refused").http, 404);
}

#[tokio::test]
async fn notification_channel_ends_with_the_server() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let registered = registered(&kandy, &russ, &subscribe()).await;
    let path = registered["subscriptionParams"]["notificationChannel"].as_str().expect("a path");
    let mut channel = ask(&kandy.emulator, path).await.expect("accepted");
    let stopping = tokio::task::spawn_blocking(move || drop(kandy.emulator));
    assert_eq!(channel.close_code().await, Some(1001));
    stopping.await.expect("stopped");
}
