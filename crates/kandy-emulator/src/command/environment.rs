//! `--env`: asks the emulator that listens already for the variables of its clients.
//!
//! Depends on `admin::environment`. Begin with [`Environment::of`].

use std::{
    fmt,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs},
    path::Path,
    time::{Duration, Instant},
};

use kandy_sys::Secret;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

use super::{Arguments, Error, arguments::Options, shell::quoted};
use crate::admin::environment::{ACCOUNT_KEY, ACCOUNT_SECRET, NAMES};
#[cfg(feature = "tls")]
use tokio_rustls::rustls::{ClientConnection, StreamOwned};

/// How long to wait for an emulator that is about to listen: `kandy emulator & eval "$(kandy emulator --env)"`.
const STARTING: Duration = Duration::from_secs(1);
/// How long a connection and a response may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How an emulator with TLS responds to plain HTTP.
const SPEAKS_TLS: &str = "This port speaks TLS: ";
/// The longest response that is read.
const RESPONSE: u64 = 64 * 1024;

/// The environment variables with which clients use a running emulator.
///
/// `Display` writes a line for each, which a POSIX shell evaluates, without a line break at the end; `Serialize` writes
/// JSON. Both contain credentials: the public ones of the development account, those of the first seeded domain, and those
/// of an account that the caller gave. `Debug` contains none.
///
/// ```
/// use kandy_emulator::{Emulator, command::Environment};
///
/// let emulator = Emulator::start()?;
/// let environment = Environment::at(emulator.base_url(), None)?;
/// assert!(environment.to_string().starts_with("export KANDY_BASE_URL='http://127.0.0.1:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Environment {
    variables: Vec<(&'static str, Secret)>,
}

impl Environment {
    /// What to tell the user if [`lacks_account`](Self::lacks_account).
    pub const ACCOUNT_IS_MISSING: &str = "the account of this emulator has credentials of its own, which it does not tell; \
        set KANDY_ACCOUNT_API_KEY and KANDY_ACCOUNT_API_SECRET to those that it was started with";

    /// Asks the emulator that listens at `--listen`. It waits a second for one that is about to listen. The credentials of
    /// an account that the emulator was given are those that the arguments have, if they have any.
    ///
    /// ```no_run
    /// use clap::Parser;
    /// use kandy_emulator::command::{Arguments, Environment};
    ///
    /// #[derive(Parser)]
    /// struct Program {
    ///     #[command(flatten)]
    ///     emulator: Arguments,
    /// }
    ///
    /// println!("{}", Environment::of(&Program::parse().emulator)?);
    /// # Ok::<(), kandy_emulator::command::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When no emulator listens there, or when another program does.
    pub fn of(arguments: &Arguments) -> Result<Self, Error> {
        let arguments = &arguments.options;
        let listen = &arguments.listen;
        let addresses = listen.addresses().map_err(|error| Error::no_emulator(&listen.to_string(), error))?;
        // The base URL names the host as this request does, so that it must be one that clients reach.
        let host = match (listen.name(), addresses.first()) {
            (None, Some(address)) => reachable(*address).to_string(),
            _ => listen.to_string(),
        };
        let mut environment = Self::ask(&host, &addresses, arguments)?;
        if environment.lacks_account()
            && let Some((key, secret)) = arguments.credentials()
        {
            environment.variables.extend([(ACCOUNT_KEY, key.clone()), (ACCOUNT_SECRET, secret.clone())]);
        }
        Ok(environment)
    }

