//! Operations of the tag Group.

use std::slice::from_ref;

use kandy_emulator::NewGroup;
use serde_json::{Value, json};

use crate::fixture::{Kandy, User, envelope, users};

/// Returns the pending events of a user, with their type-specific fields, and deletes them.
pub(crate) async fn events(kandy: &Kandy, user: &User) -> Vec<Value> {
    let mut events = kandy.messages(&user.token, &user.device).await;
    let ids: Vec<_> = events.iter().map(|event| event["UUID"].clone()).collect();
    let (ids, from) = (json!(ids).to_string(), ("device_id", user.device.as_str()));
    kandy.call("message_delete", &[("key", &user.token), from, ("messages", &ids)]).await.result();
    for event in &mut events {
        let event = event.as_object_mut().expect("an object");
        assert_eq!(event.remove("UUID").expect("an id").as_str().map(str::len), Some(32));
        assert!(event.remove("timestamp").expect("a time").is_string());
        event.insert("sender".to_owned(), event["sender"]["full_user_id"].clone());
    }
    events
}

/// Creates a group of russ with other members.
pub(crate) async fn group(kandy: &Kandy, russ: &User, others: &[&User]) -> String {
    let created = kandy.post("group_create", &[("key", &russ.token)], &json!({"group_name": "Friends"})).await;
    let id = created.text("group_id");
    if !others.is_empty() {
        let members: Vec<_> = others.iter().map(|user| &user.full_id).collect();
        let query = [("key", russ.token.as_str()), ("group_id", &id)];
        kandy.post("group_member_add", &query, &json!({"members": members})).await.result();
    }
    for user in others {
        assert_eq!(events(kandy, user).await.len(), 1);
    }
    id
}

async fn details(kandy: &Kandy, user: &User, id: &str) -> Value {
    kandy.call("group_get", &[("key", &user.token), ("group_id", id)]).await.result().clone()
}

#[tokio::test]
async fn creator_owns_the_group() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let listed = async |user: &User| {
        let list = kandy.call("group_list", &[("key", &user.token)]).await;
        list.result()["groups"].as_array().expect("a list").clone()
    };
    assert!(listed(&russ).await.is_empty());

    let image = json!({"content_uuid": "5c1d", "content_name": "friends.png", "file_length_bytes": 20480});
    let body = json!({"group_name": "Friends", "group_image": image});
    let id = kandy.post("group_create", &[("key", &russ.token)], &body).await.text("group_id");
    assert!(id.len() == 32 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    let created = details(&kandy, &russ, &id).await;
    assert_eq!(listed(&russ).await, from_ref(&created));
    assert!(listed(&anna).await.is_empty());
    assert_eq!((&created["group_name"], &created["group_image"]), (&json!("Friends"), &image));
    assert_eq!((&created["max_members"], &created["muted"]), (&json!("100"), &json!(false)));
    assert_eq!(created["owners"], json!([{"full_user_id": "russ@example.com", "muted": false}]));
    assert_eq!(created["members"], json!([]));
    assert_eq!(kandy.call("group_list", &[]).await.status(), 15);
}

#[tokio::test]
async fn name_is_optional_and_takes_every_form() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let key = [("key", russ.token.as_str())];
    let in_query = [("key", russ.token.as_str()), ("group_name", "Friends")];
    let image_as_text = json!({"group_name": "Friends", "group_image": "friends.png"}).to_string();
    for (request, name) in [
        (kandy.request("group_create", &in_query), json!("Friends")),
        (kandy.request("group_create", &key).form(&[("group_name", "Friends")]), json!("Friends")),
        (kandy.request("group_create", &key).body(image_as_text), json!("Friends")),
        (kandy.request("group_create", &key).json(&json!({"group_name": null})), Value::Null),
        (kandy.request("group_create", &key), Value::Null),
    ] {
        let id = kandy.send("group_create", request).await.text("group_id");
        let group = details(&kandy, &russ, &id).await;
        assert_eq!((group.get("group_name"), &group["group_image"]), (Some(&name), &Value::Null));
    }
    let state = kandy.emulator.state();
    assert_eq!((state.groups, state.group_names.len()), (5, 3));
    let malformed = kandy.request("group_create", &key).body("{");
    let response = envelope(malformed).await;
    assert_eq!((response.http, response.status()), (400, 14));
}

