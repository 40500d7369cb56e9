//! When a lost channel is opened again, and with which token (dossier, section 6, item 4).

use std::time::Duration;

use kandy::Channel;

use super::{connected, ended, lost, open};
use crate::support::{
    channel_server::{ChannelServer, PONG, frame},
    mock_server::{json_response, response},
};

const SECOND: Duration = Duration::from_secs(1);

/// Refuses the next attempts with a response each. Returns the waits that follow on them.
async fn refuse(server: &mut ChannelServer, channel: &mut Channel, responses: &[Vec<u8>]) -> Vec<Duration> {
    let mut waits = Vec::new();
    for response in responses {
        server.upgrade().await.respond(response).await;
        let (wait, _) = lost(channel).await;
        waits.push(wait);
        if !wait.is_zero() {
            server.clock.pass(wait).await;
        }
    }
    waits
}

#[tokio::test]
async fn waits_not_at_all_then_up_to_a_bound_that_doubles() {
    let unavailable = vec![response(503, "", ""); 10];
    for (random, expected) in [
        (1.0, [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]),
        (0.5, [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]),
        (0.0, [0.0; 10]),
    ] {
        let mut server = ChannelServer::start().await;
        server.clock.set_random(random);
        let mut channel = server.user.channel();
        let (waits, ()) = tokio::join!(
            async {
                let mut waits = Vec::new();
                for _ in 0..10 {
                    waits.push(lost(&mut channel).await.0);
                }
                waits
            },
            async {
                for (response, wait) in unavailable.iter().zip(expected) {
                    server.upgrade().await.respond(response).await;
                    if wait > 0.0 {
                        server.clock.pass(Duration::from_secs_f64(wait)).await;
                    }
                }
            }
        );
        let waits: Vec<f64> = waits.iter().map(Duration::as_secs_f64).collect();
        assert_eq!(waits, expected);
    }
}

