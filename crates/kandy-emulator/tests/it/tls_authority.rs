//! The certificate authority: how it is made, kept and limited.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kandy_emulator::{Emulator, Tls, TlsError};
use rcgen::{CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ServerConfig,
        client::{WebPkiServerVerifier, danger::ServerCertVerifier},
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};

use crate::{
    faults::address,
    fixture::{roots, tls_client, trusting},
};

const DAY: u64 = 24 * 60 * 60;

fn start(directory: &Path) -> io::Result<Emulator> {
    Emulator::builder().tls(Tls::in_directory(directory)).start()
}

/// The refusal of a start, as a text. Contains no part of a key.
fn refusal(tls: Tls) -> (io::ErrorKind, String) {
    let debug = format!("{tls:?}");
    let error = Emulator::builder().tls(tls).start().expect_err("refused");
    assert!(error.get_ref().is_some_and(|error| error.is::<TlsError>()), "{error}");
    let text = format!("{error} {error:?} {debug}");
    assert!(!text.contains("PRIVATE KEY") && !text.contains("MIG"), "{text}");
    (error.kind(), error.to_string())
}

/// The paths of the files of the authority.
fn files(directory: &Path) -> (PathBuf, PathBuf) {
    (directory.join("ca").join("cert.pem"), directory.join("ca").join("key.pem"))
}

/// The certificate that the server presents to a client that trusts the authority.
async fn certificate(emulator: &Emulator) -> CertificateDer<'static> {
    let config = tls_client(emulator.ca_certificate().expect("TLS"));
    let tcp = TcpStream::connect(address(emulator)).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(config).connect(name, tcp).await.expect("a handshake");
    stream.get_ref().1.peer_certificates().expect("certificates")[0].clone().into_owned()
}

#[tokio::test]
async fn two_starts_use_one_authority_and_two_certificates() {
    let directory = TempDir::new().expect("a directory");
    let (first, second) = (start(directory.path()).expect("started"), start(directory.path()).expect("started"));
    assert_eq!(first.ca_file(), Some(&*files(directory.path()).0));
    assert_eq!(first.ca_certificate(), second.ca_certificate());
    let pem = fs::read_to_string(first.ca_file().expect("a file")).expect("readable");
    assert_eq!(first.ca_certificate(), Some(&*pem));
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && pem.matches("BEGIN").count() == 1, "{pem}");
    assert_ne!(certificate(&first).await, certificate(&second).await);
    for emulator in [&first, &second] {
        let debug = format!("{emulator:?}");
        assert!(!debug.contains("BEGIN"), "{debug}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_the_key() {
    use std::os::unix::fs::PermissionsExt;

    let parent = TempDir::new().expect("a directory");
    let directory = parent.path().join("new").join("tls");
    drop(start(&directory).expect("started"));
    let (certificate, key) = files(&directory);
    for (path, mode) in [
        (&parent.path().join("new"), 0o700),
        (&directory, 0o700),
        (&directory.join("ca"), 0o700),
        (&key, 0o600),
        (&certificate, 0o600),
    ] {
        let found = fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    let names: Vec<_> =
        fs::read_dir(&directory).expect("readable").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["ca"], "nothing temporary is left");
}

#[test]
fn starts_at_once_share_one_authority() {
    for _ in 0..5 {
        let directory = TempDir::new().expect("a directory");
        let barrier = std::sync::Barrier::new(16);
        let start_at_once = || {
            barrier.wait();
            start(directory.path()).expect("started").ca_certificate().expect("TLS").to_owned()
        };
        let authorities: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(start_at_once)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(authorities.iter().all(|authority| *authority == authorities[0]));
        assert_eq!(fs::read_dir(directory.path()).expect("readable").count(), 1, "nothing temporary is left");
    }
}

/// What is left by a process that was killed while it made one does not disturb.
#[test]
fn unfinished_authority_is_ignored() {
    let directory = TempDir::new().expect("a directory");
    let unfinished = directory.path().join("ca.0123456789abcdef.tmp");
    fs::create_dir(&unfinished).expect("created");
    fs::write(unfinished.join("key.pem"), "-----BEGIN").expect("written");
    start(directory.path()).expect("started");
}

#[test]
fn damaged_authority_is_refused_and_kept() {
    let other = TempDir::new().expect("a directory");
    drop(start(other.path()).expect("started"));
    let (other_certificate, other_key) = files(other.path());
    let (other_certificate, other_key) =
        (fs::read(other_certificate).expect("read"), fs::read(other_key).expect("read"));
    let garbage = b"-----BEGIN CERTIFICATE-----\nMIGarbage\n-----END CERTIFICATE-----\n";
    let not_der = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let large = vec![b'x'; 10_000_000];
    /// What to write in place of the certificate and of the key; none removes the file.
    type Damage<'a> = (Option<Option<&'a [u8]>>, Option<Option<&'a [u8]>>, &'a str);
    let cases: &[Damage<'_>] = &[
        (Some(None), None, "cert.pem: "),
        (None, Some(None), "key.pem: "),
        (Some(Some(b"")), None, "cert.pem is no certificate"),
        (Some(Some(garbage)), None, "cert.pem is no certificate"),
        (Some(Some(not_der)), None, "cert.pem has no date of expiry"),
        (Some(Some(&large)), None, "cert.pem is no certificate"),
        (Some(Some(b"\xff\xfe\0-")), None, "cert.pem: "),
        (Some(Some(&other_key)), None, "cert.pem is no certificate"),
        (None, Some(Some(b"")), "key.pem is no private key"),
        (
            None,
            Some(Some(b"-----BEGIN PRIVATE KEY-----\nMIGarbage\n-----END PRIVATE KEY-----\n")),
            "key.pem is no private key",
        ),
        (None, Some(Some(&other_certificate)), "key.pem is no private key"),
        (None, Some(Some(&other_key)), "cert.pem and key.pem do not belong together"),
        (Some(Some(&other_certificate)), None, "cert.pem and key.pem do not belong together"),
    ];
    for (certificate, key, reason) in cases {
        let directory = TempDir::new().expect("a directory");
        drop(start(directory.path()).expect("started"));
        let (certificate_file, key_file) = files(directory.path());
        for (file, damage) in [(&certificate_file, certificate), (&key_file, key)] {
            match damage {
                None => {}
                Some(None) => fs::remove_file(file).expect("removed"),
                Some(Some(bytes)) => fs::write(file, bytes).expect("written"),
            }
        }
        let read = || (fs::read(&certificate_file).ok(), fs::read(&key_file).ok());
        let before = read();
        let (_, text) = refusal(Tls::in_directory(directory.path()));
        assert!(text.contains(reason), "{reason}: {text}");
        assert!(text.contains(&*directory.path().join("ca").to_string_lossy()), "{text}");
        assert!(!reason.contains(" is no ") || text.ends_with("which clients then have to trust"), "{text}");
        assert!(read() == before, "{reason}: nothing is overwritten");
    }
}

