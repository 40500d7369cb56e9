//! Many processes at one store in memory, on a paused clock: each process is a [`SharedToken`] with a store handle of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use futures_util::future::join_all;
use kandy_sys::{BoxFuture, operation::Level};
use tokio::time::Instant;

use super::*;
use crate::{clock::SystemClock, testing::MockService};

const SECOND: Duration = Duration::from_secs(1);

/// What the processes share.
#[derive(Debug, Default)]
struct Shared {
    token: Option<String>,
    /// The id of the lock, and when it ends.
    lock: Option<(String, Instant)>,
    locks: usize,
    /// What another process stores just before a lock is granted.
    stored_meanwhile: Option<String>,
    minted: usize,
    stored: usize,
    /// Which actions fail.
    failing: Vec<&'static str>,
    calls: HashMap<&'static str, usize>,
}

#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Shared>>);

impl Memory {
    fn with<T>(&self, action: &'static str, act: impl FnOnce(&mut Shared) -> T) -> Result<T, StoreError> {
        let mut shared = self.0.lock().expect("no panic");
        *shared.calls.entry(action).or_default() += 1;
        if shared.failing.contains(&action) { Err("out of order".into()) } else { Ok(act(&mut shared)) }
    }

    fn get<T>(&self, read: impl FnOnce(&mut Shared) -> T) -> T {
        read(&mut self.0.lock().expect("no panic"))
    }

    /// Mints a token as a process does: it takes a second, and fails if `fails`.
    async fn mint(&self, replaced: Option<&Replaced>, fails: bool) -> Option<String> {
        let shared = SharedToken { store: self, owner: owner(), clock: &SystemClock };
        match shared.find(replaced).await {
            Found::Token(token) => Some(token.expose().to_owned()),
            Found::Missing(lock) => {
                tokio::time::sleep(SECOND).await;
                let number = self.get(|shared| {
                    shared.minted += 1;
                    shared.minted
                });
                let token = (!fails).then(|| format!("UAT{number}"));
                shared.finish(lock, token.clone().map(Secret::from).as_ref()).await;
                token
            }
        }
    }
}

fn owner() -> TokenOwner {
    TokenOwner::new("https://api.kandy.io/v1.2", Level::Domain, "DAK")
}

impl TokenStore for Memory {
    fn load<'a>(&'a self, _: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        let token = self.with("load", |shared| shared.token.clone().map(Secret::from));
        Box::pin(async { token })
    }

    fn store<'a>(&'a self, _: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        let stored = self.with("store", |shared| {
            shared.stored += 1;
            shared.token = Some(token.expose().to_owned());
        });
        Box::pin(async { stored })
    }

    fn invalidate<'a>(&'a self, _: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        let removed = self.with("invalidate", |shared| drop(shared.token.take_if(|other| other == token.expose())));
        Box::pin(async { removed })
    }

    fn lock<'a>(&'a self, _: &'a TokenOwner, lifetime: Duration) -> BoxFuture<'a, Result<TokenLock, StoreError>> {
        let now = Instant::now();
        let lock = self.with("lock", |shared| {
            if shared.lock.as_ref().is_some_and(|(_, end)| now < *end) {
                return TokenLock::Taken;
            }
            shared.locks += 1;
            shared.token = shared.stored_meanwhile.take().or(shared.token.take());
            let id = shared.locks.to_string();
            shared.lock = Some((id.clone(), now + lifetime));
            TokenLock::Granted(id)
        });
        Box::pin(async { lock })
    }

    fn unlock<'a>(&'a self, _: &'a TokenOwner, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let unlocked = self.with("unlock", |shared| drop(shared.lock.take_if(|(other, _)| other == id)));
        Box::pin(async { unlocked })
    }
}

fn refused(token: &str) -> Replaced {
    Replaced { token: token.into(), is_refused: true }
}

