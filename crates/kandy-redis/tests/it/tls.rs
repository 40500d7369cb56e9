//! TLS to a real Redis, with a certificate of the test.

use std::{fs, net::TcpListener};

use kandy::TokenStore;
use kandy_redis::{
    Redis, RedisTokenStore,
    redis::{Client, TlsCertificates},
};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::support::{owner, redis_server::RedisServer};

/// Starts a server with TLS at a free port. `None` if there is no Redis.
fn start(certificate: &str, key: &str) -> Option<(RedisServer, u16)> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let (certificate, key) = (file("certificate.pem", certificate), file("key.pem", key));
    let files = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &certificate];
    // Redis takes no port 0, and another program may take the free port first.
    for _ in 0..10 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let port_option = port.to_string();
        let options = [&files[..], &["--tls-auth-clients", "no", "--tls-port", &port_option]].concat();
        if let Ok(server) = RedisServer::try_with(&options)? {
            return Some((server, port));
        }
    }
    println!("SKIPPED: this redis-server does not start with TLS");
    None
}

#[tokio::test]
async fn tokens_are_shared_over_tls_with_a_certificate_that_is_trusted() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let Some((_server, port)) = start(&cert.pem(), &signing_key.serialize_pem()) else { return };
    let url = format!("rediss://russ:canary@127.0.0.1:{port}");
    let error = RedisTokenStore::new(&Redis::open(&url).expect("a URL")).load(&owner("russ")).await;
    let error = error.expect_err("the platform does not know the certificate").to_string();
    assert!(error.contains("the TLS handshake failed: invalid peer certificate"), "{error}");
    assert!(error.contains(&format!("127.0.0.1:{port}")) && !error.contains("canary"), "{error}");

    let certificates = TlsCertificates { client_tls: None, root_cert: Some(cert.pem().into_bytes()) };
    let client = Client::build_with_tls(format!("rediss://127.0.0.1:{port}"), certificates).expect("a client");
    let store = RedisTokenStore::new(&Redis::from_client(client));
    store.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
    assert!(store.load(&owner("russ")).await.expect("a token").is_some());
}
