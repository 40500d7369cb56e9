//! The options of the program.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// Ends the program when a test does.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(options: &[&str]) -> (Program, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    command.args(["--listen", "127.0.0.1:0"]).args(options).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let line = lines.next().expect("a line").expect("text");
    (Program(child), line.strip_prefix("Kandy emulator: http://").expect("an address").replace("/v1.2", ""))
}

#[tokio::test]
async fn options_reach_the_channel() {
    let seed = json!({"domains": [{
        "name": "example.com", "api_key": "DAK00000000000000000000000000000001",
        "api_secret": "DAS00000000000000000000000000000001",
        "users": [{"user_id": "russ", "country_code": "US"}, {"user_id": "anna", "country_code": "US"}],
    }]});
    let seed = crate::fixture::TempFile::new(seed.to_string().as_bytes());
    let seed = seed.0.to_str().expect("text");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (options, is_doorbell, pongs, acks) in [
        (vec![], false, false, 1),
        (vec!["--channel", "messages"], false, false, 1),
        (vec!["--channel", "doorbell", "--channel-pong", "--no-remote-ack"], true, true, 0),
    ] {
        let (_program, address) = start(&[&["--seed", seed], &options[..]].concat());
        let call = async |method: &str, path: &str, query: &[(&str, &str)], body: Value| -> Value {
            let url = format!("http://{address}/v1.2/{path}");
            let request = http.request(method.parse().expect("a method"), url).query(query).json(&body);
            request.send().await.expect("sent").json::<Value>().await.expect("JSON")["result"].take()
        };
        let token = async |user: &str| {
            let (key, secret) = ("DAK00000000000000000000000000000001", "DAS00000000000000000000000000000001");
            let query = [("key", key), ("domain_api_secret", secret), ("user_id", user)];
            let token = call("GET", "domains/users/accesstokens", &query, Value::Null).await;
            token["user_access_token"].as_str().expect("a token").to_owned()
        };
        let (russ, anna) = (token("russ").await, token("anna").await);
        let device = async |token: &str| {
            let devices = call("GET", "users/devices", &[("key", token)], Value::Null).await;
            devices["devices"][0]["id"].as_str().expect("an id").to_owned()
        };
        let (of_russ, of_anna) = (device(&russ).await, device(&anna).await);
        let path = format!("/?user_access_token={anna}");
        let mut channel = super::client::ask_at(&address, &path).await.expect("open");
        if pongs {
            channel.send(r#"{"message_type":"ping"}"#).await;
            assert_eq!(channel.frame().await, json!({"message_type": "pong"}));
        }
        let query = [("key", russ.as_str()), ("device_id", &of_russ)];
        call("POST", "devices/messages", &query, crate::fixture::text_message("anna@example.com", "1")).await;
        let frame = channel.frame().await;
        assert_eq!(frame["message"]["message_type"] == "gofetch", is_doorbell, "{frame}");
        assert_eq!(frame["message"]["UUID"] == "1", !is_doorbell, "{frame}");
        let query = [("key", anna.as_str()), ("device_id", &of_anna), ("messages", r#"["1"]"#)];
        call("DELETE", "devices/messages", &query, Value::Null).await;
        let query = [("key", russ.as_str()), ("device_id", &of_russ)];
        let pending = call("GET", "devices/messages", &query, Value::Null).await;
        assert_eq!(pending["messages"].as_array().expect("a list").len(), acks, "{options:?}");
    }
}
