//! An emulator on a thread of its own, and what a test does with it.
//!
//! Depends on `builder` and `http`. Begin with `Emulator::spawn`.

use std::{
    fmt, io,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use kandy_sys::{ApiFault, types::Contact};
use tokio::{runtime, sync::oneshot};

use crate::{
    ArmedFault, Builder, InjectedFault, LoggedRequest, NewGroup, SeededDomain, SentSms, Summary, VerificationCode,
    builder::Prepared,
    http::{app_state::AppState, route},
    state::Account,
};

/// An emulator that runs on a thread of its own until it is dropped.
///
/// It is started, used and dropped alike inside and outside of async code.
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
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on a free port of this machine, with an account of its own.
    ///
    /// # Errors
    ///
    /// When the system has no port or no thread left.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// An emulator with other settings.
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

    /// Starts on a thread of its own what was made ready.
    pub(crate) fn spawn(prepared: Prepared) -> io::Result<Self> {
        let (app, account) = (Arc::clone(&prepared.app), prepared.account.clone());
        let seeded = prepared.seeded.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, is_ready) = mpsc::sync_channel(1);
        // The runtime lives on the thread, because it must not be dropped inside of another one.
        let thread = thread::Builder::new().name("kandy-emulator".to_owned()).spawn(move || {
            let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            runtime.block_on(async move {
                let server = match prepared.bind().await {
                    Ok(server) => server,
                    Err(error) => return drop(ready.send(Err(error))),
                };
                drop(ready.send(Ok(server.base_url().to_owned())));
                // Whatever ends it, those who ask from now on see a refused connection.
                drop(server.run(async { drop(stopped.await) }).await);
            });
            // A thumbnail that is being made is not waited for.
            runtime.shutdown_background();
        })?;
        let base_url = is_ready.recv().map_err(io::Error::other)??;
        Ok(Self { app, base_url, account, seeded, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, without a slash at its end: `http://127.0.0.1:40123/v1.2`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The base URL of a version of the API, `v1.2` or `v1.3`; there are no others. Below that of `v1.3` are all
    /// operations of `v1.2`, and those that were seen on `v1.3` only.
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

    /// API key of the account.
    pub fn account_key(&self) -> &str {
        self.account.key.expose()
    }

    /// API secret of the account.
    pub fn account_secret(&self) -> &str {
        self.account.secret.expose()
    }

    /// The domains that it was [seeded](Builder::seed) with, in their order, whatever became of them.
    pub fn seeded(&self) -> &[SeededDomain] {
        &self.seeded
    }

    /// Moves the emulator's clock forward, so that tokens expire without waiting.
    pub fn advance(&self, by: Duration) {
        self.app.state().clock.advance(by);
    }

    /// Revokes every access token that there is. They answer status 10 from now on.
    pub fn revoke_all_tokens(&self) {
        self.app.state().tokens.revoke_all();
    }

    /// Creates a group, and answers its id.
    ///
    /// # Errors
    ///
    /// Status 701 if a user does not exist, or is of another domain than the others; 15 if there is no
    /// user at all; 16 if one is named twice, or there are more than the group may have.
    pub fn create_group(&self, group: NewGroup) -> Result<String, ApiFault> {
        self.app.state().create_group(&group)
    }

    /// Puts a contact into the address book of a device. Its `deviceId` is that of the device, and
    /// where it leaves them out `contactId` is empty and `hintType` is `none`.
    ///
    /// # Errors
    ///
    /// Status 53 if there is no such device, 15 if the contact has no number.
    pub fn add_contact(&self, device_id: &str, contact: Contact) -> Result<(), ApiFault> {
        self.app.state().add_contact(device_id, contact)
    }

    /// The SMS that were sent, oldest first. The last 100,000 are kept.
    pub fn sms(&self) -> Vec<SentSms> {
        self.app.state().outbox.all()
    }

    /// The validation codes that were sent to phone numbers and not used up, oldest first.
    pub fn verification_codes(&self) -> Vec<VerificationCode> {
        self.app.state().verification_codes()
    }

    /// The requests to the API, oldest first, with credentials masked. The last 10,000 are kept.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.app.requests()
    }

    /// How much there is, and what it is called.
    pub fn state(&self) -> Summary {
        self.app.state().summary()
    }

    /// Arms a failure, and answers its number. Of several that would hit the same request, the first does.
    ///
    /// ```
    /// use kandy_emulator::{Emulator, InjectedFault};
    ///
    /// let emulator = Emulator::start()?;
    /// let id = emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
    /// // ... what is tested sends three SMS; the third arrives, and is never answered ...
    /// assert_eq!(emulator.faults()[0].hits, 0, "nobody has sent anything here");
    /// assert!(emulator.remove_fault(id));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn inject(&self, fault: InjectedFault) -> u64 {
        self.app.faults().arm(fault)
    }

    /// The failures that are armed, and how often each hit, in the order in which they were armed.
    pub fn faults(&self) -> Vec<ArmedFault> {
        self.app.faults().all()
    }

    /// Removes one failure, and answers whether there was one with this number.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.app.faults().remove(id)
    }

    /// Removes all failures.
    pub fn clear_faults(&self) {
        self.app.faults().clear();
    }

    /// Forgets everything but the account, what it was seeded with and the failures among it, and sets the clock back to
    /// that of the system.
    pub fn reset(&self) {
        self.app.reset();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens only if the server has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic over there was reported by its own hook, and a second one here would abort.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
