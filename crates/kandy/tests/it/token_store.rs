//! Two processes share access tokens and their renewals through a token store.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use kandy::{Kandy, Secret, StoreError, TokenOwner, TokenStore, sys::BoxFuture};
use kandy_emulator::Emulator;

use crate::support::{child_process::run_test, clock::TestClock, emulator::requests_of};

/// A store with a file for each token.
#[derive(Debug)]
struct FileStore(PathBuf);

impl TokenStore for FileStore {
    fn load<'a>(&'a self, owner: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        Box::pin(async move {
            match fs::read_to_string(self.0.join(owner.fingerprint())) {
                Ok(token) => Ok(Some(token.into())),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn store<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let new = self.0.join(format!("{}.{}", owner.fingerprint(), std::process::id()));
            fs::write(&new, token.expose())?;
            Ok(fs::rename(new, self.0.join(owner.fingerprint()))?)
        })
    }

    fn invalidate<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.load(owner).await?.as_ref() == Some(token) {
                fs::remove_file(self.0.join(owner.fingerprint()))?;
            }
            Ok(())
        })
    }
}

/// A store that always fails.
#[derive(Debug)]
struct FailingStore;

impl TokenStore for FailingStore {
    fn load<'a>(&'a self, _: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        Box::pin(async { Err("out of order".into()) })
    }

    fn store<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err("out of order".into()) })
    }

    fn invalidate<'a>(&'a self, _: &'a TokenOwner, _: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err("out of order".into()) })
    }
}

/// Builds a client with a file store.
fn kandy(base_url: &str, folder: &Path) -> Kandy {
    Kandy::builder().base_url(base_url).token_store(FileStore(folder.to_owned())).build().expect("a client")
}

/// Returns how many account tokens were minted.
fn mints(emulator: &Emulator) -> usize {
    requests_of(emulator, "account_access_token_get")
}

/// The other process: lists the domains, and prints their number. As a test of its own it does nothing.
#[tokio::test]
async fn other_process() {
    let Ok(base_url) = env::var("KANDY_TEST_BASE_URL") else { return };
    let folder = PathBuf::from(env::var("KANDY_TEST_FOLDER").expect("a folder"));
    let account = kandy(&base_url, &folder)
        .account(kandy_emulator::DEVELOPMENT_ACCOUNT_KEY, kandy_emulator::DEVELOPMENT_ACCOUNT_SECRET);
    println!("domains: {}", account.domains().await.expect("a response").len());
}

/// Runs [`other_process`] to its end.
fn run_other_process(emulator: &Emulator, folder: &Path) {
    let run = run_test("token_store::other_process")
        .env("KANDY_TEST_BASE_URL", emulator.base_url())
        .env("KANDY_TEST_FOLDER", folder)
        .output()
        .expect("it runs");
    let output = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(run.status.success() && output.contains("domains: 0"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_a_token_and_its_renewal() {
    let folder = env::temp_dir().join(format!("kandy-token-store-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let emulator = Emulator::start().expect("a free port");
    let account = kandy(emulator.base_url(), &folder).account(emulator.account_key(), emulator.account_secret());

    let first = account.access_token().await.expect("a token");
    run_other_process(&emulator, &folder);
    assert_eq!(mints(&emulator), 1, "the other process took the token from the store");

    // The other process renews the expired token; this one loads the new token from the store.
    emulator.revoke_all_tokens();
    run_other_process(&emulator, &folder);
    assert_eq!(mints(&emulator), 2);
    account.domains().await.expect("with the token of the other process");
    assert_eq!(mints(&emulator), 2, "one renewal for both");
    assert_ne!(account.access_token().await.expect("a token"), first);

    // A token that this process revokes is removed from the store.
    account.revoke_access_token().await.expect("revoked");
    run_other_process(&emulator, &folder);
    assert_eq!(mints(&emulator), 3);
    fs::remove_dir_all(&folder).expect("cleaned up");
}

#[tokio::test]
async fn an_early_renewal_replaces_the_token_of_the_store() {
    let folder = env::temp_dir().join(format!("kandy-token-store-early-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let emulator = Emulator::start().expect("a free port");
    let clock = TestClock::with_system_date(0.5);
    let account = || {
        let builder = Kandy::builder().base_url(emulator.base_url()).token_store(FileStore(folder.clone()));
        let kandy = builder.clock(clock.clone()).max_token_age(Duration::from_secs(3600)).build().expect("a client");
        kandy.account(emulator.account_key(), emulator.account_secret())
    };
    let (one, other) = (account(), account());
    let first = one.access_token().await.expect("a token");
    assert_eq!(other.access_token().await.expect("that of the store"), first);
    clock.advance(Duration::from_secs(3600));
    let second = one.access_token().await.expect("a token");
    assert_ne!(second, first, "the store has only the old one");
    assert_eq!(other.access_token().await.expect("that of the store"), second);
    assert_eq!(mints(&emulator), 2, "one renewal for both");
    fs::remove_dir_all(&folder).expect("cleaned up");
}

#[tokio::test]
async fn a_failing_store_is_ignored() {
    let emulator = Emulator::start().expect("a free port");
    let builder = Kandy::builder().base_url(emulator.base_url()).token_store(FailingStore);
    let account = builder.build().expect("a client").account(emulator.account_key(), emulator.account_secret());
    assert!(account.domains().await.expect("a response").is_empty());
    emulator.revoke_all_tokens();
    assert!(account.domains().await.expect("a response").is_empty());
    account.revoke_access_token().await.expect("revoked");
    assert_eq!(mints(&emulator), 2);
}
