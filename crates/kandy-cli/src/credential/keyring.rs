//! The keyring of the operating system. It is another process, which may not be there, or wait for a person, or hang; so
//! it is asked in a thread of its own, which is not waited for longer than a while.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use kandy::Secret;
use keyring::Entry;

use super::secrets::Secrets;
use crate::{eprint::eprint, terminal};

/// What the entries are called there.
const SERVICE: &str = "kandy";
/// How long a keyring may take, that does not ask anyone.
const SHORT: Duration = Duration::from_secs(2);
/// How long it may take where there is someone to type its password.
const FOR_A_PERSON: Duration = Duration::from_secs(60);

/// Why the keyring is of no use, for people.
pub(super) type KeyringError = String;

/// The secrets of an entry, if there is one. All secrets of a profile are in one: that is one question, however many they
/// are.
pub(super) fn load(entry: &str) -> Result<Option<Secrets>, KeyringError> {
    ask(open(entry), |entry| entry.get_secret())?.map(read).transpose()
}

/// Fails if the keyring cannot be asked.
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

/// Opens an entry, which takes a connection to the keyring.
fn open(entry: &str) -> impl FnOnce() -> Result<Entry, KeyringError> + Send + 'static {
    let entry = entry.to_owned();
    move || match Entry::store_status() {
        Ok(()) => Entry::new(SERVICE, &entry).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// How far it is.
enum Step<T> {
    /// It is there.
    Open,
    /// It did, or did not do, what it was asked for.
    Done(Result<T, keyring::Error>),
    /// It is not there.
    Failed(KeyringError),
}

/// Asks the keyring, and answers none where there is no such entry.
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
            Err(trouble) => Step::Failed(trouble),
        };
        // Nobody may wait for it any more.
        drop(steps.send(done));
    });
    asked.map_err(|error| format!("a thread to access it cannot be started: {error}"))?;
    let mut patience = SHORT;
    loop {
        match taken.recv_timeout(patience) {
            Ok(Step::Open) if terminal::is_stderr() => match taken.recv_timeout(SHORT) {
                Ok(step) => return end(step),
                Err(_) => {
                    eprint("waiting for the keyring, which may be asking for its password");
                    patience = FOR_A_PERSON;
                }
            },
            Ok(Step::Open) => {}
            Ok(step) => return end(step),
            Err(RecvTimeoutError::Timeout) => return Err(format!("no response within {}s", patience.as_secs())),
            Err(RecvTimeoutError::Disconnected) => return Err("it stopped without a response".to_owned()),
        }
    }
}

fn end<T>(step: Step<T>) -> Result<Option<T>, KeyringError> {
    match step {
        Step::Done(Ok(value)) => Ok(Some(value)),
        Step::Done(Err(keyring::Error::NoEntry)) => Ok(None),
        Step::Done(Err(error)) => Err(error.to_string()),
        Step::Failed(trouble) => Err(trouble),
        Step::Open => Err("it stopped without a response".to_owned()),
    }
}

fn read(bytes: Vec<u8>) -> Result<Secrets, KeyringError> {
    // What is wrong with it may contain what is in it.
    let broken = || "its entry has an unknown format".to_owned();
    let text = Secret::from(String::from_utf8(bytes).map_err(|_| broken())?);
    serde_json::from_str(text.expose()).map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use keyring_core::{api::CredentialStoreApi, mock};

    use super::*;
    use crate::credential::Setting;

    /// A keyring in memory, and a way to an entry of it.
    fn entry(store: &std::sync::Arc<mock::Store>) -> impl FnOnce() -> Result<Entry, KeyringError> + Send + 'static {
        let store = store.clone();
        move || {
            let inner = store.build(SERVICE, "one", None).map_err(|error| error.to_string())?;
            Ok(Entry { inner })
        }
    }

    #[test]
    fn keeps_secrets() {
        let store = mock::Store::new().expect("a store");
        assert!(ask(entry(&store), |entry| entry.get_secret()).expect("an answer").is_none());
        let mut secrets = Secrets::default();
        secrets.insert(Setting::DomainApiKey, "a key".into());
        let text = serde_json::to_string(&secrets).expect("JSON");
        assert_eq!(text, r#"{"domain_api_key":"a key"}"#);
        ask(entry(&store), move |entry| entry.set_secret(text.as_bytes())).expect("an answer");
        let bytes = ask(entry(&store), |entry| entry.get_secret()).expect("an answer").expect("an entry");
        assert_eq!(read(bytes).expect("secrets"), secrets);
        ask(entry(&store), |entry| entry.delete_credential()).expect("an answer");
        assert!(ask(entry(&store), |entry| entry.get_secret()).expect("an answer").is_none());
    }

    #[test]
    fn trouble_does_not_show_what_is_there() {
        for bytes in [b"\xffs3cret".to_vec(), b"s3cret".to_vec(), b"{\"s3cret\":[\"s3cret\"]}".to_vec()] {
            let trouble = read(bytes).expect_err("trouble");
            assert!(!trouble.contains("s3cret"), "{trouble}");
        }
    }

    #[test]
    fn one_that_is_late_is_not_waited_for() {
        let (hold, held) = mpsc::channel::<()>();
        let never = move || {
            // It ends when the other side lets go.
            Err(held.recv().map_or_else(|error| error.to_string(), |()| String::new()))
        };
        let trouble = ask(never, |entry| entry.get_secret()).expect_err("trouble");
        assert_eq!(trouble, "no response within 2s");
        drop(hold);
    }
}
