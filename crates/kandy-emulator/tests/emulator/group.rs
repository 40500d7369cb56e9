//! The chapter on groups.

use kandy_emulator::NewGroup;
use serde_json::json;

use crate::common::{Kandy, envelope};

#[tokio::test]
async fn members_see_the_details() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    for id in ["anna", "bert"] {
        kandy.user(&domain, id).await;
    }
    let stranger = kandy.user(&domain, "stranger").await;
    let friends = NewGroup::new("Friends").owner(&russ.full_id).member("anna@example.com");
    let id = kandy.emulator.create_group(friends.muted_member("bert@example.com")).expect("a group");

    let details = kandy.call("group_get", &[("key", &russ.token), ("group_id", &id)]).await;
    let created = details.result()["creation_time"].as_i64().expect("a number");
    assert!(created > 1_700_000_000_000);
    let expected = json!({
        "group_id": id,
        "group_name": "Friends",
        "group_image": {},
        "max_members": "50",
        "owners": [{"full_user_id": "russ@example.com", "muted": false}],
        "creation_time": created,
        "members": [
            {"full_user_id": "anna@example.com", "muted": false},
            {"full_user_id": "bert@example.com", "muted": true},
        ],
        "muted": false,
    });
    assert_eq!(details.result(), &expected);

    for (token, id, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", 700),
        (&russ.token, "", 3),
        (&stranger.token, &id, 702),
        (&domain.token, &id, 11),
    ] {
        assert_eq!(kandy.call("group_get", &[("key", token), ("group_id", id)]).await.status(), status, "{id}");
    }
    assert_eq!(kandy.call("group_get", &[("group_id", &id)]).await.status(), 15);
}

#[tokio::test]
async fn a_message_reaches_all_others() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let (bert, none) = (kandy.user(&domain, "bert").await, kandy.user(&domain, "none").await);
    kandy.call("device_delete", &[("key", &none.token), ("device_id", &none.device)]).await;
    let friends = NewGroup::new("Friends").owner(&russ.full_id).member(&anna.full_id).member(&none.full_id);
    let id = kandy.emulator.create_group(friends).expect("a group");

    let message = |group: &str| {
        json!({"message": {
            "contentType": "text",
            "group_id": group,
            "UUID": "abc2fa752c3c4edf97de8b0a12f622f0",
            "message": {"mimeType": "text/plain", "text": "this is the text to send"},
        }})
    };
    let sent = kandy.post("group_message_send", &[("key", &anna.token)], &message(&id)).await;
    assert_eq!((sent.status(), sent.message()), (0, "success"));
    let pending = kandy.messages(&russ.token, &russ.device).await;
    let expected = json!({
        "messageType": "groupChat",
        "contentType": "text",
        "group_id": id,
        "sender": {"user_id": "anna", "domain_name": "example.com", "full_user_id": "anna@example.com"},
        "UUID": "abc2fa752c3c4edf97de8b0a12f622f0",
        "timestamp": pending[0]["timestamp"],
        "message": {"mimeType": "text/plain", "text": "this is the text to send"},
    });
    assert_eq!(pending, [expected]);
    assert!(kandy.messages(&anna.token, &anna.device).await.is_empty(), "the sender");
    assert!(kandy.messages(&bert.token, &bert.device).await.is_empty(), "not a member");

    let without = |member: &str| {
        let mut body = message(&id);
        body["message"].as_object_mut().expect("an object").remove(member);
        body
    };
    for (token, body, status) in [
        (&anna.token, message("834f42eb5a1144a3b679f2d0be20112c"), 700),
        (&bert.token, message(&id), 702),
        (&anna.token, without("group_id"), 3),
        (&anna.token, without("UUID"), 3),
        (&anna.token, without("contentType"), 3),
        (&anna.token, without("message"), 3),
        (&anna.token, json!({}), 3),
        (&anna.token, json!([]), 710),
        (&anna.token, json!({"message": "text"}), 710),
    ] {
        assert_eq!(kandy.post("group_message_send", &[("key", token)], &body).await.status(), status, "{body}");
    }
    let malformed = kandy.request("group_message_send", &[("key", &anna.token)]).body("{");
    let answer = envelope(malformed).await;
    assert_eq!((answer.http, answer.status()), (200, 710));
}

#[tokio::test]
async fn a_group_has_users_of_one_domain() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    let group = || NewGroup::new("Friends").owner(&russ.full_id);
    for (group, status) in [
        (NewGroup::new("Nobody"), 15),
        (group().member("nobody@example.com"), 701),
        (group().member("russ"), 701),
        (group().member(&stranger.full_id), 701),
        (group().member(&russ.full_id), 16),
        (group().max_members(0), 16),
    ] {
        let refused = kandy.emulator.create_group(group.clone()).expect_err("a fault");
        assert_eq!(refused.status.0, status, "{group:?}");
    }
    assert_eq!(kandy.emulator.state().groups, 0);
}
