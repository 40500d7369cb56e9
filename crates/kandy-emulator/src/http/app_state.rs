//! The data that all requests share: the state, the log of requests, the armed faults and the
//! registrations for calls.
//!
//! Depends on `state`, `snapshot`, `faults` and `thumbnail`. Begin with [`AppState`].

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use http::StatusCode;
use tokio::sync::watch;

use super::{
    origin_guard::OriginGuard,
    request_log::{ExchangeLimit, LoggedRequest, NewEntry, NewExchange, RequestLog},
};
use crate::{
    SeededDomain,
    channel::options::ChannelOptions,
    faults::Faults,
    protocol::refusal::REFUSED_CREDENTIAL,
    snapshot::{MemorySnapshot, Snapshots},
    spidr::subscriptions::Subscriptions,
    state::{SharedState, State, clock::Clock},
    thumbnail::Thumbnails,
};

/// Whether the log keeps requests and responses in full: for the page, which alone shows them.
const KEEPS_EXCHANGES: bool = cfg!(feature = "inspector");

/// A callback for every request.
pub(crate) type Observer = Box<dyn Fn(&LoggedRequest) + Send + Sync>;

/// The data that all requests share.
pub(crate) struct AppState {
    /// In an `Arc` of its own, so that a response that streams a list keeps the state alive and nothing else.
    pub(crate) state: Arc<SharedState>,
    log: Mutex<RequestLog>,
    exchanges: ExchangeLimit,
    /// Tells streams of events that the log has further entries.
    logged: watch::Sender<()>,
    faults: Mutex<Faults>,
    /// Whether a fault is armed, so that a request without one takes no lock for it.
    has_faults: Arc<AtomicBool>,
    spidr: Mutex<Subscriptions>,
    observer: Option<Observer>,
    pub(crate) read_timeout: Duration,
    /// Whether clients speak TLS.
    pub(crate) is_secure: bool,
    /// The file of the certificate authority, for the environment of clients.
    pub(crate) ca_file: Option<String>,
    pub(crate) thumbnails: Thumbnails,
    pub(crate) snapshots: Snapshots,
    pub(crate) channel: ChannelOptions,
    /// Whether every refusal by an operation has HTTP 200.
    pub(crate) refuse_with_200: bool,
    pub(crate) guard: OriginGuard,
    /// The first domain of the seed, whose credentials `/_emulator/environment` returns.
    pub(crate) first_domain: Option<SeededDomain>,
}

impl AppState {
    pub(crate) fn new(state: State, observer: Option<Observer>, read_timeout: Duration, is_secure: bool) -> Self {
        let (state, thumbnails) = (Arc::new(SharedState::new(state)), Thumbnails::default());
        let faults = Faults::default();
        Self {
            state,
            log: Mutex::new(RequestLog::new(SystemTime::now())),
            exchanges: ExchangeLimit::new(Instant::now()),
            logged: watch::Sender::default(),
            has_faults: faults.is_any(),
            faults: Mutex::new(faults),
            spidr: Mutex::default(),
            observer,
            read_timeout,
            is_secure,
            thumbnails,
            snapshots: Snapshots::default(),
            channel: ChannelOptions::default(),
            refuse_with_200: false,
            guard: OriginGuard::default(),
            first_domain: None,
            ca_file: None,
        }
    }

    /// The HTTP status of a refused credential.
    pub(crate) fn refused_credential(&self) -> StatusCode {
        if self.refuse_with_200 { StatusCode::OK } else { REFUSED_CREDENTIAL }
    }

    /// Locks the state.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Whether a request that began then is kept in full.
    pub(crate) fn keeps_exchange(&self, began: Instant) -> bool {
        KEEPS_EXCHANGES && self.exchanges.allows(began)
    }

    /// Shows a request that began then to the observer, and logs it, unless it only reads from the emulator's own endpoints.
    pub(crate) fn record<'a>(
        &self,
        request: impl Into<NewEntry<'a>>,
        exchange: Option<&NewExchange<'_>>,
        began: Instant,
        is_admin: bool,
    ) {
        let mut request = request.into();
        if let Some(observer) = &self.observer {
            let logged = request.into_logged();
            observer(&logged);
            request = logged.into();
        }
        if is_admin && !request.is_change() {
            return;
        }
        // Before the lock, which all requests wait for.
        let (now, duration) = (SystemTime::now(), began.elapsed());
        let oldest = self.log().add(request, exchange, now, duration, is_admin);
        // Dropped after the lock is released.
        drop(oldest);
        if self.logged.receiver_count() > 0 {
            self.logged.send_replace(());
        }
    }

    /// The logged requests to the API, oldest first.
    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.log().api_requests().collect()
    }

    /// Returns a receiver that learns of further entries of the log.
    pub(crate) fn watch_log(&self) -> watch::Receiver<()> {
        self.logged.subscribe()
    }

    /// Goes back to the state after seeding, or to an empty one, with the system's clock, and empties the log and the
    /// armed faults. Blocks the thread, and not the requests.
    pub(crate) fn reset(&self, is_empty: bool) -> io::Result<()> {
        let seed = self.snapshots.seed().filter(|_| !is_empty).map(|seed| self.load(seed)).transpose()?;
        self.swap(|state| match seed {
            Some(mut seed) => {
                seed.clock = Clock::default();
                state.replace(seed)
            }
            None => state.reset(),
        });
        self.log().clear();
        self.faults().clear();
        Ok(())
    }

    /// Replaces the state by that of a snapshot. Blocks the thread, and not the requests.
    pub(crate) fn restore(&self, snapshot: &MemorySnapshot) -> io::Result<()> {
        let new = self.load(snapshot)?;
        self.replace(new);
        Ok(())
    }

    /// Replaces the state.
    pub(crate) fn replace(&self, new: State) {
        self.swap(|state| state.replace(new));
    }

    /// Puts another state in the place of the one that `change` returns.
    fn swap(&self, change: impl FnOnce(&mut State) -> State) {
        let old = change(&mut self.state());
        // Dropped after the lock is released: freeing many objects takes long.
        drop(old);
        // They are of users by numbers, which are those of others now.
        *self.spidr() = Subscriptions::default();
    }

    fn load(&self, snapshot: &MemorySnapshot) -> io::Result<State> {
        let loader = self.state().loader();
        snapshot.load(loader)
    }

    /// Whether a fault is armed.
    pub(crate) fn has_faults(&self) -> bool {
        self.has_faults.load(Ordering::Acquire)
    }

    /// Locks the armed faults.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the registrations for calls.
    pub(crate) fn spidr(&self) -> MutexGuard<'_, Subscriptions> {
        self.spidr.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the log.
    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
