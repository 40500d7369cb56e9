//! How clients trust the certificate of the emulator.
//!
//! Depends on `command::shell`. Begin with the `Display` of `Trust`.

use std::{fmt, path::Path};

use super::shell::Word;
use crate::SERVICE_HOST;

/// The lines that the program prints with TLS.
pub(super) struct Trust<'a> {
    pub(super) ca_file: &'a Path,
    pub(super) base_url: &'a str,
}

impl fmt::Display for Trust<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ca_file, base_url } = self;
        let file = Word(&ca_file.to_string_lossy()).to_string();
        // Beside the certificate. Java reads no certificate of such a store without its password.
        let store = ca_file.with_file_name("truststore.p12");
        let (store_file, option) = (store.to_string_lossy(), format!("-Djavax.net.ssl.trustStore={}", store.display()));
        let authority = base_url.trim_start_matches("https://").split('/').next().unwrap_or_default();
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
        let resolve = Word(&format!("{SERVICE_HOST}:{port}:{host}")).to_string();
        let version = base_url.rsplit('/').next().unwrap_or_default();
        writeln!(f, "Clients have to trust the certificate authority in {}:", ca_file.display())?;
        writeln!(f, "  curl: curl --cacert {file} {base_url}/…")?;
        writeln!(f, "  Node.js: export NODE_EXTRA_CA_CERTS={file}")?;
        writeln!(f, "  Python (requests): export REQUESTS_CA_BUNDLE={file}")?;
        writeln!(f, "  Python (ssl), Ruby, PHP, Go, OpenSSL: export SSL_CERT_FILE={file}")?;
        writeln!(
            f,
            "  Java: keytool -importcert -noprompt -alias kandy-emulator -file {file} -keystore {} -storetype PKCS12 \
             -storepass changeit; java {} -Djavax.net.ssl.trustStorePassword=changeit …",
            Word(&store_file),
            Word(&option)
        )?;
        writeln!(f, "  SDK and the kandy command: export KANDY_CA_FILE={file}")?;
        writeln!(f, "Programs with https://{SERVICE_HOST} built in:")?;
        writeln!(f, "  curl: curl --cacert {file} --resolve {resolve} https://{SERVICE_HOST}:{port}/{version}/…")?;
        write!(
            f,
            "  all others: add the line \"127.0.0.1 {SERVICE_HOST}\" to /etc/hosts, and listen on port 443, which most \
             systems reserve: --listen 127.0.0.1:443"
        )
    }
}
