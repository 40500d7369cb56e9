//! An inbox with push reports each change of the way in which messages arrive, once.

use std::time::Duration;

use super::output::{Output, OutputSubscriber};
use crate::support::{channel_server::ChannelServer, mock_server::response, virtual_clock::settle};

/// Polls the inbox until it has nothing to do.
async fn idle(inbox: &mut kandy::Inbox) {
    tokio::select! {
        biased;
        item = inbox.next() => panic!("{item:?}"),
        () = settle() => {}
    }
}

#[tokio::test]
async fn each_change_of_the_delivery_is_reported_once() {
    let (traced, observed) = (Output::default(), Output::default());
    let _guard = tracing::subscriber::set_default(OutputSubscriber(traced.clone(), "kandy"));
    let observer = observed.clone();
    let mut server = ChannelServer::configured(move |builder| builder.observer(observer)).await;
    let mut inbox = server.user.device("A149").messages().push().stream();
    let mut peer = None;
    for (is_up, expected) in
        [(false, "poll"), (false, "poll"), (true, "push"), (false, "poll"), (false, "poll"), (true, "push")]
    {
        if let Some(peer) = peer.take() {
            let peer: crate::support::channel_server::Peer = peer;
            let closing = tokio::spawn(peer.close(1001, ""));
            idle(&mut inbox).await;
            closing.await.expect("closed");
        }
        let upgrade = loop {
            idle(&mut inbox).await;
            if server.waiting_upgrades() > 0 {
                break server.upgrade().await;
            }
            server.clock.advance(Duration::from_millis(100));
        };
        match is_up {
            true => peer = Some(upgrade.accept().await),
            false => upgrade.respond(response(405, "", "")).await,
        }
        idle(&mut inbox).await;
        // The first attempt after a loss follows at once, and only its failure is a change.
        assert_eq!(inbox.is_pushed(), expected == "push");
    }
    let changes: Vec<_> = traced.take().into_iter().filter(|text| text.contains("kandy.inbox.delivery=")).collect();
    let events: Vec<_> = changes.iter().filter(|text| text.contains("the delivery of messages changed")).collect();
    let delivery = |text: &str| if text.contains("delivery=push") { "push" } else { "poll" };
    assert_eq!(events.iter().map(|text| delivery(text)).collect::<Vec<_>>(), ["push", "poll", "push"], "{changes:#?}");
    // The span says so from the beginning, and with each change.
    let fields: Vec<_> =
        changes.iter().filter(|text| !text.contains("the delivery")).map(|text| delivery(text)).collect();
    assert_eq!(fields, ["poll", "push", "poll", "push"], "{changes:#?}");
    let states: Vec<_> = observed.take().into_iter().filter(|text| !text.starts_with("CallEvent")).collect();
    let states = states.iter().filter_map(|text| ["Connected", "Lost"].into_iter().find(|state| text.contains(state)));
    let states: Vec<_> = states.collect();
    assert_eq!(states, ["Lost", "Lost", "Connected", "Lost", "Lost", "Lost", "Connected"]);
}
