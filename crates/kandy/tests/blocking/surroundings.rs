//! The same program where no runtime runs, and where one does: it never panics, also where the client is built or dropped.

use kandy::blocking::{Kandy, PendingCall};
use kandy_emulator::Emulator;

use crate::{client, domain, user};

/// Builds a client, makes calls of several kinds, and drops everything.
fn program() {
    let emulator = Emulator::start().expect("a free port");
    let run = || -> kandy::Result<()> {
        let kandy = client(&emulator);
        let domain = domain(&kandy, &emulator)?;
        let (_, phone) = user(&domain, "russ")?;
        phone.send_sms("+12245556666", "Hello").from("+11234567890").send()?;
        let users: kandy::Result<Vec<_>> = domain.users().iter().map(|user| Ok(user?.user_id.to_string())).collect();
        assert_eq!(users?, ["russ"]);
        let outcomes = domain.create_users(["anna", "bert"]).in_order();
        assert!(outcomes.map(|outcome| outcome.result.is_ok()).eq([true, true]));
        assert!(phone.messages().iter().next_within(std::time::Duration::ZERO)?.is_none());
        // Dropped while it runs.
        drop(domain.users().start());
        Ok(())
    };
    run().expect("no error");
    assert_eq!(emulator.sms().len(), 1);
}

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn multi_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

#[test]
fn works_inside_and_outside_of_a_runtime() {
    let surroundings: [(&str, fn()); 6] = [
        ("no runtime", program),
        ("a current-thread runtime", || current_thread().block_on(async { program() })),
        ("a multi-thread runtime", || multi_thread().block_on(async { program() })),
        ("a task", || multi_thread().block_on(async { tokio::spawn(async { program() }).await.expect("no panic") })),
        ("a local task", || {
            let local = tokio::task::LocalSet::new();
            local.block_on(&current_thread(), async {
                tokio::task::spawn_local(async { program() }).await.expect("no panic");
            });
        }),
        ("a thread for blocking calls", || {
            current_thread().block_on(async { tokio::task::spawn_blocking(program).await.expect("no panic") });
        }),
    ];
    for (name, run) in surroundings {
        eprintln!("in {name}");
        run();
    }
}

#[test]
fn a_client_moves_between_surroundings() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = current_thread().block_on(async { client(&emulator) });
    let domain = domain(&kandy, &emulator).expect("a domain");
    let pending: PendingCall<_> = multi_thread().block_on(async { domain.create_user("russ").start() });
    assert!(pending.wait().is_ok(), "the runtime in which it was started has ended");
    let mut users = domain.users().iter();
    assert_eq!(users.next().expect("a user").expect("no error").user_id.as_str(), "russ");
    // Dropped in an async context, the list in the middle.
    current_thread().block_on(async move { drop((users, domain, kandy)) });
}

#[test]
fn a_client_is_made_of_an_asynchronous_one() {
    let service = kandy::testing::MockService::new();
    let kandy = Kandy::try_from(service.client()).expect("a thread");
    assert!(!kandy.domain("DAK", "DAS").users().send().expect("the example").is_empty());
}

#[test]
fn runs_asynchronous_code() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    domain.create_user("russ").send().expect("a user");
    let raw = domain.raw().clone();
    let users = kandy.block_on(async move { raw.user_list().await }).expect("it ran").expect("a response");
    assert_eq!(users.into_inner().into_result().expect("a list").users.len(), 1);
    let other = domain.as_async().clone();
    assert_eq!(kandy.block_on(async move { other.users().await }).expect("it ran").expect("a list").len(), 1);
}
