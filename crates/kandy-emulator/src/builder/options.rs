//! Settings of an emulator beyond where it listens and what it begins with: which programs and pages it serves, how it
//! pushes, and which files keep its state.
//!
//! Depends on the parent module. Begin with [`Builder::tls`] and [`Builder::state`].

use std::path::PathBuf;

use super::Builder;
#[cfg(feature = "tls")]
use crate::tls::Tls;
use crate::{ChannelMode, http::origin_guard::host_name};

impl Builder {
    /// Reports refused credentials, and users who do not exist, with HTTP 200 and the status in the envelope, as older
    /// clients expect it. The default is HTTP 403 and 404, see "Refused credentials" in the
    /// [behaviour decisions](crate#behaviour-decisions).
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().refuse_with_200().start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn refuse_with_200(mut self) -> Self {
        self.refuse_with_200 = true;
        self
    }

    /// Allows requests to `/_emulator` by a host name. Always allowed are IP addresses, `localhost` and the names below
    /// it, and names without a dot if the emulator listens on another address than a loopback one, as in a container.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().allow_host("kandy.example.com").start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no host name, such as one with a port.
    #[track_caller]
    pub fn allow_host(mut self, name: &str) -> Self {
        self.guard.allow_host(host_name(name).unwrap_or_else(|why| panic!("{name:?} is no host name: {why}")));
        self
    }

    /// Allows requests to `/_emulator` by web pages of an origin, such as the tests of a page. By default no page may send
    /// one, so that no site can read or reset the emulator.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().allow_origin("http://localhost:3000").start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no origin of the scheme `http` or `https`, such as one with a path, or `*`.
    #[track_caller]
    pub fn allow_origin(mut self, origin: &str) -> Self {
        self.guard.allow_origin(origin.parse().unwrap_or_else(|why| panic!("{origin:?} is no origin: {why}")));
        self
    }

    /// Serves HTTPS in place of HTTP: see [`Tls`]. The last call counts.
    ///
    /// ```
    /// use kandy_emulator::{Emulator, Tls};
    ///
    /// let emulator = Emulator::builder().tls(Tls::temporary().name("kandy.test")).start()?;
    /// assert!(emulator.base_url().starts_with("https://"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets what a pending message pushes to the data channels of its user. The default is the message itself.
    ///
    /// ```
    /// use kandy_emulator::{ChannelMode, Emulator};
    ///
    /// let emulator = Emulator::builder().channel(ChannelMode::Doorbell).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn channel(mut self, mode: ChannelMode) -> Self {
        self.channel.mode = mode;
        self
    }

    /// Sets whether a frame `ping` on a data channel gets a `pong`. The default is no: none was ever seen.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().channel_pong(true).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn channel_pong(mut self, pong: bool) -> Self {
        self.channel.pong = pong;
        self
    }

    /// Sets whether the sender of a chat message gets a `chatRemoteAck` when a device of the receiver first deletes it.
    /// The default is yes.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().remote_acks(false).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remote_acks(mut self, remote_acks: bool) -> Self {
        self.sends_remote_acks = remote_acks;
        self
    }

    /// Sets a file that keeps the state. It is read at startup if it exists, and written when the emulator stops, and
    /// every few seconds when something has changed.
    ///
    /// A [seed](Self::seed) creates the state only where the file does not exist yet. [Account](Self::account) and
    /// [lifetime of tokens](Self::token_ttl) are settings, and not read from it. No other emulator can use the file at
    /// the same time. It contains credentials; only its owner may read it.
    ///
    /// ```
    /// use kandy_emulator::Emulator;
    ///
    /// # let folder = std::env::temp_dir().join(format!("kandy-emulator-doc-state-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// let file = folder.join("state.jsonl");
    /// let seed = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ"}]}]}"#;
    /// Emulator::builder().seed(seed.parse()?).state(&file).start()?.stop()?;
    ///
    /// let emulator = Emulator::builder().state(&file).start()?;
    /// assert_eq!(emulator.state().full_user_ids, ["russ@example.com"]);
    /// # drop(emulator);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// Sets a file with a [snapshot](crate::Emulator::save_snapshot) to begin with, in place of a [seed](Self::seed). It is only
    /// read. A [reset](crate::Emulator::reset) goes back to it.
    ///
    /// ```
    /// use kandy_emulator::Emulator;
    ///
    /// # let file = std::env::temp_dir().join(format!("kandy-emulator-doc-builder-{}", std::process::id()));
    /// # Emulator::start()?.save_snapshot(&file)?;
    /// let emulator = Emulator::builder().snapshot(&file).start()?;
    /// # std::fs::remove_file(file)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn snapshot(mut self, file: impl Into<PathBuf>) -> Self {
        self.snapshot = Some(file.into());
        self
    }
}
