//! Operations of the tag Group: members and muting.

use std::slice::from_ref;

use kandy_emulator::NewGroup;
use serde_json::{Value, json};

use crate::{
    fixture::{Kandy, User, users},
    group::{events, group},
};

/// The full user ids of the owners, and those of the other members.
async fn members(kandy: &Kandy, user: &User, id: &str) -> [Vec<String>; 2] {
    let details = kandy.call("group_get", &[("key", &user.token), ("group_id", id)]).await;
    ["owners", "members"].map(|kind| {
        let listed = details.result()[kind].as_array().expect("a list").iter();
        listed.map(|member| member["full_user_id"].as_str().expect("an id").to_owned()).collect()
    })
}

/// A message to a group.
fn hello(id: &str) -> Value {
    json!({"message": {
        "contentType": "text",
        "group_id": id,
        "UUID": "abc2fa752c3c4edf97de8b0a12f622f0",
        "message": {"mimeType": "text/plain", "text": "hello"},
    }})
}

#[tokio::test]
async fn owners_add() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert, carl]) = users(&kandy, ["russ", "anna", "bert", "carl"]).await;
    let other = kandy.domain("example.org").await;
    let foreign = kandy.user(&other, "foreign").await;
    let id = group(&kandy, &russ, &[]).await;
    let query = [("key", russ.token.as_str()), ("group_id", id.as_str())];
    let anna_and_bert = json!({"members": ["anna@example.com", "bert@EXAMPLE.com", "anna@example.com"]});
    assert_eq!(kandy.post("group_member_add", &query, &anna_and_bert).await.status(), 0);
    let in_it =
        [vec!["russ@example.com".to_owned()], vec!["anna@example.com".to_owned(), "bert@example.com".to_owned()]];
    assert_eq!(members(&kandy, &bert, &id).await, in_it);
    let invite = json!({"messageType": "chatGroupInvite", "group_id": id, "sender": "russ@example.com"});
    for invited in [&anna, &bert] {
        assert_eq!(events(&kandy, invited).await, from_ref(&invite));
    }
    assert_eq!(kandy.post("group_member_add", &query, &anna_and_bert).await.status(), 0);
    assert!(events(&kandy, &anna).await.is_empty(), "she is in it already");

    for (token, id, body, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", json!({"members": ["carl@example.com"]}), 700),
        (&carl.token, &id, json!({"members": ["carl@example.com"]}), 702),
        (&anna.token, &id, json!({"members": ["carl@example.com"]}), 11),
        (&russ.token, &id, json!({"members": ["carl@example.com", "nobody@example.com"]}), 701),
        (&russ.token, &id, json!({"members": ["carl@example.com", foreign.full_id]}), 701),
        (&russ.token, &id, json!({"members": ["carl"]}), 701),
        (&russ.token, &id, json!({"members": []}), 3),
        (&russ.token, &id, json!({}), 3),
        (&russ.token, "", json!({"members": ["carl@example.com"]}), 3),
        (&russ.token, &id, json!({"members": [1]}), 16),
        (&russ.token, &id, json!({"members": "carl@example.com"}), 16),
        (&russ.token, &id, json!({"members": {}}), 16),
    ] {
        let query = [("key", token.as_str()), ("group_id", id)];
        assert_eq!(kandy.post("group_member_add", &query, &body).await.status(), status, "{body}");
    }
    assert_eq!(members(&kandy, &russ, &id).await, in_it, "all or none");
    assert!(events(&kandy, &carl).await.is_empty());

    // Disagreement 12: the group in the body, or the members in the query.
    let carl_alone = json!(["carl@example.com"]);
    let in_body = json!({"group_id": id, "members": carl_alone});
    assert_eq!(kandy.post("group_member_add", &query[..1], &in_body).await.status(), 0);
    assert_eq!(events(&kandy, &carl).await, from_ref(&invite));
    let carl_alone = carl_alone.to_string();
    let all = [query[0], query[1], ("members", carl_alone.as_str())];
    assert_eq!(kandy.call("group_member_remove", &all).await.status(), 0);
    assert_eq!(kandy.call("group_member_add", &all).await.status(), 0);
    assert_eq!(events(&kandy, &carl).await[1], invite);
}