#[test]
fn path_that_cannot_be_used_is_named() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "").expect("written");
    for path in [file.clone(), file.join("below")] {
        let (_, text) = refusal(Tls::in_directory(&path));
        assert!(text.starts_with("cannot ") && text.contains(&*file.to_string_lossy()), "{text}");
    }
    fs::create_dir(directory.path().join("empty")).expect("created");
    start(&directory.path().join("empty")).expect("an empty directory is used");
}

/// Writes an authority whose certificate has these times.
fn write_authority(directory: &Path, not_before: SystemTime, not_after: SystemTime) {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::default();
    // The name that an authority of the emulator has, which follows from its key.
    let id: String = parameters.key_identifier(&key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, format!("Kandy emulator CA {id}"));
    parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    (parameters.not_before, parameters.not_after) = (not_before.into(), not_after.into());
    let (certificate_file, key_file) = files(directory);
    fs::create_dir(directory.join("ca")).expect("created");
    fs::write(certificate_file, parameters.self_signed(&key).expect("a certificate").pem()).expect("written");
    fs::write(key_file, key.serialize_pem()).expect("written");
}

#[test]
fn expired_authority_is_refused_with_its_date() {
    // The second and the third in both forms of dates.
    for (not_after, expected) in [
        (UNIX_EPOCH + Duration::from_secs(1_600_000_000), Some("expired at 2020-09-13T12:26:40Z")),
        (SystemTime::now() + Duration::from_secs(DAY), None),
        (SystemTime::now() + Duration::from_secs(100 * 366 * DAY), None),
    ] {
        let directory = TempDir::new().expect("a directory");
        write_authority(directory.path(), UNIX_EPOCH + Duration::from_secs(1_500_000_000), not_after);
        match expected {
            None => drop(start(directory.path()).expect("started")),
            Some(expected) => {
                let (kind, text) = refusal(Tls::in_directory(directory.path()));
                assert_eq!(kind, io::ErrorKind::InvalidData);
                assert!(text.contains(expected) && text.contains("delete this directory"), "{text}");
            }
        }
    }
}

