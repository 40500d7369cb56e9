//! The keyring of the operating system. It is another process that may be missing, prompt the user, or hang, so each
//! request runs in a thread of its own with a timeout (`slow_keyring_times_out`).

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use kandy::Secret;
use keyring::Entry;

use super::secrets::Secrets;
use crate::{eprint::eprint, terminal};

/// The service name of the entries.
const SERVICE: &str = "kandy";
/// The timeout of a keyring that does not prompt.
const SHORT_TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout where a user can type its password.
const PROMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Why the keyring cannot be used, for messages.
pub(super) type KeyringError = String;

/// Loads the secrets of an entry; `None` if there is no such entry. One entry has all secrets of a profile, so there is
/// at most one prompt.
pub(super) fn load(entry: &str) -> Result<Option<Secrets>, KeyringError> {
    ask(open(entry), |entry| entry.get_secret())?.map(read).transpose()
}

/// Checks that the keyring responds.
pub(super) fn check() -> Result<(), KeyringError> {
    ask(open("check"), |entry| entry.get_secret()).map(drop)
}

pub(super) fn save(entry: &str, secrets: &Secrets) -> Result<(), KeyringError> {
    let text = serde_json::to_string(secrets).map_err(|_| "the secrets cannot be serialized as JSON".to_owned())?;
    let text = Secret::from(text);
    ask(open(entry), move |entry| entry.set_secret(text.expose().as_bytes())).map(|_| ())
}

pub(super) fn remove(entry: &str) -> Result<(), KeyringError> {
    ask(open(entry), |entry| entry.delete_credential()).map(|_| ())
}

/// Opens an entry, which connects to the keyring.
fn open(entry: &str) -> impl FnOnce() -> Result<Entry, KeyringError> + Send + 'static {
    let entry = entry.to_owned();
    move || match Entry::store_status() {
        Ok(()) => Entry::new(SERVICE, &entry).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// The progress of a request.
enum Step<T> {
    /// The keyring responded.
    Open,
    /// The request finished.
    Done(Result<T, keyring::Error>),
    /// The keyring is not available.
    Failed(KeyringError),
}

/// Sends a request to the keyring. Returns `None` if the entry does not exist.
fn ask<T: Send + 'static>(
    open: impl FnOnce() -> Result<Entry, KeyringError> + Send + 'static,
    work: impl FnOnce(Entry) -> Result<T, keyring::Error> + Send + 'static,
) -> Result<Option<T>, KeyringError> {
    let (steps, taken) = mpsc::channel();
    let asked = thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        let done = match open() {
            Ok(entry) => {
                drop(steps.send(Step::Open));
                Step::Done(work(entry))
            }
            Err(error) => Step::Failed(error),
        };
        // The receiver may have timed out.
        drop(steps.send(done));
    });
    asked.map_err(|error| format!("a thread to access it cannot be started: {error}"))?;
    // A keyring that responds at all may prompt the user, which takes long; one that does not respond is not waited for.
    let mut timeout = SHORT_TIMEOUT;
    loop {
        match taken.recv_timeout(timeout) {
            Ok(Step::Open) if terminal::is_stderr() => match taken.recv_timeout(SHORT_TIMEOUT) {
                Ok(step) => return end(step),
                Err(_) => {
                    eprint("waiting for the keyring, which may be asking for its password");
                    timeout = PROMPT_TIMEOUT;
                }
            },
            Ok(Step::Open) => {}
            Ok(step) => return end(step),
            Err(RecvTimeoutError::Timeout) => return Err(format!("no response within {}s", timeout.as_secs())),
            Err(RecvTimeoutError::Disconnected) => return Err("it stopped without a response".to_owned()),
        }
    }
}

fn end<T>(step: Step<T>) -> Result<Option<T>, KeyringError> {
    match step {
        Step::Done(Ok(value)) => Ok(Some(value)),
        Step::Done(Err(keyring::Error::NoEntry)) => Ok(None),
        Step::Done(Err(error)) => Err(error.to_string()),
        Step::Failed(error) => Err(error),
        Step::Open => Err("it stopped without a response".to_owned()),
    }
}

fn read(bytes: Vec<u8>) -> Result<Secrets, KeyringError> {
    // The contents are not part of the error, because they may be secret.
    let broken = || "its entry has an unknown format".to_owned();
    let text = Secret::from(String::from_utf8(bytes).map_err(|_| broken())?);
    serde_json::from_str(text.expose()).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use keyring_core::{api::CredentialStoreApi, mock};

    use super::*;
    use crate::credential::Setting;

    /// Opens an entry of a keyring in memory.
    fn entry(store: &std::sync::Arc<mock::Store>) -> impl FnOnce() -> Result<Entry, KeyringError> + Send + 'static {
        let store = store.clone();
        move || {
            let inner = store.build(SERVICE, "one", None).map_err(|error| error.to_string())?;
            Ok(Entry { inner })
        }
    }

    #[test]
    fn secrets_round_trip() {
        let store = mock::Store::new().expect("a store");
        assert!(ask(entry(&store), |entry| entry.get_secret()).expect("a response").is_none());
        let mut secrets = Secrets::default();
        secrets.insert(Setting::DomainApiKey, "a key".into());
        let text = serde_json::to_string(&secrets).expect("JSON");
        assert_eq!(text, r#"{"domain_api_key":"a key"}"#);
        ask(entry(&store), move |entry| entry.set_secret(text.as_bytes())).expect("a response");
        let bytes = ask(entry(&store), |entry| entry.get_secret()).expect("a response").expect("an entry");
        assert_eq!(read(bytes).expect("secrets"), secrets);
        ask(entry(&store), |entry| entry.delete_credential()).expect("a response");
        assert!(ask(entry(&store), |entry| entry.get_secret()).expect("a response").is_none());
    }

    #[test]
    fn errors_do_not_show_secrets() {
        for bytes in [b"\xffs3cret".to_vec(), b"s3cret".to_vec(), b"{\"s3cret\":[\"s3cret\"]}".to_vec()] {
            let error = read(bytes).expect_err("error");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn slow_keyring_times_out() {
        let (hold, held) = mpsc::channel::<()>();
        let never = move || {
            // Ends when the sender is dropped.
            Err(held.recv().map_or_else(|error| error.to_string(), |()| String::new()))
        };
        let error = ask(never, |entry| entry.get_secret()).expect_err("error");
        assert_eq!(error, "no response within 2s");
        drop(hold);
    }
}