#[tokio::test]
async fn group_has_a_member_limit() {
    let kandy = Kandy::start();
    let (_, [russ, _anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    let small = NewGroup::new("Friends").owner(&russ.full_id).max_members(2);
    let id = kandy.emulator.create_group(small).expect("a group");
    let query = [("key", russ.token.as_str()), ("group_id", id.as_str())];
    for (names, status) in [
        (vec!["anna@example.com", "bert@example.com"], 12),
        (vec!["anna@example.com"], 0),
        (vec!["bert@example.com"], 12),
        (vec!["anna@example.com", "russ@example.com"], 0),
    ] {
        let response = kandy.post("group_member_add", &query, &json!({"members": names})).await;
        assert_eq!(response.status(), status, "{names:?}");
    }
    assert!(events(&kandy, &bert).await.is_empty());
}

#[tokio::test]
async fn owners_remove() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert, carl]) = users(&kandy, ["russ", "anna", "bert", "carl"]).await;
    let id = group(&kandy, &russ, &[&anna, &bert]).await;
    let remove = async |token: &str, id: &str, members: &str| {
        kandy.call("group_member_remove", &[("key", token), ("group_id", id), ("members", members)]).await.status()
    };
    let (anna_alone, nobody) = (r#"["anna@example.com"]"#, r#"["anna@example.com","nobody@example.com"]"#);
    for (token, id, members, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", anna_alone, 700),
        (&carl.token, &id, anna_alone, 702),
        (&bert.token, &id, anna_alone, 11),
        (&russ.token, &id, nobody, 701),
        (&russ.token, &id, "", 3),
        (&russ.token, "", anna_alone, 3),
        (&russ.token, &id, "anna@example.com", 16),
        (&russ.token, &id, anna_alone, 0),
        (&russ.token, &id, anna_alone, 0),
        (&russ.token, &id, r#"["carl@example.com"]"#, 0),
    ] {
        assert_eq!(remove(token, id, members).await, status, "{members}");
    }
    let boot = json!({
        "messageType": "chatGroupBoot", "group_id": id, "sender": "russ@example.com", "booted": ["anna@example.com"],
    });
    for told in [&anna, &bert] {
        assert_eq!(events(&kandy, told).await, from_ref(&boot), "once");
    }
    assert!(events(&kandy, &russ).await.is_empty() && events(&kandy, &carl).await.is_empty());
    assert_eq!(kandy.call("group_list", &[("key", &anna.token)]).await.result()["groups"], json!([]));
    let owner = vec!["russ@example.com".to_owned()];
    assert_eq!(members(&kandy, &russ, &id).await, [owner, vec!["bert@example.com".to_owned()]]);
}

#[tokio::test]
async fn members_leave() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert, stranger]) = users(&kandy, ["russ", "anna", "bert", "stranger"]).await;
    let id = group(&kandy, &russ, &[&anna, &bert]).await;
    let leave =
        async |token: &str, id: &str| kandy.call("group_leave", &[("key", token), ("group_id", id)]).await.status();
    for (token, id, status) in [
        (&russ.token, "834f42eb5a1144a3b679f2d0be20112c", 700),
        (&russ.token, "", 3),
        (&stranger.token, &id, 702),
        (&bert.token, &id, 0),
        (&bert.token, &id, 702),
    ] {
        assert_eq!(leave(token, id).await, status, "{id}");
    }
    let left = json!({
        "messageType": "chatGroupLeave", "group_id": id, "sender": "bert@example.com", "leaver": "bert@example.com",
    });
    assert_eq!(events(&kandy, &russ).await, from_ref(&left));
    assert_eq!(events(&kandy, &anna).await, [left]);

    assert_eq!(leave(&russ.token, &id).await, 0);
    let anna_alone = [vec!["anna@example.com".to_owned()], Vec::new()];
    assert_eq!(members(&kandy, &anna, &id).await, anna_alone, "somebody has to own it");
    assert_eq!(leave(&anna.token, &id).await, 0);
    assert_eq!(kandy.emulator.state().groups, 0);
    assert_eq!(leave(&anna.token, &id).await, 700);
}

#[tokio::test]
async fn deleted_user_leaves_groups() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    group(&kandy, &russ, &[]).await;
    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &russ.key)]).await;
    assert_eq!(members(&kandy, &anna, &id).await, [vec!["anna@example.com".to_owned()], Vec::new()]);
    assert_eq!(kandy.emulator.state().groups, 1);
    kandy.emulator.reset();
    assert_eq!(kandy.emulator.state().groups, 0);
}