#[test]
fn names_are_checked_before_anything_is_written() {
    let directory = TempDir::new().expect("a directory");
    for name in ["", "a b", "*.test", "https://kandy.test", "kandy.test:443", "1.2.3", "kandy.test\n"] {
        let (kind, text) = refusal(Tls::in_directory(directory.path()).name(name));
        assert_eq!(kind, io::ErrorKind::InvalidInput);
        assert!(text.starts_with(&format!("{name:?} is neither a host name nor an address")), "{text}");
    }
    assert_eq!(fs::read_dir(directory.path()).expect("readable").count(), 0);
}

/// The authority of the first start certifies the names of that start, those below `test` and loopback addresses.
#[test]
fn authority_is_limited_to_its_names() {
    let directory = TempDir::new().expect("a directory");
    let with = |names: &[&str]| names.iter().fold(Tls::in_directory(directory.path()), |tls, name| tls.name(*name));
    let starts = |names: &[&str]| Emulator::builder().tls(with(names)).start().is_ok();
    assert!(starts(&["kandy.lan", "192.0.2.7"]));
    assert!(starts(&[]) && starts(&["kandy.lan"]) && starts(&["a.kandy.lan", "b.test", "127.1.2.3", "localhost"]));
    for (names, refused) in
        [(&["a.test", "other.lan", "kandy.lan", "192.0.2.8"][..], "other.lan, 192.0.2.8"), (&["kandy.io"], "kandy.io")]
    {
        let (kind, text) = refusal(with(names));
        assert_eq!(kind, io::ErrorKind::InvalidInput);
        assert!(text.contains(&format!("may not certify {refused}: ")) && text.contains("--tls-dir"), "{text}");
    }
}

/// A certificate that a thief of the key signs for another host is refused by clients.
#[tokio::test]
async fn stolen_key_is_of_no_use_for_other_hosts() {
    let directory = TempDir::new().expect("a directory");
    let emulator = start(directory.path()).expect("started");
    let ca = KeyPair::from_pem(&fs::read_to_string(files(directory.path()).1).expect("read")).expect("a key");
    let mut parameters = CertificateParams::default();
    let id: String = parameters.key_identifier(&ca).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, format!("Kandy emulator CA {id}"));
    let issuer = Issuer::new(parameters, ca);
    for (host, is_accepted) in [("a.test", true), ("example.com", false), ("kandy.io", false), ("203.0.113.1", false)] {
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new([host.to_owned()]).expect("a name");
        (leaf.not_before, leaf.not_after) = (UNIX_EPOCH.into(), (SystemTime::now() + Duration::from_secs(DAY)).into());
        let leaf = leaf.signed_by(&key, &issuer).expect("signed");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
        let key = rcgen_key(&key);
        let config = config.with_single_cert(vec![leaf.der().clone()], key).expect("a certificate");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let thief = tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.expect("a connection");
            drop(tokio_rustls::TlsAcceptor::from(Arc::new(config)).accept(tcp).await);
        });
        let client = tls_client(emulator.ca_certificate().expect("TLS"));
        let name = ServerName::try_from(host).expect("a name").to_owned();
        let connected = TlsConnector::from(client).connect(name, TcpStream::connect(address).await.expect("connected"));
        assert_eq!(connected.await.is_ok(), is_accepted, "{host}");
        thief.await.expect("no panic");
    }
}

fn rcgen_key(key: &KeyPair) -> tokio_rustls::rustls::pki_types::PrivateKeyDer<'static> {
    tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

/// Apple's platforms refuse certificates that are valid for more than 398 days, and clocks may be behind.
#[tokio::test]
async fn certificate_is_valid_from_yesterday_for_about_a_year() {
    let emulator = Emulator::builder().tls(Tls::temporary()).start().expect("started");
    let certificate = certificate(&emulator).await;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let roots = Arc::new(roots(emulator.ca_certificate().expect("TLS")));
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build().expect("a verifier");
    let name = ServerName::try_from("api.kandy.io").expect("a name");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    for (at, is_valid) in [
        (now - DAY - 60, false),
        (now - DAY + 60, true),
        (now, true),
        (now + 365 * DAY, true),
        // From yesterday on, 398 days.
        (now + 397 * DAY - 60, false),
    ] {
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
        assert_eq!(verifier.verify_server_cert(&certificate, &[], &name, &[], at).is_ok(), is_valid, "{at:?}");
    }
}

/// Emulators for tests need no directory, and share nothing.
#[tokio::test]
async fn temporary_authority_is_in_memory() {
    let emulator = Emulator::builder().tls(Tls::temporary()).start().expect("started");
    assert_eq!(emulator.ca_file(), None);
    let url = emulator.base_url().replace("/v1.2", "/_emulator/health");
    assert_eq!(trusting(&emulator).build().expect("a client").get(url).send().await.expect("a response").status(), 200);
}
