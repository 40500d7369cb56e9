//! Starts the program `kandy-emulator`, as a user does, and sends it requests, as programs do.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The domain and the users that every test begins with.
const SEED: &str = r#"{"domains": [{
    "name": "example.com", "project_name": "Example",
    "api_key": "DAK00000000000000000000000000000001", "api_secret": "DAS00000000000000000000000000000001",
    "users": [
        {"user_id": "russ", "country_code": "US", "password": "secret12", "first_name": "Russ", "last_name": "Lee",
         "device_id": "A149EBB9A69D4E66B62D26FBDEF440C5"},
        {"user_id": "anna", "country_code": "US", "password": "secret12", "first_name": "Anna", "last_name": "Bell",
         "device_id": "A149EBB9A69D4E66B62D26FBDEF440C6"}],
    "groups": [{"name": "Friends", "owners": ["russ@example.com"], "members": ["anna@example.com"]}]}]}"#;

/// The users of the seed.
pub(crate) const RUSS: &str = "russ@example.com";
pub(crate) const ANNA: &str = "anna@example.com";

/// A program, which is killed when it is dropped.
pub(crate) struct Emulator {
    running: Mutex<Running>,
    folder: TempDir,
    arguments: Vec<String>,
    /// Without a path: `http://127.0.0.1:8787`.
    origin: String,
    http: reqwest::Client,
}

impl Emulator {
    /// Starts one with the seed and these options, on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("seed.json"), SEED).expect("written");
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (running, origin) = Running::start(&folder, "127.0.0.1:0", &arguments);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { running: Mutex::new(running), folder, arguments, origin, http }
    }

    /// Kills the program.
    pub(crate) fn stop(&self) {
        self.running.lock().expect("no test panics here").stop();
    }

    /// Starts the program again on the same port, after it was stopped.
    pub(crate) fn start_again(&self) {
        let (_, address) = self.origin.split_once("://").expect("a URL");
        let (running, _) = Running::start(&self.folder, address, &self.arguments);
        *self.running.lock().expect("no test panics here") = running;
    }

    /// The address of a view.
    pub(crate) fn page_url(&self, view: &str) -> String {
        format!("{}/_emulator/#{view}", self.origin)
    }

    /// The address of the server, without a path.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Sends a request to an endpoint of the emulator's own, and returns the JSON of a success.
    pub(crate) async fn admin(&self, method: &str, endpoint: &str, body: Option<Value>) -> Value {
        self.send(method, &format!("/_emulator/{endpoint}"), &[], body).await
    }

    /// Sends a request, and returns the JSON of its response; null if it has none.
    pub(crate) async fn send(&self, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Value {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.origin)).query(query);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {}", error.without_url()));
        response.json().await.unwrap_or_default()
    }

    /// Calls an operation, and fails if it is refused.
    pub(crate) async fn call(&self, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Value {
        let json = self.send(method, &format!("/v1.2{path}"), query, body).await;
        assert_eq!(json["status"], 0, "{path}: {json}");
        json["result"].clone()
    }

    /// An access token of a user.
    pub(crate) async fn token(&self, user: &str) -> String {
        let json = self.admin("POST", "tokens", Some(json!({"full_user_id": user}))).await;
        json["user_access_token"].as_str().unwrap_or_else(|| panic!("{json}")).to_owned()
    }

    /// Sends an SMS as a user.
    pub(crate) async fn sms(&self, from: &str, to: &str, text: &str) {
        let (key, device) = (self.token(from).await, device(from));
        let body = json!({"message": {"destination": to, "source": "+12245550100", "message": {"text": text}}});
        self.call("POST", "/devices/smss", &[("key", &key), ("device_id", device)], Some(body)).await;
    }

    /// Sends a message as a user to another.
    pub(crate) async fn message(&self, from: &str, to: &str, text: &str) {
        let (key, device) = (self.token(from).await, device(from));
        let body = json!({"message": {"contentType": "text", "destination": to, "UUID": unique(),
            "message": {"mimeType": "text/plain", "text": text}}});
        self.call("POST", "/devices/messages", &[("key", &key), ("device_id", device)], Some(body)).await;
    }

    /// Lets the domain send a validation code to a number in the US.
    pub(crate) async fn validation_code(&self, number: &str) -> String {
        let (key, secret) = ("DAK00000000000000000000000000000001", "DAS00000000000000000000000000000001");
        let query = [("key", key), ("domain_api_secret", secret)];
        let minted = self.call("GET", "/domains/accesstokens", &query, None).await;
        let token = minted["domain_access_token"].as_str().unwrap_or_else(|| panic!("{minted}"));
        let body = json!({"user_phone_number": number, "user_country_code": "US"});
        self.call("POST", "/domains/verifications/smss", &[("key", token)], Some(body)).await;
        let codes = self.admin("GET", "verifications", None).await;
        let codes = codes["verifications"].as_array().expect("a list");
        codes.last().expect("the code")["code"].as_str().expect("a text").to_owned()
    }

    /// Arms a fault.
    pub(crate) async fn arm(&self, fault: Value) {
        let armed = self.admin("POST", "faults", Some(fault)).await;
        assert!(armed["id"].is_u64(), "{armed}");
    }

    /// The HTTP client, for tests that send many requests.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

/// The device of a user of the seed.
pub(crate) fn device(user: &str) -> &'static str {
    match user {
        RUSS => "A149EBB9A69D4E66B62D26FBDEF440C5",
        ANNA => "A149EBB9A69D4E66B62D26FBDEF440C6",
        _ => panic!("{user} is not in the seed"),
    }
}

/// An id of a message: one that no other test has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("00000000-0000-4000-8000-{:012x}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// The program that `cargo xtask browser` has built; else the one beside this test.
fn program() -> PathBuf {
    std::env::var_os("KANDY_EMULATOR").map_or_else(
        || {
            let test = std::env::current_exe().expect("a path");
            test.ancestors().nth(2).expect("target/debug").join("kandy-emulator")
        },
        PathBuf::from,
    )
}

/// A process of the program.
struct Running {
    child: Child,
    // Its end would be an error for the program, which prints more than its address.
    _stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Starts the program, and waits for its first line, which has its address.
    fn start(folder: &TempDir, listen: &str, arguments: &[String]) -> (Self, String) {
        let program = program();
        let mut command = Command::new(&program);
        for variable in ["KANDY_ACCOUNT_API_KEY", "KANDY_ACCOUNT_API_SECRET"] {
            command.env_remove(variable);
        }
        command.args(["--listen", listen, "--seed"]).arg(folder.path().join("seed.json")).args(arguments);
        // A line for each request would fill a pipe that nobody reads.
        let child = command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("text");
        let url =
            line.trim_end().strip_prefix("Kandy emulator: ").unwrap_or_else(|| panic!("it does not start: {line}"));
        let origin = url.strip_suffix("/v1.2").expect("the base URL").to_owned();
        (Self { child, _stdout: stdout }, origin)
    }

    fn stop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}
