//! Iterators: the inbox, lists, bulk calls and pools.

use std::{cell::Cell, rc::Rc, time::Duration};

use kandy::{NewUser, blocking::CallPool};
use kandy_emulator::Emulator;

use crate::{client, domain, requests_of, user};

#[test]
fn messages_are_deleted_after_they_are_acknowledged() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let ((_, phone), (_, tablet)) = (user(&domain, "russ")?, user(&domain, "anna")?);
    for text in ["one", "two", "three"] {
        phone.send_message("anna@example.com", text).send()?;
    }
    let text = |message: &kandy::PendingMessage| {
        message.content.as_ref().and_then(|content| content.text()).map(str::to_owned).unwrap_or_default()
    };

    let mut inbox = tablet.messages().min_interval(Duration::from_millis(1)).iter();
    // A wait that ends early loses nothing.
    let early = inbox.next_within(Duration::ZERO)?;
    let texts: Vec<_> = early
        .into_iter()
        .map(Ok)
        .chain(&mut inbox)
        .take(2)
        .map(|message| {
            let message = message?;
            message.ack()?;
            message.ack()?;
            Ok(text(&message.into_message()))
        })
        .collect::<kandy::Result<_>>()?;
    assert_eq!(texts, ["one", "two"]);
    inbox.flush()?;
    assert_eq!(tablet.pending_messages().send()?.messages.len(), 1, "the one that is not acknowledged");
    let third = inbox.next_within(Duration::from_secs(20))?.expect("the third");
    assert_eq!(text(&third), "three");
    assert!(!inbox.is_ended() && inbox.undeletable().is_empty());
    inbox.close()?;
    assert_eq!(tablet.pending_messages().send()?.messages.len(), 1);
    third.ack()?;
    assert!(
        tablet.pending_messages().send()?.messages.is_empty(),
        "after the inbox is closed, each is deleted at once"
    );
    Ok(())
}

#[test]
fn an_inbox_ends_after_a_permanent_error() {
    let emulator = Emulator::start().expect("a free port");
    let phone = client(&emulator).user_with_token("UAT-unknown").device("A149");
    let mut inbox = phone.messages().iter();
    let error = inbox.next().expect("an item").expect_err("the token is unknown");
    assert!(error.is_unauthorized(), "{error}");
    assert!(inbox.is_ended() && inbox.next().is_none());
    assert!(inbox.next_within(Duration::from_secs(20)).expect("no second error").is_none());
}

#[test]
fn a_list_yields_every_item_and_its_error() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let ids: Vec<String> = (0..200).map(|at| format!("user{at:03}")).collect();
    assert!(domain.create_users(ids.clone()).all(|outcome| outcome.result.is_ok()));
    let mut listed: Vec<_> =
        domain.users().iter().map(|user| user.map(|user| user.user_id.to_string())).collect::<kandy::Result<_>>()?;
    listed.sort();
    assert_eq!(listed, ids);
    let refused: Vec<_> = kandy.domain_with_token("DAK", "DAT-unknown").users().iter().collect();
    assert!(matches!(&refused[..], [Err(error)] if error.is_unauthorized()), "{refused:?}");
    Ok(())
}

#[test]
fn a_bulk_takes_items_only_as_there_is_room() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = taken.clone();
    let items = (0..50).map(move |at| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        NewUser::new(if at == 7 { "no@good".to_owned() } else { format!("user{at}") })
    });
    let outcomes = domain.create_users(items).concurrency(4).in_order();
    for (at, outcome) in outcomes.enumerate() {
        assert_eq!(outcome.position, at);
        assert_eq!(outcome.result.is_ok(), at != 7, "{:?}", outcome.result);
        let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
        assert!(taken <= at + 4, "{taken} items are taken at outcome {at}");
    }
    assert_eq!(requests_of(&emulator, "user_create"), 49);
    Ok(())
}

#[test]
fn a_pool_sends_what_is_pushed() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    // Items of an iterator that cannot be sent to another thread.
    let count = Rc::new(Cell::new(0));
    let mut pool = CallPool::new(&kandy, 2).in_order();
    let mut finished = Vec::new();
    for user_id in ["russ", "anna", "bert", "russ"] {
        if pool.room() == 0 {
            finished.extend(pool.next());
        }
        count.set(count.get() + 1);
        pool.push(count.get(), domain.create_user(user_id));
    }
    assert_eq!((pool.len(), pool.is_empty(), pool.is_rate_limited()), (2, false, false));
    finished.extend(&mut pool);
    let results: Vec<_> = finished.iter().map(|outcome| (outcome.item, outcome.result.is_ok())).collect();
    assert_eq!(results, [(1, true), (2, true), (3, true), (4, false)]);
    assert!(pool.next().is_none());
    Ok(())
}

#[test]
fn a_pool_returns_its_calls() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let mut pool = CallPool::new(&kandy, 2).in_order();
    for user_id in ["russ", "anna"] {
        pool.push_with(domain.create_user(user_id), move |call| (user_id, call));
    }
    let outcomes: Vec<_> = pool.by_ref().collect();
    let ids: Vec<_> = outcomes.iter().map(|outcome| (outcome.item.0, outcome.result.is_ok())).collect();
    assert_eq!(ids, [("russ", true), ("anna", true)]);
    for outcome in outcomes {
        // The service knows the user by now.
        assert!(outcome.item.1.send().is_err());
    }
    Ok(())
}
