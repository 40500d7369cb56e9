//! The disagreements of the sources, by number. The emulator accepts both sides of a disagreement on
//! requests, unless one of them is a slip. Where the sources disagree on responses, it returns the form of live
//! samples, and no field that misleads the other side.

mod deletion;
mod row;

use std::collections::BTreeMap;

use row::{
    Row,
    Seen::{Is, Nothing, Something},
    Setup, delete, get, post, put, row,
};
use serde_json::{Value, json};

use crate::fixture::text_message;

/// 1 to 7, and 9: accounts, domains, users and devices.
fn administration(setup: &Setup) -> Vec<Row> {
    let Setup { account, domain, russ, anna, .. } = setup;
    let (key, secret, token) = (domain.key.as_str(), domain.secret.as_str(), domain.token.as_str());
    let (account, user) = (("key", account.as_str()), ("key", russ.token.as_str()));
    let forgotten = format!("domain_api_secret{secret}");

    let mint = "/domains/accesstokens";
    let this_domain = [account, ("domain_api_key", key)];
    let domains = get("/accounts/domains", &[account]);
    let this_token = [("key", key), ("domain_api_secret", secret), ("domain_access_token", token)];
    let by_token = get("/domains/users", &[("key", token)]);
    let this_device = [user, ("device_id", &russ.device)];
    let devices = get("/users/devices", &[user]);
    let contact = ("contact_id", "9e018d28484242be83f090c7323bf275");
    let contacts = get("/users/addressbooks/personal", &[user]);
    let add_contact =
        post("/users/addressbooks/personal", &[user]).body(json!({"contact": {"name": "Test", "nickname": "t"}}));
    let domain_details = "/accounts/domains/details";
    let created =
        post("/accounts/domains", &[account]).body(json!({"domain_name": "new.example", "project_name": "New"}));
    let user_details = |query: &[(&str, &str)]| get("/domains/users/details", query);
    let russ_is_there = || user_details(&[("key", token), ("user_api_key", &russ.key)]);
    let create_user = post("/domains/users/user_id", &[("key", token)]).body(json!({"user_id": "new"}));

    vec![
        row("1: with `=`", get(mint, &[("key", key), ("domain_api_secret", secret)])),
        row("1: without `=`, a slip", get(mint, &[("key", key), (&forgotten, "")])).refused(15),
        row("2: a domain is deleted by DELETE", delete("/accounts/domains", &this_domain)).then(
            domains.clone(),
            "/result/domains",
            Is(json!([])),
        ),
        row("2: and not by GET, a slip", get("/accounts/domains", &this_domain)).then(
            domains,
            "/result/domains/0/domain_api_key",
            Is(json!(key)),
        ),
        row("2: a token is revoked by DELETE", delete(mint, &this_token)).then(
            by_token.clone(),
            "/status",
            Is(json!(10)),
        ),
        row("2: and not by GET, a slip", get(mint, &this_token)).then(by_token, "/status", Is(json!(0))),
        row("2: a device is deleted by DELETE", delete("/users/devices", &this_device)).then(
            devices.clone(),
            "/result/devices",
            Is(json!([])),
        ),
        row("2: and not by GET, a slip", get("/users/devices", &this_device)).then(
            devices.clone(),
            "/result/devices/0/id",
            Is(json!(russ.device)),
        ),
        row("2: and not by POST, a slip", post("/users/devices", &this_device)).refused(15).then(
            devices,
            "/result/devices/0/id",
            Is(json!(russ.device)),
        ),
        row("2: a contact is not deleted by POST, a slip", post("/users/addressbooks/personal", &[user, contact]))
            .given(add_contact)
            .refused(15)
            .then(contacts, "/result/contacts/0/contact_id", Something),
        row("3: token and API key", get(domain_details, &[("key", token), ("domain_api_key", key)]))
            .answers("/result/domain/domain_name", Is(json!("example.com"))),
        row("3: API key, secret and token", get(domain_details, &this_token))
            .answers("/result/domain/domain_name", Is(json!("example.com"))),
        row("4: name and project are answered", created.clone())
            .answers("/result/domain_name", Is(json!("new.example")))
            .answers("/result/project_name", Is(json!("New"))),
        row("4: API key and secret are answered", created)
            .answers("/result/domain_api_key", Something)
            .answers("/result/domain_api_secret", Something),
        row("5: the user's API key alone", delete("/domains/users", &[("key", &russ.key)])).then(
            russ_is_there(),
            "/status",
            Is(json!(53)),
        ),
        row("5: token and API key", delete("/domains/users", &[("key", token), ("user_api_key", &russ.key)])).then(
            russ_is_there(),
            "/status",
            Is(json!(53)),
        ),
        row(
            "5: token, id and password",
            delete("/domains/users", &[("key", token), ("user_id", "russ"), ("user_password", &russ.password)]),
        )
        .then(russ_is_there(), "/status", Is(json!(53))),
        row("6: who reads `user` is served", russ_is_there()).answers("/result/user/user_id", Is(json!("russ"))),
        row("6: who reads `users` is served", russ_is_there()).answers("/result/users/0/user_id", Is(json!("russ"))),
        row("6: key is the token", user_details(&[("key", token), ("user_access_token", &anna.token)]))
            .answers("/result/user/user_id", Is(json!("anna"))),
        row("6: key is the API key", user_details(&[("key", key), ("user_access_token", &anna.token)]))
            .answers("/result/user/user_id", Is(json!("anna"))),
        row("7: who reads `id` is served", get("/users/devices", &[user]))
            .answers("/result/devices/0/id", Is(json!(russ.device)))
            .answers("/result/devices/0/nativeID", Something),
        row("7: who reads `device_id` is not", get("/users/devices", &[user]))
            .answers("/result/devices/0/device_id", Nothing)
            .answers("/result/devices/0/device_native_id", Nothing),
        row("9: status and message are answered", create_user.clone()).answers("/message", Is(json!("success"))),
        row("9: credentials are answered", create_user)
            .answers("/result/user_password", Something)
            .answers("/result/user_api_key", Something)
            .answers("/result/user_access_token", Nothing),
    ]
}

