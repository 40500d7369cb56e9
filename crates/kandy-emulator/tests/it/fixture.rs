//! The shared fixture: an emulator, and a client that depends on the operation table only.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use jsonschema::Validator;
use kandy_emulator::{Emulator, Tls};
use kandy_sys::{Operation, schema::RESPONSES};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        pki_types::{CertificateDer, pem::PemObject},
    },
};

use crate::faults::address;

static VALIDATORS: LazyLock<HashMap<&str, Validator>> = LazyLock::new(|| {
    let validator = |schema: &kandy_sys::schema::Schema| {
        jsonschema::validator_for(&schema.json_schema().to_value()).expect("a valid schema")
    };
    RESPONSES.iter().map(|schema| (schema.name, validator(schema))).collect()
});

/// The variable with which [`Kandy::start`] serves HTTPS.
pub(crate) const OVER_TLS: &str = "KANDY_EMULATOR_TESTS_OVER_TLS";

/// Query parameters.
pub(crate) type Query<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Kandy {
    pub(crate) emulator: Emulator,
    pub(crate) http: Client,
}

pub(crate) struct Domain {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) full_id: String,
    pub(crate) key: String,
    pub(crate) password: String,
    pub(crate) token: String,
    pub(crate) device: String,
}

/// A response in the envelope.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) http: u16,
    pub(crate) json: Value,
}

impl Response {
    pub(crate) fn status(&self) -> i64 {
        self.json["status"].as_i64().expect("a status")
    }

    pub(crate) fn message(&self) -> &str {
        self.json["message"].as_str().expect("a message")
    }

    /// The result of a success.
    #[track_caller]
    pub(crate) fn result(&self) -> &Value {
        assert_eq!(self.status(), 0, "{}", self.json);
        assert_eq!(self.json["status_description"]["code"], 2000);
        &self.json["result"]
    }

    /// A string in the result.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> String {
        self.result()[member].as_str().unwrap_or_else(|| panic!("{member} in {}", self.json)).to_owned()
    }
}

impl Kandy {
    /// Starts an emulator that serves HTTP, or HTTPS where `over_tls` runs the tests again.
    pub(crate) fn start() -> Self {
        match std::env::var_os(OVER_TLS) {
            Some(_) => Self::start_tls(),
            None => Self::on(Emulator::start().expect("a free port")),
        }
    }

    pub(crate) fn start_tls() -> Self {
        Self::on(Emulator::builder().tls(Tls::temporary()).start().expect("a free port"))
    }

    /// The port of the emulator, as JSON has it.
    pub(crate) fn port(&self) -> Value {
        let url = reqwest::Url::parse(self.emulator.base_url()).expect("a URL");
        json!(url.port_or_known_default().expect("a port"))
    }

