//! An emulator on a thread of its own, with methods for tests.
//!
//! Depends on `builder`, `http` and `snapshot`. Begin with `Emulator::spawn`.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use kandy_sys::{ApiFault, types::Contact};
use tokio::{runtime, sync::oneshot};

#[cfg(feature = "tls")]
use crate::tls::CaCertificate;
use crate::{
    ArmedFault, Builder, InjectedFault, LoggedRequest, NewGroup, OpenChannel, SeededDomain, SentSms, Summary,
    VerificationCode,
    admin::channels,
    builder::Prepared,
    http::{app_state::AppState, route},
    snapshot,
    state::Account,
};

/// An emulator that runs on a thread of its own until it is dropped.
///
/// Works inside and outside of async code.
///
/// ```
/// let emulator = kandy_emulator::Emulator::start()?;
/// assert!(emulator.base_url().ends_with("/v1.2"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Emulator {
    app: Arc<AppState>,
    base_url: String,
    account: Account,
    seeded: Vec<SeededDomain>,
    #[cfg(feature = "tls")]
    ca: Option<CaCertificate>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Emulator {
    /// Starts an emulator on a free port of the loopback address, with the development account.
    ///
    /// # Errors
    ///
    /// When the system has no free port or no free thread.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Returns a builder for an emulator with other settings.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let emulator = kandy_emulator::Emulator::builder()
    ///     .account("AAKaccount", "AASsecret")
    ///     .token_ttl(Duration::from_secs(60))
    ///     .start()?;
    /// assert_eq!(emulator.account_key(), "AAKaccount");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a prepared emulator on a thread of its own.
    pub(crate) fn spawn(prepared: Prepared) -> io::Result<Self> {
        let (app, account) = (Arc::clone(&prepared.app), prepared.account.clone());
        let seeded = prepared.seeded.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        // A channel of std: its `recv` also works on a thread of an async runtime, where that of tokio panics.
        let (ready, is_ready) = mpsc::sync_channel(1);
        // The runtime is created on the thread: tokio panics when one is dropped inside another.
        let thread = thread::Builder::new().name("kandy-emulator".to_owned()).spawn(move || {
            let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    drop(ready.send(Err(error)));
                    return Ok(());
                }
            };
            let ended = runtime.block_on(async move {
                let server = match prepared.bind().await {
                    Ok(server) => server,
                    Err(error) => {
                        drop(ready.send(Err(error)));
                        return Ok(());
                    }
                };
                #[cfg(feature = "tls")]
                let ca = server.ca().cloned();
                #[cfg(not(feature = "tls"))]
                let ca = ();
                drop(ready.send(Ok((server.base_url().to_owned(), ca))));
                server.run(async { drop(stopped.await) }).await
            });
            // Without waiting for thumbnails that are being made.
            runtime.shutdown_background();
            ended
        })?;
        // Blocks until the server listens or has failed, so that requests succeed as soon as `start` returns.
        let (base_url, ca) = is_ready.recv().map_err(io::Error::other)??;
        #[cfg(not(feature = "tls"))]
        let () = ca;
        Ok(Self {
            app,
            base_url,
            account,
            seeded,
            #[cfg(feature = "tls")]
            ca,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the base URL, without a slash at its end: `http://127.0.0.1:40123/v1.2`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the base URL of a version of the API, `v1.2` or `v1.3`; none for others. `v1.3` has all operations of
    /// `v1.2`, and those that were seen on `v1.3` only.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::start()?;
    /// assert_eq!(emulator.base_url_of("v1.2").as_deref(), Some(emulator.base_url()));
    /// assert!(emulator.base_url_of("v1.3").is_some_and(|base_url| base_url.ends_with("/v1.3")));
    /// assert_eq!(emulator.base_url_of("v1.4"), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn base_url_of(&self, version: &str) -> Option<String> {
        route::base_url_of(&self.base_url, version)
    }

    /// Returns the certificate that clients have to trust, as PEM; none without [TLS](Builder::tls).
    #[cfg(feature = "tls")]
    pub fn ca_certificate(&self) -> Option<&str> {
        self.ca.as_ref().map(|ca| &*ca.pem)
    }

    /// Returns the file of this certificate; none without TLS, and if it is not [kept](crate::Tls::in_directory).
    #[cfg(feature = "tls")]
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.ca.as_ref().and_then(CaCertificate::file)
    }

    /// Returns the API key of the account.
    pub fn account_key(&self) -> &str {
        self.account.key.expose()
    }

    /// Returns the API secret of the account.
    pub fn account_secret(&self) -> &str {
        self.account.secret.expose()
    }

    /// Returns the domains of the [seed](Builder::seed), in its order. Later changes and deletions do not show.
    pub fn seeded(&self) -> &[SeededDomain] {
        &self.seeded
    }

    /// Moves the emulator's clock forward, so that tokens expire without waiting.
    pub fn advance(&self, by: Duration) {
        self.app.state().advance(by);
    }

    /// Revokes all access tokens. Requests with one of them get status 10.
    pub fn revoke_all_tokens(&self) {
        self.app.state().revoke_all_tokens();
    }

    /// Creates a group, and returns its id.
    ///
    /// # Errors
    ///
    /// Status 701 if a user does not exist, or is of another domain than the others; 15 without any user; 16 if a user
    /// is named twice, or there are more than the group may have.
    pub fn create_group(&self, group: NewGroup) -> Result<String, ApiFault> {
        self.app.state().create_group(&group)
    }

    /// Adds a contact to the address book of a device. Sets its `deviceId`; a missing `contactId` becomes empty, and a
    /// missing `hintType` becomes `none`.
    ///
    /// # Errors
    ///
    /// Status 53 if the device does not exist, 15 if the contact has no number.
    pub fn add_contact(&self, device_id: &str, contact: Contact) -> Result<(), ApiFault> {
        self.app.state().add_contact(device_id, contact)
    }

    /// Returns the SMS that were sent, oldest first. The last 100,000 are kept.
    pub fn sms(&self) -> Vec<SentSms> {
        self.app.state().outbox.all()
    }

    /// Returns the validation codes that were sent and not used, oldest first.
    pub fn verification_codes(&self) -> Vec<VerificationCode> {
        self.app.state().verification_codes()
    }

    /// Returns the requests to the API, oldest first, with credentials masked. The last 10,000 are kept.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.app.requests()
    }

    /// Returns counts and names of the objects.
    pub fn state(&self) -> Summary {
        self.app.state().summary()
    }

    /// Arms a fault, and returns its id. A request that matches several faults triggers the first.
    ///
    /// ```
    /// use kandy_emulator::{Emulator, InjectedFault};
    ///
    /// let emulator = Emulator::start()?;
    /// let id = emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
    /// // ... the code under test sends three SMS; the third is applied, and gets no response ...
    /// assert_eq!(emulator.faults()[0].hits, 0, "no SMS was sent here");
    /// assert!(emulator.remove_fault(id));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn inject(&self, fault: InjectedFault) -> u64 {
        self.app.faults().arm(fault)
    }

    /// Returns the armed faults with their counters, in the order of arming.
    pub fn faults(&self) -> Vec<ArmedFault> {
        self.app.faults().all()
    }

    /// Removes a fault, and returns whether one had this id.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.app.faults().remove(id)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// Returns the open data channels, by user and in the order of opening.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::start()?;
    /// assert!(emulator.channels().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn channels(&self) -> Vec<OpenChannel> {
        self.app.state().open_channels()
    }

    /// Ends all data channels, with a close frame of this code, or without one by a reset of the connection. Returns
    /// how many there were.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::start()?;
    /// assert_eq!(emulator.drop_channels(Some(1001)), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If no close frame may have the code.
    #[track_caller]
    pub fn drop_channels(&self, code: Option<u16>) -> usize {
        assert!(code.is_none_or(channels::is_close_code), "{code:?} is no code of a close frame");
        channels::drop_channels(&self.app, code)
    }

    /// Pushes an incoming call to the data channels of a user, and returns to how many.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::start()?;
    /// assert_eq!(emulator.ring("anna@example.com", "1").map_err(|fault| fault.status.0), Err(53));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Status 53 if the user does not exist.
    pub fn ring(&self, full_user_id: &str, call_id: &str) -> Result<usize, ApiFault> {
        channels::ring(&self.app, full_user_id, call_id)
    }

    /// Goes back to the [seed](Builder::seed) or the [snapshot](Builder::snapshot) that the emulator was started with,
    /// with the ids and credentials that it had then; without either to nothing. Removes armed faults and logged
    /// requests, and resets the clock to the system's.
    ///
    /// ```
    /// use kandy_emulator::Emulator;
    ///
    /// let seed = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ"}]}]}"#;
    /// let emulator = Emulator::builder().seed(seed.parse()?).start()?;
    /// emulator.reset_to_nothing();
    /// assert_eq!(emulator.state().users, 0);
    /// emulator.reset();
    /// assert_eq!(emulator.state().users, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        // What was written from a valid state is a valid snapshot, so that this does not fail.
        if self.app.reset(false).is_err() {
            self.reset_to_nothing();
        }
    }

    /// Removes everything except the account, also seeded objects and armed faults, and resets the clock to the
    /// system's.
    pub fn reset_to_nothing(&self) {
        // Without a snapshot to read, nothing can fail.
        drop(self.app.reset(true));
    }

    /// Starts an emulator on a free port of the loopback address, with the state of a snapshot.
    ///
    /// The file is only read: [`Builder::state`] keeps changes.
    ///
    /// ```
    /// use kandy_emulator::Emulator;
    ///
    /// # let file = std::env::temp_dir().join(format!("kandy-emulator-doc-snapshot-{}", std::process::id()));
    /// let seed = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ"}]}]}"#;
    /// Emulator::builder().seed(seed.parse()?).start()?.save_snapshot(&file)?;
    /// let emulator = Emulator::from_snapshot(&file)?;
    /// assert_eq!(emulator.state().full_user_ids, ["russ@example.com"]);
    /// # std::fs::remove_file(file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is damaged, and as [`start`](Self::start).
    pub fn from_snapshot(file: impl Into<PathBuf>) -> io::Result<Self> {
        Self::builder().snapshot(file).start()
    }

    /// Writes a snapshot of the state into a file, which is replaced if it exists. Requests are served meanwhile.
    ///
    /// The file contains credentials; only its owner may read it.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, and when the state is reset meanwhile. A file that existed is kept then.
    pub fn save_snapshot(&self, file: impl AsRef<Path>) -> io::Result<()> {
        snapshot::save(file.as_ref(), &self.app.state)
    }

    /// Stops the emulator, as dropping it does, and returns whether the [state file](Builder::state) was written.
    ///
    /// # Errors
    ///
    /// When the last changes cannot be written, and when listening failed.
    pub fn stop(mut self) -> io::Result<()> {
        self.join()
    }

    fn join(&mut self) -> io::Result<()> {
        if let Some(stop) = self.stop.take() {
            // An error means that the server has ended already.
            let _ = stop.send(());
        }
        // The panic hook has reported a panic of the thread. To panic again in a drop could abort.
        self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or(Ok(()))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Err(error) = self.join() {
            eprintln!("kandy-emulator: {error}");
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