/// 8, 11 and 14: messages.
fn messages(setup: &Setup) -> Vec<Row> {
    let Setup { russ, anna, bert, .. } = setup;
    let base = || text_message(&anna.full_id, "1");
    let send = |device: &str, body: Value| {
        post("/devices/messages", &[("key", &russ.token), ("device_id", device)]).body(body)
    };
    let spelt_otherwise = || {
        let mut body = base();
        let members = body["message"].as_object_mut().expect("an object");
        let content_type = members.remove("contentType").expect("there");
        members.insert("content_type".to_owned(), content_type);
        body
    };
    let inside = || {
        let mut body = base();
        body["message"]["messageType"] = json!("new");
        body
    };
    let beside = || {
        let mut body = base();
        body["messageType"] = json!("new");
        body
    };
    let pending = get("/devices/messages", &[("key", &anna.token), ("device_id", &anna.device)]);

    let mut rows = Vec::new();
    for (says, device, body, message_type) in [
        ("8: contentType", russ, base(), "chat"),
        ("8: content_type", russ, spelt_otherwise(), "chat"),
        ("11: the sender's device", russ, base(), "chat"),
        ("11: the receiver's device", anna, base(), "chat"),
        ("14: messageType inside", russ, inside(), "new"),
        ("14: messageType beside", russ, beside(), "new"),
    ] {
        rows.push(
            row(says, send(&device.device, body))
                .then(pending.clone(), "/result/messages/0/UUID", Is(json!("1")))
                .then(pending.clone(), "/result/messages/0/contentType", Is(json!("text")))
                .then(pending.clone(), "/result/messages/0/content_type", Nothing)
                .then(pending.clone(), "/result/messages/0/messageType", Is(json!(message_type))),
        );
    }
    rows.push(row("11: anybody else's device", send(&bert.device, base())).refused(53).then(
        pending,
        "/result/messages",
        Is(json!([])),
    ));
    rows
}