    pub(crate) fn on(emulator: Emulator) -> Self {
        let http = trusting(&emulator).build().expect("a client");
        Self { emulator, http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    /// The URL of an endpoint below `/_emulator`.
    pub(crate) fn admin_url(&self, name: &str) -> String {
        format!("{}/_emulator/{name}", self.emulator.base_url().trim_end_matches("/v1.2"))
    }

    /// A request to an operation.
    pub(crate) fn request(&self, operation: &str, query: Query<'_>) -> RequestBuilder {
        let operation = Operation::find(operation).unwrap_or_else(|| panic!("no operation {operation}"));
        let base_url = self.emulator.base_url_of(operation.version).expect("a version that is served");
        self.http.request(operation.method.clone(), format!("{base_url}{}", operation.path)).query(query)
    }

    /// Sends a request, and validates the response against the schema of the operation.
    pub(crate) async fn send(&self, operation: &str, request: RequestBuilder) -> Response {
        let response = envelope(request).await;
        let problems: Vec<_> =
            VALIDATORS[operation].iter_errors(&response.json).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{operation}: {problems:?} in {}", response.json);
        response
    }

    pub(crate) async fn call(&self, operation: &str, query: Query<'_>) -> Response {
        self.send(operation, self.request(operation, query)).await
    }

    pub(crate) async fn post(&self, operation: &str, query: Query<'_>, body: &Value) -> Response {
        self.send(operation, self.request(operation, query).json(body)).await
    }

    pub(crate) async fn account_token(&self) -> String {
        let query = [("key", self.emulator.account_key()), ("account_api_secret", self.emulator.account_secret())];
        self.call("account_access_token_get", &query).await.text("account_access_token")
    }

    pub(crate) async fn domain(&self, name: &str) -> Domain {
        let account = self.account_token().await;
        let created = self.post("domain_create", &[("key", &account)], &json!({"domain_name": name})).await;
        let (key, secret) = (created.text("domain_api_key"), created.text("domain_api_secret"));
        let token = self.domain_token(&key, &secret).await;
        Domain { name: name.to_owned(), key, secret, token }
    }

    pub(crate) async fn domain_token(&self, key: &str, secret: &str) -> String {
        let query = [("key", key), ("domain_api_secret", secret)];
        self.call("domain_access_token_get", &query).await.text("domain_access_token")
    }

    pub(crate) async fn user(&self, domain: &Domain, id: &str) -> User {
        let created = self.post("user_create", &[("key", &domain.token)], &json!({"user_id": id})).await;
        let token = self.user_token(domain, id).await;
        let devices = self.call("device_list", &[("key", &token)]).await;
        User {
            id: id.to_owned(),
            full_id: created.text("full_user_id"),
            key: created.text("user_api_key"),
            password: created.text("user_password"),
            device: devices.result()["devices"][0]["id"].as_str().expect("a first device").to_owned(),
            token,
        }
    }

    pub(crate) async fn user_token(&self, domain: &Domain, id: &str) -> String {
        let query = [("key", domain.key.as_str()), ("domain_api_secret", &domain.secret), ("user_id", id)];
        self.call("user_access_token_get", &query).await.text("user_access_token")
    }

    /// The pending messages of a device.
    pub(crate) async fn messages(&self, token: &str, device: &str) -> Vec<Value> {
        let response = self.call("message_list", &[("key", token), ("device_id", device)]).await;
        response.result()["messages"].as_array().expect("a list").clone()
    }
}

/// A builder of a client that trusts the certificate authority of the emulator, if it has one, and no other.
pub(crate) fn trusting(emulator: &Emulator) -> ClientBuilder {
    let pem = emulator.ca_certificate();
    let certificate = pem.map(|pem| Certificate::from_pem(pem.as_bytes()).expect("a certificate"));
    Client::builder().no_proxy().tls_certs_only(certificate)
}

/// A connection.
pub(crate) trait Socket: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin> Socket for T {}

/// Connects to the emulator, with TLS if it has it.
pub(crate) async fn connect(emulator: &Emulator) -> Box<dyn Socket> {
    let tcp = TcpStream::connect(address(emulator)).await.expect("a connection");
    match emulator.ca_certificate() {
        None => Box::new(tcp),
        Some(pem) => {
            let name = IpAddr::from(Ipv4Addr::LOCALHOST).into();
            Box::new(TlsConnector::from(tls_client(pem)).connect(name, tcp).await.expect("a handshake"))
        }
    }
}

/// The settings of a TLS client that trusts this authority and no other.
pub(crate) fn tls_client(ca_certificate: &str) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(config.expect("versions").with_root_certificates(roots(ca_certificate)).with_no_client_auth())
}

/// This authority alone.
pub(crate) fn roots(ca_certificate: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(ca_certificate.as_bytes()).expect("a certificate");
    roots.add(certificate).expect("an authority");
    roots
}

/// Creates the domain `example.com` with users.
pub(crate) async fn users<const N: usize>(kandy: &Kandy, ids: [&str; N]) -> (Domain, [User; N]) {
    let domain = kandy.domain("example.com").await;
    let mut users = Vec::new();
    for id in ids {
        users.push(kandy.user(&domain, id).await);
    }
    let Ok(users) = users.try_into() else { panic!("as many as asked") };
    (domain, users)
}

/// Sends a request whose response must be in the envelope.
pub(crate) async fn envelope(request: RequestBuilder) -> Response {
    let response = request.send().await.expect("a response");
    let http = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let json: Value = response.json().await.expect("JSON");
    assert!(json["status"].is_i64() && json["message"].is_string(), "{json}");
    assert!(http < 500, "{json}");
    Response { http, json }
}

/// Sends a request to an endpoint below `/_emulator`, and returns the HTTP status and the JSON.
pub(crate) async fn admin_response(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("a response");
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// A file that is deleted when it is dropped.
pub(crate) struct TempFile(pub(crate) PathBuf);

impl TempFile {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let name = format!("kandy-emulator-{}.json", uuid::Uuid::new_v4().simple());
        let file = Self(std::env::temp_dir().join(name));
        std::fs::write(&file.0, bytes).expect("written");
        file
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// A text message.
pub(crate) fn text_message(destination: &str, uuid: &str) -> Value {
    json!({"message": {
        "contentType": "text",
        "destination": destination,
        "UUID": uuid,
        "message": {"mimeType": "text/plain", "text": "let's meet tonight"},
    }})
}

/// Whether a text is a prefix and 32 hexadecimal digits.
pub(crate) fn is_credential(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        digits.len() == 32 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}