    /// Asks the emulator at a base URL, such as `http://127.0.0.1:8787/v1.2`. With `https` it trusts the certificate
    /// authority in a file, and without one that which the program [keeps](crate::Tls) for the user.
    ///
    /// # Errors
    ///
    /// When no emulator listens there, when another program does, when its certificate is of another authority, and when
    /// it is no base URL of the schemes `http` and `https`.
    pub fn at(base_url: &str, ca_file: Option<&Path>) -> Result<Self, Error> {
        let (is_secure, rest) = match base_url.split_once("://") {
            Some(("https", rest)) => (true, Some(rest)),
            Some(("http", rest)) => (false, Some(rest)),
            _ => (false, None),
        };
        let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        let authority = authority.and_then(|authority| authority.parse::<http::uri::Authority>().ok());
        let Some(authority) = authority.filter(|authority| !authority.as_str().contains('@')) else {
            return Err(Error::environment("that base URL", "it does not begin with http:// or https:// and a host"));
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let no_emulator = |error| Error::no_emulator(authority.as_str(), error);
        let addresses: Vec<_> = (host.as_str(), port).to_socket_addrs().map_err(no_emulator)?.collect();
        if is_secure {
            return Self::ask_over_tls(authority.as_str(), &host, &addresses, ca_file);
        }
        Self::ask_with(authority.as_str(), &addresses, |connection| request(connection, authority.as_str()))
    }

    #[cfg(feature = "tls")]
    fn ask_over_tls(
        authority: &str,
        host: &str,
        addresses: &[SocketAddr],
        ca_file: Option<&Path>,
    ) -> Result<Self, Error> {
        let kept = match ca_file {
            Some(_) => None,
            None => crate::Tls::in_directory(super::tls::data_directory()?).ca_file(),
        };
        let ca_file = ca_file.or(kept.as_deref());
        Self::ask_with(authority, addresses, |tcp| request(crate::Tls::connect_with(ca_file, host, tcp)?, authority))
    }

    #[cfg(not(feature = "tls"))]
    fn ask_over_tls(authority: &str, _: &str, _: &[SocketAddr], _: Option<&Path>) -> Result<Self, Error> {
        Err(Error::environment(authority, "this program is built without TLS"))
    }

    /// Returns the variables, in the order in which they are printed.
    pub fn variables(&self) -> &[(&'static str, Secret)] {
        &self.variables
    }

    /// Returns whether the credentials of the account are missing: the emulator was given them, and does not tell them.
    pub fn lacks_account(&self) -> bool {
        !self.variables.iter().any(|(name, _)| *name == ACCOUNT_KEY)
    }

    /// Asks with TLS if the arguments have it.
    fn ask(host: &str, addresses: &[SocketAddr], arguments: &Options) -> Result<Self, Error> {
        #[cfg(feature = "tls")]
        if let Some(tls) = arguments.tls.settings(&arguments.listen)? {
            return Self::ask_with(host, addresses, |tcp| {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                request(tls.connect(name, tcp)?, host)
            });
        }
        #[cfg(not(feature = "tls"))]
        let _ = arguments;
        Self::ask_with(host, addresses, |connection| request(connection, host))
    }

    fn ask_with(
        host: &str,
        addresses: &[SocketAddr],
        request: impl FnOnce(TcpStream) -> io::Result<Vec<u8>>,
    ) -> Result<Self, Error> {
        let failed = |why: String| Error::environment(host, &why);
        if addresses.iter().all(|address| address.port() == 0) {
            return Err(failed("port 0 is a free port, and not the one of an emulator that listens".to_owned()));
        }
        let addresses: Vec<_> = addresses.iter().copied().map(reachable).collect();
        let connection = connect(&addresses).map_err(|error| Error::no_emulator(host, error))?;
        let response = request(connection).map_err(|error| Error::no_emulator(host, error))?;
        Ok(Self { variables: read(&response).map_err(|why| failed(why.to_owned()))? })
    }
}

/// The address at which a server on all addresses is reached.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Connects to the first address that accepts, and waits a moment for one that refuses.
fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let start = Instant::now();
    loop {
        let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
        for address in addresses {
            outcome = TcpStream::connect_timeout(address, TIMEOUT);
            if outcome.is_ok() {
                return outcome;
            }
        }
        let is_refused = outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if !is_refused || start.elapsed() > STARTING {
            return outcome;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A connection whose timeouts can be set.
trait Connection: Read + Write {
    fn tcp(&self) -> &TcpStream;
}

impl Connection for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Connection for StreamOwned<ClientConnection, TcpStream> {
    fn tcp(&self) -> &TcpStream {
        &self.sock
    }
}

/// Sends the request, and reads the response up to a limit and a deadline.
fn request(mut connection: impl Connection, host: &str) -> io::Result<Vec<u8>> {
    let deadline = Instant::now() + TIMEOUT;
    connection.tcp().set_write_timeout(Some(TIMEOUT))?;
    // Of the handshake.
    connection.tcp().set_read_timeout(Some(TIMEOUT))?;
    // In one write: a program that closes after the first part of a request would reset the connection.
    let request = format!("GET /_emulator/environment HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let (mut response, mut chunk) = (Vec::new(), [0; 4096]);
    while (response.len() as u64) < RESPONSE {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        connection.tcp().set_read_timeout(Some(left))?;
        match connection.read(&mut chunk)? {
            0 => break,
            read => response.extend_from_slice(chunk.get(..read).unwrap_or_default()),
        }
    }
    Ok(response)
}

/// Reads the variables in a response. Other names are ignored: they would set what no emulator sets.
fn read(response: &[u8]) -> Result<Vec<(&'static str, Secret)>, &'static str> {
    const OTHER: &str = "another program, or an emulator of an earlier version, listens there";
    let response = std::str::from_utf8(response).map_err(|_| OTHER)?;
    let (head, body) = response.split_once("\r\n\r\n").ok_or(OTHER)?;
    if body.starts_with(SPEAKS_TLS) {
        return Err("it serves HTTPS; add --tls, and --tls-dir if it has it, to `kandy emulator --env`, and store a \
            profile with `kandy auth login --from-env`");
    }
    match head.split(' ').nth(1) {
        Some("200") => {}
        Some("403") => return Err("it does not allow this host name; use an address, or start it with --allow-host"),
        _ => return Err(OTHER),
    }
    let body: Value = serde_json::from_str(body).map_err(|_| OTHER)?;
    let mut variables = Vec::new();
    for name in NAMES {
        match &body["environment"][name] {
            Value::Null => {}
            // No value of an emulator has a control character, which a terminal would carry out.
            Value::String(value) if !value.is_empty() && !value.contains(char::is_control) => {
                variables.push((name, value.as_str().into()));
            }
            _ => return Err(OTHER),
        }
    }
    if variables.is_empty() { Err(OTHER) } else { Ok(variables) }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.variables.iter().enumerate() {
            let line_break = if at == 0 { "" } else { "\n" };
            write!(f, "{line_break}export {name}={}", quoted(value.expose()))?;
        }
        Ok(())
    }
}

/// `{"environment": {…}}`.
impl Serialize for Environment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// An object whose members are in their order.
        struct Members<'a>(&'a [(&'static str, Secret)]);

        impl Serialize for Members<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, value)| (name, value.expose())))
            }
        }

        let mut environment = serializer.serialize_struct("Environment", 1)?;
        environment.serialize_field("environment", &Members(&self.variables))?;
        environment.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_for_a_shell() {
        let response = br#"HTTP/1.1 200 OK

{"environment": {"KANDY_BASE_URL": "x'; touch /tmp/x; '$(id)`id`\\ ", "PATH": "/evil", "KANDY_PROFILE": "x"}}"#;
        let response = String::from_utf8_lossy(response).replace("OK\n\n", "OK\r\n\r\n");
        let environment = Environment { variables: read(response.as_bytes()).expect("variables") };
        assert_eq!(environment.to_string(), r"export KANDY_BASE_URL='x'\''; touch /tmp/x; '\''$(id)`id`\ '");
        assert!(!format!("{environment:?}").contains("touch"));
    }

    #[test]
    fn other_responses_are_refused() {
        for response in [
            "",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\n\r\n{\"environment\": {\"PATH\": \"/evil\"}}",
            "HTTP/1.1 200 OK\r\n\r\n{\"environment\": {\"KANDY_BASE_URL\": 1}}",
            "HTTP/1.1 200 OK\r\n\r\n{\"environment\": {\"KANDY_BASE_URL\": \"a\\u001b[31m\"}}",
            "HTTP/1.1 200 OK\r\n\r\n{\"environment\": {\"KANDY_BASE_URL\": \"a\\nb\"}}",
            "HTTP/1.1 404 Not Found\r\n\r\n{\"environment\": {\"KANDY_BASE_URL\": \"a\"}}",
            "SSH-2.0-OpenSSH\r\n",
            "garbage",
        ] {
            assert!(read(response.as_bytes()).is_err(), "{response:?}");
        }
    }
}