/// 10, 15 and 16: contacts and presence.
fn contacts(setup: &Setup) -> Vec<Row> {
    let Setup { domain, russ, .. } = setup;
    let user = ("key", russ.token.as_str());
    let add = |contact: Value| post("/users/addressbooks/personal", &[user]).body(json!({"contact": contact}));
    let list = get("/users/addressbooks/personal", &[user]);
    let last_seen = |key: &str| get("/users/presence/last_seen", &[("key", key), ("users", r#"["russ@example.com"]"#)]);

    vec![
        row(
            "10: with a prefix",
            add(json!({
                "contact_user_name": "anna@example.com",
                "contact_nickname": "anna",
                "contact_first_name": "Anna",
            })),
        )
        .answers("/result/contact_id", Something)
        .then(list.clone(), "/result/contacts/0/contact_user_name", Is(json!("anna@example.com")))
        .then(list.clone(), "/result/contacts/0/contact_first_name", Is(json!("Anna"))),
        row("10: without a prefix", add(json!({"name": "Test", "nickname": "Testing", "first_name": "Test"})))
            .answers("/result/contact_id", Something)
            .then(list.clone(), "/result/contacts/0/name", Is(json!("Test")))
            .then(list, "/result/contacts/0/first_name", Is(json!("Test"))),
        row("15: a user asks", last_seen(&russ.token))
            .answers("/result/users/0/full_user_id", Is(json!("russ@example.com")))
            .answers("/result/server_timestamp", Something),
        row("15: a domain asks", last_seen(&domain.token))
            .answers("/result/users/0/full_user_id", Is(json!("russ@example.com")))
            .answers("/result/server_timestamp", Something),
        row("16: by GET", get("/users/addressbooks/device", &[user]))
            .answers("/result/contacts/0/number", Is(json!("+14055671234"))),
        row("16: by POST, a slip", post("/users/addressbooks/device", &[user])).unknown(405),
    ]
}

/// 12 and 13: groups and hunt groups.
fn groups(setup: &Setup) -> Vec<Row> {
    let Setup { domain, russ, group, .. } = setup;
    let (user, id) = (("key", russ.token.as_str()), ("group_id", group.as_str()));
    let (update, members) = ("/users/chatgroups/chatgroup", "/users/chatgroups/chatgroup/members");
    let (mute, mute_members) = ("/users/chatgroups/chatgroup/mute", "/users/chatgroups/chatgroup/members/mute");
    let details = get("/users/chatgroups/chatgroup", &[user, id]);
    let (anna, bert) = (json!(["anna@example.com"]), json!(["bert@example.com"]));
    let anna_as_text = anna.to_string();
    let renamed = json!({"group_id": group, "group_name": "Pals"});
    let anna_muted = json!({"group_id": group, "members": anna, "mute": true});
    let domain_token = ("key", domain.token.as_str());
    let create_hunt_group = post("/domains/huntgroups", &[domain_token]).body(json!({
        "huntgroup_name": "support",
        "huntgroup_type": "roundrobin",
        "pilot_uri_address": "support@example.com",
        "overflow_dest": "operator@example.com",
        "anonymous_uri": "anon@example.com",
    }));
    let add_admin = post("/domains/huntgroups/admins", &[domain_token])
        .body(json!({"huntgroup_name": "support", "admin_name": "russ"}));
    let admin = [domain_token, ("huntgroup_name", "support"), ("admin_name", "russ")];
    let remove_again = delete("/domains/huntgroups/admins", &admin);

    vec![
        row("12: update, in the body", put(update, &[user]).body(renamed.clone())).then(
            details.clone(),
            "/result/group_name",
            Is(json!("Pals")),
        ),
        row("12: update, repeated in the query", put(update, &[user, id, ("group_name", "Pals")]).body(renamed)).then(
            details.clone(),
            "/result/group_name",
            Is(json!("Pals")),
        ),
        row("12: add members, in the body", post(members, &[user, id]).body(json!({"members": bert}))).then(
            details.clone(),
            "/result/members/1/full_user_id",
            Is(json!("bert@example.com")),
        ),
        row(
            "12: add members, the group in both",
            post(members, &[user, id]).body(json!({"group_id": group, "members": bert})),
        )
        .then(details.clone(), "/result/members/1/full_user_id", Is(json!("bert@example.com"))),
        row("12: mute a group, in the query", put(mute, &[user, id, ("mute", "true")])).then(
            details.clone(),
            "/result/muted",
            Is(json!(true)),
        ),
        row(
            "12: mute a group, repeated in the body",
            put(mute, &[user, ("mute", "true")]).body(json!({"group_id": group, "mute": true})),
        )
        .then(details.clone(), "/result/muted", Is(json!(true))),
        row("12: mute members, in the body", put(mute_members, &[user]).body(anna_muted.clone())).then(
            details.clone(),
            "/result/members/0/muted",
            Is(json!(true)),
        ),
        row(
            "12: mute members, repeated in the query",
            put(mute_members, &[user, id, ("members", &anna_as_text), ("mute", "true")]).body(anna_muted),
        )
        .then(details, "/result/members/0/muted", Is(json!(true))),
        row("13: `admins`", delete("/domains/huntgroups/admins", &admin))
            .given(create_hunt_group.clone())
            .given(add_admin.clone())
            .then(remove_again.clone(), "/status", Is(json!(53))),
        row("13: `admin`", delete("/domains/huntgroups/admin", &admin)).given(create_hunt_group).given(add_admin).then(
            remove_again,
            "/status",
            Is(json!(53)),
        ),
    ]
}

/// All rows.
fn rows(setup: &Setup) -> Vec<Row> {
    [administration(setup), messages(setup), contacts(setup), groups(setup)].into_iter().flatten().collect()
}

#[tokio::test]
async fn accepts_both_sides_of_every_disagreement() {
    let count = rows(&Setup::new().await).len();
    let (mut problems, mut sides) = (Vec::new(), BTreeMap::new());
    for at in 0..count {
        // A new fixture for each row, because many delete something.
        let setup = Setup::new().await;
        let row = rows(&setup).swap_remove(at);
        *sides.entry(row.number()).or_insert(0) += 1;
        problems.extend(row.problems(&setup).await);
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(sides.keys().copied().collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
    assert!(sides.values().all(|count| *count >= 2), "{sides:?}");
}
