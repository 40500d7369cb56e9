//! Listens, serves requests, and stops.
//!
//! Depends on `connection`, `service` and `snapshot`. Begin with `Server::run`.

#[cfg(feature = "tls")]
use std::path::Path;
use std::{
    future::{Future, IntoFuture},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    time,
};

#[cfg(feature = "tls")]
use crate::tls::{Acceptor, CaCertificate, Identity};
use crate::{
    SeededDomain,
    http::{
        app_state::AppState,
        connection::{ConnectionListener, ShutdownState},
        route::{self, BASE_PATH},
        service::MakeService,
        stream::Security,
    },
    snapshot::Saver,
};

/// How long requests in progress may take when the server stops.
const GRACE: Duration = Duration::from_millis(500);

/// An emulator that listens on the caller's runtime.
///
/// [`Emulator`](crate::Emulator) is simpler, and needs no runtime.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let server = kandy_emulator::Emulator::builder().bind().await?;
/// println!("{}", server.base_url());
/// server.run(async { /* when to stop */ }).await
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    listener: TcpListener,
    app: Arc<AppState>,
    base_url: String,
    seeded: Vec<SeededDomain>,
    saver: Option<Saver>,
    security: Security,
    #[cfg(feature = "tls")]
    ca: Option<CaCertificate>,
}

impl Server {
    pub(crate) async fn bind(
        addresses: &[SocketAddr],
        app: Arc<AppState>,
        seeded: Vec<SeededDomain>,
        saver: Option<Saver>,
    ) -> io::Result<Self> {
        let listener = listen(addresses).await?;
        let mut reachable = listener.local_addr()?;
        if reachable.ip().is_unspecified() {
            // A server on all addresses is reachable on the loopback address, and a URL needs one address.
            reachable.set_ip(match reachable {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        Ok(Self {
            listener,
            app,
            base_url: format!("http://{reachable}{BASE_PATH}"),
            seeded,
            saver,
            security: Security::Plain,
            #[cfg(feature = "tls")]
            ca: None,
        })
    }

    /// Serves with TLS.
    #[cfg(feature = "tls")]
    pub(crate) fn with_identity(mut self, identity: Identity) -> Self {
        self.base_url = self.base_url.replacen("http://", "https://", 1);
        self.security = Security::Tls(Acceptor::new(&identity, &self.base_url));
        self.ca = Some(identity.ca);
        self
    }

    #[cfg(feature = "tls")]
    pub(crate) fn ca(&self) -> Option<&CaCertificate> {
        self.ca.as_ref()
    }

    /// Returns the certificate that clients have to trust, as PEM; none without [TLS](crate::Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca().map(|ca| &*ca.pem)
    }

    /// Returns the file of this certificate; none without TLS, and if it is not [kept](crate::Tls::in_directory).
    #[cfg(feature = "tls")]
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca().and_then(CaCertificate::file)
    }

    /// Returns the base URL, without a slash at its end: `http://127.0.0.1:8787/v1.2`, or `https://…` with TLS.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the base URL of a version of the API, `v1.2` or `v1.3`; none for others. `v1.3` has all operations of
    /// `v1.2`, and those that were seen on `v1.3` only.
    pub fn base_url_of(&self, version: &str) -> Option<String> {
        route::base_url_of(&self.base_url, version)
    }

    /// Returns the domains of the [seed](crate::Builder::seed), in its order.
    pub fn seeded(&self) -> &[SeededDomain] {
        &self.seeded
    }

    /// Serves until `stop` completes. Requests in progress then have half a second to finish.
    ///
    /// # Errors
    ///
    /// When accepting connections fails, and when the last changes cannot be written to the
    /// [state file](crate::Builder::state).
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let (stopping, stopped) = oneshot::channel();
        // Connections end when this is dropped, also on an early return.
        let (shutdown, shutdown_changes) = watch::channel(ShutdownState::Running);
        let listener = ConnectionListener {
            listener: self.listener,
            shutdown: shutdown_changes,
            read_timeout: self.app.read_timeout,
            security: self.security,
        };
        let serve = axum::serve(listener, MakeService(self.app)).with_graceful_shutdown(async move {
            stop.await;
            let _ = stopping.send(());
        });
        // Graceful shutdown alone waits for every connection, also for one that an injected fault stalls, or that has
        // sent half a request. So after the grace period this returns, and dropping `serve` and `shutdown` ends all
        // connections (`robustness::partial_request_does_not_block_shutdown`, `shutdown::stopping_ends_every_fault`).
        let give_up = async {
            if stopped.await.is_ok() {
                // Ends injected delays and stalls first, so that their requests finish within the grace period, and
                // closes the channels.
                shutdown.send_replace(ShutdownState::Stopping);
                time::sleep(GRACE).await;
            } else {
                // The server ended by itself, which the other branch of the select reports.
                std::future::pending::<()>().await;
            }
        };
        let (ended, has_given_up) = tokio::select! {
            ended = serve.into_future() => (ended, false),
            () = give_up => (Ok(()), true),
        };
        if !has_given_up {
            // An open channel is no request in progress, so that `serve` does not wait for it. Each holds a receiver.
            shutdown.send_replace(ShutdownState::Stopping);
            drop(time::timeout(GRACE, shutdown.closed()).await);
        }
        match self.saver {
            Some(saver) => ended.and(tokio::task::spawn_blocking(|| saver.finish()).await.map_err(io::Error::other)?),
            None => ended,
        }
    }
}

/// Binds the first address that this machine has. An address in use is an error and not skipped: clients would reach
/// the program that uses it.
async fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        outcome = TcpListener::bind(address).await;
        match &outcome {
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {}
            _ => break,
        }
    }
    outcome
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
