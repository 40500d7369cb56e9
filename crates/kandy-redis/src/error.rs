//! [`Error`]: why Redis could not be used. Depends on nothing.

use std::{error::Error as StdError, fmt, io, sync::Arc};

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Redis could not be used.
///
/// The text says what failed, at which server, why, and what to do next. It contains neither the password of a URL nor
/// anything that the server wrote, except the code of a refusal: a server may repeat the arguments of a command, such as
/// a token.
#[derive(Clone, Debug)]
pub struct Error {
    action: &'static str,
    /// The address, without credentials; empty where there is none yet.
    server: String,
    reason: Reason,
}

/// Why Redis could not be used.
#[derive(Clone, Debug)]
enum Reason {
    Url(&'static str),
    Timeout,
    Io(io::ErrorKind),
    /// The TLS handshake failed, for this reason.
    #[cfg(feature = "tls")]
    Tls(rustls::Error),
    /// The code of a refusal, such as `OOM`.
    Refused(String),
    /// The response is not of the expected form.
    Response,
    #[cfg(feature = "encryption")]
    Encryption,
}

impl Reason {
    /// Returns the reason of an I/O error; a connection that was lost has none.
    fn of_io(error: Option<&io::Error>) -> Self {
        #[cfg(feature = "tls")]
        if let Some(error) = error.and_then(crate::tls::failure) {
            return Self::Tls(error);
        }
        Self::Io(error.map_or(io::ErrorKind::ConnectionAborted, io::Error::kind))
    }
}

impl Error {
    /// Returns the error of a URL that cannot be used.
    pub(crate) fn url(reason: &'static str) -> Self {
        Self { action: "use the URL of Redis", server: String::new(), reason: Reason::Url(reason) }
    }

    pub(crate) fn timeout(action: &'static str, server: &str) -> Self {
        Self { action, server: server.to_owned(), reason: Reason::Timeout }
    }

    #[cfg(feature = "encryption")]
    pub(crate) fn encryption(action: &'static str, server: &str) -> Self {
        Self { action, server: server.to_owned(), reason: Reason::Encryption }
    }

    pub(crate) fn of(action: &'static str, server: &str, error: &RedisError) -> Self {
        let reason = match (error.kind(), error.code()) {
            _ if error.is_timeout() => Reason::Timeout,
            (ErrorKind::Io, _) => Reason::of_io(io_error(error)),
            (ErrorKind::AuthenticationFailed, _) => Reason::Refused("WRONGPASS".to_owned()),
            (ErrorKind::Server(ServerErrorKind::ResponseError), _) => Reason::Refused("ERR".to_owned()),
            (ErrorKind::Server(_) | ErrorKind::Extension, Some(code)) => Reason::Refused(safe(code)),
            _ => Reason::Response,
        };
        Self { action, server: server.to_owned(), reason }
    }

    /// Whether Redis could not be reached, or did not respond in time: the same may succeed later.
    ///
    /// ```
    /// # fn example(error: kandy_redis::Error) {
    /// if error.is_unreachable() {
    ///     println!("is Redis running?");
    /// }
    /// # }
    /// ```
    pub fn is_unreachable(&self) -> bool {
        matches!(self.reason, Reason::Timeout | Reason::Io(_))
    }

    /// Returns the code with which Redis refused a command, such as `OOM` or `WRONGTYPE`; `None` for other failures.
    ///
    /// ```
    /// # fn example(error: kandy_redis::Error) {
    /// assert_eq!(error.code(), Some("OOM"));
    /// # }
    /// ```
    pub fn code(&self) -> Option<&str> {
        match &self.reason {
            Reason::Refused(code) => Some(code),
            _ => None,
        }
    }
}

/// Returns the I/O error that an error of the client has as its source.
fn io_error(error: &RedisError) -> Option<&io::Error> {
    let source = error.source()?;
    // The client shares its sources, so that the type of the source is that of the reference.
    let shared = source.downcast_ref::<Arc<dyn StdError + Send + Sync>>();
    shared.map_or(source.downcast_ref(), |shared| shared.downcast_ref())
}

/// Returns a code of the server if it has the form of one: it is text that others wrote.
fn safe(code: &str) -> String {
    let is_code = (1..=24).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_code { code } else { "ERR" }.to_owned()
}

/// Returns what a refusal means, and what to do.
fn advice(code: &str) -> &'static str {
    match code {
        "OOM" => "its memory is full: raise `maxmemory`, or remove keys",
        "WRONGTYPE" => "the key holds data of another kind: choose another prefix or name, or remove the key",
        "WRONGPASS" => "the user name or the password is wrong",
        "NOAUTH" => "it asks for a password: put it into the URL, as in redis://:password@host",
        "NOPERM" => "the user may not run this command, or not use this key: check its ACL",
        "READONLY" => "it is a replica: connect to the primary",
        "LOADING" => "it is still loading its data: try again",
        "MISCONF" => "it cannot save its data: check its disk",
        "BUSY" => "it is busy with a script of another program: try again",
        "MOVED" | "ASK" | "CLUSTERDOWN" | "CROSSSLOT" => "it is part of a cluster, which is not supported",
        _ => "check that it is Redis 5 or later, and that it allows GETRANGE, SET, EVALSHA and SCRIPT LOAD",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}", self.action)?;
        if !self.server.is_empty() {
            write!(f, " at Redis {}", self.server)?;
        }
        match &self.reason {
            Reason::Url(reason) => write!(f, ": {reason}"),
            Reason::Timeout => f.write_str(": it did not respond in time; check that it runs, and the network"),
            Reason::Io(kind) => write!(f, ": {kind}; check the address, and that it runs"),
            #[cfg(feature = "tls")]
            Reason::Tls(error) => {
                write!(f, ": the TLS handshake failed: {error}; check its certificate, and the host name")
            }
            Reason::Refused(code) => write!(f, ": it refused the command with {code}: {}", advice(code)),
            Reason::Response => f.write_str(": its response is not understood; check that it is Redis"),
            #[cfg(feature = "encryption")]
            Reason::Encryption => f.write_str(": the token could not be encrypted"),
        }
    }
}

impl StdError for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_server_are_shown_only_in_the_form_of_codes() {
        for (code, shown) in [("OOM", "OOM"), ("UAT123secret", "ERR"), ("", "ERR"), ("\u{1b}[31m", "ERR")] {
            assert_eq!(safe(code), shown);
        }
    }
}
