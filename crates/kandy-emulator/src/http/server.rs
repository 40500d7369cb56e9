//! Listens, serves requests, and stops.

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

use crate::{
    SeededDomain,
    http::{
        app_state::AppState,
        connection::{ConnectionListener, ShutdownState},
        route::{self, BASE_PATH},
        service::MakeService,
    },
};

/// How long requests in progress may take when the server stops.
const GRACE: Duration = Duration::from_millis(500);

/// An emulator that listens, on a runtime of the caller's own.
///
/// [`Emulator`](crate::Emulator) is simpler where no runtime is at hand.
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
}

impl Server {
    pub(crate) async fn bind(
        addresses: &[SocketAddr],
        app: Arc<AppState>,
        seeded: Vec<SeededDomain>,
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
        Ok(Self { listener, app, base_url: format!("http://{reachable}{BASE_PATH}"), seeded })
    }

    /// The base URL, without a slash at its end: `http://127.0.0.1:8787/v1.2`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The base URL of a version of the API, `v1.2` or `v1.3`; there are no others. Below that of `v1.3` are all
    /// operations of `v1.2`, and those that were seen on `v1.3` only.
    pub fn base_url_of(&self, version: &str) -> Option<String> {
        route::base_url_of(&self.base_url, version)
    }

    /// The domains that it was [seeded](crate::Builder::seed) with, in their order.
    pub fn seeded(&self) -> &[SeededDomain] {
        &self.seeded
    }

    /// Serves until `stop` is done, and then ends what has begun.
    ///
    /// # Errors
    ///
    /// When the system does not let it listen any longer.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let (stopping, stopped) = oneshot::channel();
        // Connections end when this is dropped, also on an early return.
        let (shutdown, shutdown_changes) = watch::channel(ShutdownState::Running);
        let listener = ConnectionListener {
            listener: self.listener,
            shutdown: shutdown_changes,
            read_timeout: self.app.read_timeout,
        };
        let serve = axum::serve(listener, MakeService(self.app)).with_graceful_shutdown(async move {
            stop.await;
            let _ = stopping.send(());
        });
        let give_up = async {
            if stopped.await.is_ok() {
                shutdown.send_replace(ShutdownState::Stopping);
                time::sleep(GRACE).await;
            } else {
                // The server ended by itself, which the other branch of the select reports.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = serve.into_future() => ended,
            () = give_up => Ok(()),
        }
    }
}

/// Listens on the first address that this machine has. One that is in use is not passed over: clients with that
/// address would reach the program that uses it.
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