#[tokio::test]
async fn user_mutes_group() {
    let kandy = Kandy::start();
    let (_, [russ, anna, stranger]) = users(&kandy, ["russ", "anna", "stranger"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    let muted = async |user: &User| {
        let list = kandy.call("group_list", &[("key", &user.token)]).await;
        list.result()["groups"][0]["muted"].as_bool().expect("a flag")
    };
    let key = ("key", anna.token.as_str());
    let in_query = |mute| [key, ("mute", mute), ("group_id", id.as_str())];
    // Disagreement 12: one client sends it in the body too.
    for (query, body, status, is_muted) in [
        (&in_query("true")[..], Value::Null, 0, true),
        (&in_query("true")[..], Value::Null, 0, true),
        (&in_query("false")[..], Value::Null, 0, false),
        (&in_query("true")[..2], json!({"group_id": id, "mute": true}), 0, true),
        (&[key], json!({"group_id": id, "mute": false}), 0, false),
        (&[key], json!({"group_id": id, "mute": "true"}), 0, true),
        (&in_query("1")[..], Value::Null, 16, true),
        (&in_query("")[..], Value::Null, 3, true),
        (&in_query("false")[..2], Value::Null, 3, true),
        (&[key, ("mute", "false"), ("group_id", "0")], Value::Null, 700, true),
        (&[("key", &stranger.token), ("mute", "false"), ("group_id", &id)], Value::Null, 702, true),
    ] {
        let request = kandy.request("group_mute", query);
        let request = if body.is_null() { request } else { request.json(&body) };
        assert_eq!(kandy.send("group_mute", request).await.status(), status, "{query:?} {body}");
        assert_eq!((muted(&anna).await, muted(&russ).await), (is_muted, false), "{query:?} {body}");
    }
    let message = hello(&id);
    kandy.post("group_message_send", &[("key", &russ.token)], &message).await.result();
    assert_eq!(events(&kandy, &anna).await.len(), 1, "it waits all the same");
}

#[tokio::test]
async fn owners_mute() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    let id = group(&kandy, &russ, &[&anna, &bert]).await;
    let message = hello(&id);
    let may_send =
        async |user: &User| kandy.post("group_message_send", &[("key", &user.token)], &message).await.status() == 0;
    let anna_alone = json!(["anna@example.com"]);
    let body = |mute: Value| json!({"group_id": id, "members": anna_alone, "mute": mute});
    let id_in_query = [("key", russ.token.as_str()), ("group_id", id.as_str())];
    let key = &id_in_query[..1];
    for (query, body, status, is_muted) in [
        (key, body(json!(true)), 0, true),
        (key, body(json!(true)), 0, true),
        (key, body(json!(false)), 0, false),
        (&id_in_query, json!({"members": anna_alone, "mute": true}), 0, true),
        (&[key[0], ("mute", "false")], json!({"group_id": id, "members": anna_alone}), 0, false),
        (key, body(json!(null)), 3, false),
        (key, body(json!(1)), 16, false),
        (key, json!({"group_id": id, "mute": true}), 3, false),
        (key, json!({"members": anna_alone, "mute": true}), 3, false),
        (key, json!({"group_id": "0", "members": anna_alone, "mute": true}), 700, false),
        (key, json!({"group_id": id, "members": ["anna@example.com", "nobody@example.com"], "mute": true}), 701, false),
        (&[("key", &bert.token)], body(json!(true)), 11, false),
    ] {
        assert_eq!(kandy.post("group_member_mute", query, &body).await.status(), status, "{body}");
        let details = kandy.call("group_get", &[("key", &anna.token), ("group_id", &id)]).await;
        assert_eq!(details.result()["members"][0]["muted"], is_muted, "{body}");
        assert_eq!((may_send(&anna).await, may_send(&bert).await), (!is_muted, true), "{body}");
    }
    let refused = kandy.post("group_member_mute", key, &body(json!(true))).await;
    assert_eq!(refused.status(), 0);
    assert_eq!(kandy.post("group_message_send", &[("key", &anna.token)], &message).await.status(), 11);
    // Users who are not members cannot be muted.
    kandy.call("group_leave", &[("key", &anna.token), ("group_id", &id)]).await.result();
    assert_eq!(kandy.post("group_member_mute", key, &body(json!(true))).await.status(), 701);
    assert_eq!(kandy.post("group_member_mute", &[("key", &anna.token)], &body(json!(true))).await.status(), 702);
}