#[tokio::test(start_paused = true)]
async fn of_many_processes_one_mints_the_token() {
    for (what, stored, replaced, minted) in [
        ("no token", None, None, 1),
        ("a token that is refused", Some("UAT0"), Some(refused("UAT0")), 1),
        ("one that is due for renewal", Some("UAT0"), Some(Replaced { token: "UAT0".into(), is_refused: false }), 1),
        ("one that another process has replaced", Some("UAT9"), Some(refused("UAT0")), 0),
    ] {
        let memory = Memory::default();
        memory.get(|shared| shared.token = stored.map(str::to_owned));
        let begin = Instant::now();
        let tokens = join_all((0..100).map(|_| memory.mint(replaced.as_ref(), false))).await;
        let expected = if minted == 0 { "UAT9" } else { "UAT1" };
        assert!(tokens.iter().all(|token| token.as_deref() == Some(expected)), "{what}: {tokens:?}");
        memory.get(|shared| assert_eq!((shared.minted, shared.stored), (minted, minted), "{what}"));
        memory.get(|shared| assert!(shared.lock.is_none(), "{what}: no lock is left"));
        assert!(begin.elapsed() < 2 * SECOND, "{what}: {:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_comes_late_takes_the_token_and_deletes_nothing() {
    let memory = Memory::default();
    memory.get(|shared| shared.token = Some("UAT0".to_owned()));
    let first = memory.mint(Some(&refused("UAT0")), false).await;
    // It was refused the old token as well, and finds the new one.
    assert_eq!(memory.mint(Some(&refused("UAT0")), false).await, first);
    memory.get(|shared| assert_eq!((shared.minted, shared.token.clone()), (1, first)));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_stored_just_before_the_lock_is_granted_is_used() {
    let memory = Memory::default();
    memory.get(|shared| shared.stored_meanwhile = Some("UAT9".to_owned()));
    assert_eq!(memory.mint(None, false).await.as_deref(), Some("UAT9"));
    memory.get(|shared| assert!(shared.minted == 0 && shared.lock.is_none(), "{shared:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_a_lock_no_longer_than_its_deadline() {
    let (memory, service) = (Memory::default(), MockService::new());
    memory.get(|shared| shared.lock = Some(("other".to_owned(), Instant::now() + 1000 * SECOND)));
    let kandy = service.builder().token_store(memory.clone()).build().expect("a client");
    let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
    let error = device.send_sms("+12245556666", "Hello").deadline(2 * SECOND).await.expect_err("no token in time");
    assert!(error.is_timeout() && !error.may_have_been_applied(), "{error}");
    assert_eq!((error.elapsed(), service.requests().len()), (2 * SECOND, 0), "{error}");
    // Once the lock ends, a call mints, and stores the token.
    memory.get(|shared| shared.lock = None);
    device.send_sms("+12245556666", "Hello").await.expect("sent");
    memory.get(|shared| assert!(shared.stored == 1 && shared.lock.is_none(), "{shared:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_holder_died_ends_by_its_lifetime() {
    let memory = Memory::default();
    assert!(matches!(memory.lock(&owner(), LOCK_LIFETIME).await, Ok(TokenLock::Granted(_))));
    let begin = Instant::now();
    let tokens = join_all((0..100).map(|_| memory.mint(None, false))).await;
    assert!(tokens.iter().all(|token| token.as_deref() == Some("UAT1")), "{tokens:?}");
    let took = begin.elapsed();
    assert!(took >= LOCK_LIFETIME && took < LOCK_LIFETIME + 2 * SECOND, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_to_mint_the_next_process_tries_at_once() {
    let memory = Memory::default();
    let begin = Instant::now();
    let outcomes = join_all([memory.mint(None, true), memory.mint(None, false), memory.mint(None, false)]).await;
    assert_eq!(outcomes, [None, Some("UAT2".to_owned()), Some("UAT2".to_owned())]);
    assert!(begin.elapsed() < 3 * SECOND, "not the lifetime of the lock: {:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_never_ends_stops_no_process() {
    let memory = Memory::default();
    memory.get(|shared| shared.lock = Some(("other".to_owned(), Instant::now() + 1000 * SECOND)));
    let begin = Instant::now();
    assert_eq!(memory.mint(None, false).await.as_deref(), Some("UAT1"));
    let took = begin.elapsed();
    assert!(took >= LONGEST_WAIT && took < LONGEST_WAIT + 3 * SECOND, "{took:?}");
    memory.get(|shared| assert!(shared.lock.is_some(), "that of another process stays"));
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_is_slower_than_its_lock_leaves_that_of_the_next_one() {
    let memory = Memory::default();
    let slow = SharedToken { store: &memory, owner: owner(), clock: &SystemClock };
    let Found::Missing(lock) = slow.find(None).await else { panic!("no token is stored") };
    tokio::time::sleep(LOCK_LIFETIME).await;
    let Found::Missing(next) = slow.find(None).await else { panic!("no token is stored") };
    assert_ne!(lock, next);
    slow.finish(lock, Some(&"UAT1".into())).await;
    memory.get(|shared| assert_eq!(shared.lock.as_ref().map(|(id, _)| id.as_str()), Some("2")));
}

#[tokio::test(start_paused = true)]
async fn where_the_store_fails_each_process_mints_at_once() {
    for (failing, minted) in [
        (vec!["load", "lock", "store", "invalidate", "unlock"], 3),
        (vec!["invalidate"], 3),
        (vec!["load"], 3),
        (vec!["lock"], 3),
        // Each of them gets the lock after the one before.
        (vec!["store"], 3),
        // The token is stored, so the others find it although the lock stays.
        (vec!["unlock"], 1),
    ] {
        let memory = Memory::default();
        memory.get(|shared| {
            shared.token = Some("UAT0".to_owned());
            shared.failing = failing.clone();
        });
        let begin = Instant::now();
        let refused = refused("UAT0");
        let tokens = join_all((0..3).map(|_| memory.mint(Some(&refused), false))).await;
        assert!(tokens.iter().all(Option::is_some), "{failing:?}: {tokens:?}");
        memory.get(|shared| assert_eq!(shared.minted, minted, "{failing:?}"));
        assert!(begin.elapsed() < 5 * SECOND, "{failing:?}: {:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_not_asked_again_before_the_token_is_minted() {
    for (failing, asked) in [("invalidate", 1), ("load", 2), ("lock", 3)] {
        let memory = Memory::default();
        memory.get(|shared| shared.failing = vec![failing]);
        let shared = SharedToken { store: &memory, owner: owner(), clock: &SystemClock };
        assert!(matches!(shared.find(Some(&refused("UAT0"))).await, Found::Missing(None)), "{failing}");
        memory.get(|shared| assert_eq!(shared.calls.values().sum::<usize>(), asked, "{failing}: {:?}", shared.calls));
    }
}