#[tokio::test]
async fn owners_update() {
    let kandy = Kandy::start();
    let (domain, [russ, anna, stranger]) = users(&kandy, ["russ", "anna", "stranger"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    let key = [("key", russ.token.as_str())];
    let renamed = json!({"group_id": id, "group_name": "Best friends"});
    kandy.post("group_update", &key, &renamed).await.result();
    let update = json!({"messageType": "chatGroupUpdate", "group_id": id, "sender": "russ@example.com"});
    assert_eq!(events(&kandy, &anna).await, from_ref(&update));
    kandy.post("group_update", &key, &renamed).await.result();
    assert!(events(&kandy, &anna).await.is_empty(), "nothing changed");
    assert!(events(&kandy, &russ).await.is_empty(), "it was he");

    // Disagreement 12: the fields of the body in the query.
    let in_query = [("key", russ.token.as_str()), ("group_id", id.as_str()), ("group_name", "Others")];
    kandy.post("group_update", &in_query, &json!({"group_image": {"content_uuid": "5c1d"}})).await.result();
    let group = details(&kandy, &anna, &id).await;
    assert_eq!((&group["group_name"], &group["group_image"]), (&json!("Others"), &json!({"content_uuid": "5c1d"})));
    kandy.call("group_update", &in_query).await.result();
    kandy.post("group_update", &in_query, &json!({"group_id": id, "group_name": "Friends"})).await.result();
    kandy.post("group_update", &key, &json!({"group_id": id, "group_image": {}})).await.result();
    let group = details(&kandy, &anna, &id).await;
    assert_eq!((&group["group_name"], &group["group_image"]), (&json!("Friends"), &Value::Null));
    assert_eq!(events(&kandy, &anna).await, [update.clone(), update.clone(), update]);

    for (token, id, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", 700),
        (&russ.token, "", 3),
        (&stranger.token, &id, 702),
        (&anna.token, &id, 11),
        (&domain.token, &id, 11),
    ] {
        let body = json!({"group_id": id, "group_name": "Ours"});
        assert_eq!(kandy.post("group_update", &[("key", token)], &body).await.status(), status, "{id}");
    }
    assert_eq!(details(&kandy, &anna, &id).await["group_name"], "Friends");
}

#[tokio::test]
async fn owners_delete() {
    let kandy = Kandy::start();
    let (_, [russ, anna, stranger]) = users(&kandy, ["russ", "anna", "stranger"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    let delete =
        async |token: &str, id: &str| kandy.call("group_delete", &[("key", token), ("group_id", id)]).await.status();
    for (token, id, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", 700),
        (&russ.token, "", 3),
        (&stranger.token, &id, 702),
        (&anna.token, &id, 11),
        (&russ.token, &id, 0),
        (&russ.token, &id, 700),
    ] {
        assert_eq!(delete(token, id).await, status, "{id}");
    }
    let event = json!({"messageType": "chatGroupDelete", "group_id": id, "sender": "russ@example.com"});
    assert_eq!(events(&kandy, &anna).await, [event]);
    assert!(events(&kandy, &russ).await.is_empty());
    for user in [&russ, &anna] {
        assert_eq!(kandy.call("group_list", &[("key", &user.token)]).await.result()["groups"], json!([]));
    }
    assert_eq!(kandy.emulator.state().groups, 0);
}

#[tokio::test]
async fn members_see_details() {
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
        "group_image": null,
        "max_members": "100",
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
async fn message_reaches_all_other_members() {
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
    let response = envelope(malformed).await;
    assert_eq!((response.http, response.status()), (200, 710));
}

#[tokio::test]
async fn members_are_of_one_domain() {
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