#[tokio::test]
async fn a_connection_of_60_seconds_resets_the_waits_and_a_shorter_one_does_not() {
    for (healthy, expected) in [(59, [4, 8, 16]), (60, [0, 1, 2])] {
        let mut server = ChannelServer::start().await;
        let (mut channel, peer) = open(&mut server).await;
        peer.close(1001, "").await;
        assert_eq!(lost(&mut channel).await.0, Duration::ZERO);
        let waits = refuse(&mut server, &mut channel, &[response(503, "", ""), response(503, "", "")]).await;
        assert_eq!(waits, [SECOND, 2 * SECOND]);
        let mut peer = server.accept().await;
        connected(&mut channel).await;
        peer.expect_ping().await;
        server.clock.sleeping_for(30 * SECOND).await;
        peer.bytes(frame(0x80 | PONG, b"")).await;
        server.clock.pass(30 * SECOND).await;
        peer.expect_ping().await;
        server.clock.sleeping_for(30 * SECOND).await;
        server.clock.advance((healthy - 30) * SECOND);
        peer.close(1001, "").await;
        let (wait, _) = lost(&mut channel).await;
        assert_eq!(wait, expected[0] * SECOND, "after {healthy} s");
        if !wait.is_zero() {
            server.clock.pass(wait).await;
        }
        let waits = refuse(&mut server, &mut channel, &[response(503, "", ""), response(503, "", "")]).await;
        assert_eq!(waits, expected[1..].iter().map(|wait| *wait * SECOND).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn waits_as_long_as_the_service_asks() {
    for (status, after, expected) in [
        (429, "17", 17),
        (503, "90", 90),
        // Ten seconds after the date of the clock.
        (503, "Sun, 06 Nov 1994 08:49:47 GMT", 10),
        (503, "Sun, 06 Nov 1994 08:49:37 GMT", 0),
        (429, "soon", 0),
        // An hour at most, so that an odd server does not end the channel.
        (429, "18446744073709551615", 3600),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", 3600),
    ] {
        let mut server = ChannelServer::start().await;
        let mut channel = server.user.channel();
        let refused = response(status, &format!("retry-after: {after}\r\n"), "");
        let ((wait, _), ()) = tokio::join!(lost(&mut channel), async { server.upgrade().await.respond(refused).await });
        assert_eq!(wait, expected * SECOND, "{status} {after}");
        if !wait.is_zero() {
            server.clock.pass(wait).await;
        }
        drop(server.accept().await);
        connected(&mut channel).await;
    }
}

#[tokio::test]
async fn asks_for_the_configuration_before_each_connection() {
    let mut server = ChannelServer::start().await;
    let (mut channel, peer) = open(&mut server).await;
    assert_eq!(server.rest().requests_of("data_channel_configuration_get"), 1);
    let mut other = ChannelServer::start().await;
    server.rest().configuration = other.rest().configuration.clone();
    peer.close(1001, "moved").await;
    let peer = other.accept().await;
    lost(&mut channel).await;
    connected(&mut channel).await;
    assert_eq!(server.rest().requests_of("data_channel_configuration_get"), 2);
    // A configuration that cannot be had is a failed attempt as any other.
    server.rest().configuration_response = Some(response(502, "", ""));
    peer.close(1001, "").await;
    assert_eq!(lost(&mut channel).await.0, SECOND, "the second wait");
    server.clock.sleeping_for(SECOND).await;
    assert_eq!(lost_or_nothing(&mut channel), None);
    server.rest().configuration_response = None;
    server.clock.advance(SECOND);
    drop(other.accept().await);
    connected(&mut channel).await;
}

/// Returns what the channel has at the moment, as text.
fn lost_or_nothing(channel: &mut Channel) -> Option<String> {
    futures_util::FutureExt::now_or_never(channel.next()).map(|event| format!("{event:?}"))
}

/// Responses that refuse a token. How the service does it is not on record: the emulator chose HTTP 401 with the envelope,
/// and REST calls use status 10 with HTTP 200, too.
fn token_refusals() -> [Vec<u8>; 5] {
    [
        response(401, "", ""),
        response(403, "", ""),
        json_response(401, r#"{"status": 10, "message": "token expired"}"#),
        json_response(403, r#"{"status": 11, "message": "no"}"#),
        json_response(200, r#"{"status": 10, "message": "token expired"}"#),
    ]
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    for refusal in token_refusals() {
        let mut server = ChannelServer::start().await;
        let mut channel = server.user.channel();
        let (tokens, error) = tokio::join!(
            async {
                let first = server.upgrade().await;
                let first_token = first.token().to_owned();
                first.respond(&refusal).await;
                let second = server.upgrade().await;
                let second_token = second.token().to_owned();
                second.respond(&refusal).await;
                [first_token, second_token]
            },
            ended(&mut channel)
        );
        assert_eq!(tokens, ["UAT-1", "UAT-2"]);
        assert!(error.is_unauthorized(), "{error}");
        assert_eq!(server.waiting_upgrades(), 0);
        assert_eq!(server.clock.sleeps(), 0, "the new token is tried at once, and then nothing");
    }
}

#[tokio::test]
async fn a_static_token_that_is_refused_ends_the_channel() {
    for refusal in token_refusals() {
        let mut server = ChannelServer::start().await;
        let mut channel = server.kandy.user_with_token("UAT-static").channel();
        let (token, error) = tokio::join!(
            async {
                let upgrade = server.upgrade().await;
                let token = upgrade.token().to_owned();
                upgrade.respond(&refusal).await;
                token
            },
            ended(&mut channel)
        );
        assert_eq!(token, "UAT-static");
        assert!(error.is_unauthorized(), "{error}");
        assert_eq!((server.waiting_upgrades(), server.rest().tokens), (0, 0));
    }
}

#[tokio::test]
async fn a_renewed_token_that_works_may_be_renewed_again_later() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for number in 1..5 {
        peer.expect_ping().await;
        server.clock.sleeping_for(30 * SECOND).await;
        server.clock.advance(3 * SECOND);
        peer.close(4401, "the access token has ended").await;
        let (wait, error) = lost(&mut channel).await;
        assert!(error.to_string().contains("closed with code 4401: the access token has ended"), "{error}");
        if !wait.is_zero() {
            server.clock.pass(wait).await;
        }
        let upgrade = server.upgrade().await;
        assert_eq!(upgrade.token(), format!("UAT-{number}"));
        upgrade.respond(response(401, "", "")).await;
        let upgrade = server.upgrade().await;
        assert_eq!(upgrade.token(), format!("UAT-{}", number + 1));
        peer = upgrade.accept().await;
        connected(&mut channel).await;
    }
}

#[tokio::test]
async fn two_connections_that_end_at_once_renew_the_token_once() {
    let mut server = ChannelServer::start().await;
    let mut tokens = Vec::new();
    let mut channel = server.user.channel();
    for _ in 0..6 {
        let (peer, ()) = tokio::join!(
            async {
                let upgrade = server.upgrade().await;
                tokens.push(upgrade.token().to_owned());
                upgrade.accept().await
            },
            connected(&mut channel)
        );
        peer.close(1008, "").await;
        let (wait, _) = lost(&mut channel).await;
        if !wait.is_zero() {
            server.clock.pass(wait).await;
        }
    }
    assert_eq!(tokens, ["UAT-1", "UAT-1", "UAT-2", "UAT-2", "UAT-2", "UAT-2"]);
}

#[tokio::test]
async fn a_refused_token_is_not_used_again_while_no_other_can_be_minted() {
    let mut server = ChannelServer::start().await;
    let (mut channel, peer) = open(&mut server).await;
    peer.close(1001, "").await;
    lost(&mut channel).await;
    let refused = server.upgrade().await;
    assert_eq!(refused.token(), "UAT-1");
    server.rest().token_response = Some(response(503, "", ""));
    refused.respond(response(401, "", "")).await;
    let (wait, error) = lost(&mut channel).await;
    assert_eq!(error.operation(), Some("user_access_token_get"), "{error}");
    server.rest().token_response = None;
    server.clock.pass(wait).await;
    let upgrade = server.upgrade().await;
    assert_eq!(upgrade.token(), "UAT-2");
    drop(upgrade.accept().await);
    connected(&mut channel).await;
}
