//! `GET /_emulator/objects`: lists of all objects, in pages and with a search.

use std::{collections::BTreeSet, time::Duration};

use kandy_emulator::Emulator;
use serde_json::{Value, json};

use crate::{
    fixture::{Kandy, admin_response, text_message, users},
    group::group,
};

async fn list(kandy: &Kandy, query: &[(&str, &str)]) -> (u16, Value) {
    admin_response(kandy.http.get(kandy.admin_url("objects")).query(query)).await
}

async fn objects(kandy: &Kandy, kind: &str, search: &str) -> Vec<Value> {
    let (http, page) = list(kandy, &[("kind", kind), ("search", search)]).await;
    assert_eq!((http, &page["next"]), (200, &Value::Null), "{page}");
    page["objects"].as_array().expect("a list").clone()
}

fn texts(objects: &[Value], field: &str) -> Vec<String> {
    objects.iter().map(|object| object[field].as_str().expect("a text").to_owned()).collect()
}

fn seeded(count: usize) -> Kandy {
    let users: Vec<_> =
        (0..count).map(|number| json!({"user_id": format!("user{number}"), "country_code": "US"})).collect();
    let seed = json!({"domains": [{"name": "example.com", "users": users}]});
    let seed = serde_json::from_value(seed).expect("a seed");
    Kandy::on(Emulator::builder().seed(seed).start().expect("a free port"))
}

#[tokio::test]
async fn each_kind_is_listed_without_credentials() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    kandy.post("session_create", &[("key", &russ.token)], &json!({"session_name": "help"})).await.result();
    let from = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    kandy.post("message_send", &from, &text_message("anna@example.com", "1")).await.result();

    let domains = objects(&kandy, "domains", "").await;
    assert_eq!((&domains[0]["name"], &domains[0]["users"]), (&json!("example.com"), &json!(2)));
    let found = objects(&kandy, "users", "").await;
    assert_eq!(texts(&found, "full_user_id"), ["russ@example.com", "anna@example.com"]);
    assert!(found[0]["created_ms"].as_u64() <= found[0]["last_seen_ms"].as_u64(), "{found:?}");
    assert_eq!(found[0]["devices"], 1);
    let devices = objects(&kandy, "devices", "").await;
    assert_eq!(texts(&devices, "id"), [russ.device.as_str(), &anna.device]);
    assert_eq!((&devices[1]["owner"], &devices[1]["pending_messages"]), (&json!("anna@example.com"), &json!(1)));
    let groups = objects(&kandy, "groups", "").await;
    assert_eq!(texts(&groups, "id"), [id]);
    assert_eq!((&groups[0]["owner"], &groups[0]["members"]), (&json!("russ@example.com"), &json!(2)));
    let sessions = objects(&kandy, "sessions", "").await;
    assert_eq!((&sessions[0]["state"], &sessions[0]["participants"]), (&json!("inactive"), &json!(1)));

    for kind in ["domains", "users", "devices", "groups", "sessions", "tokens"] {
        let text = json!(objects(&kandy, kind, "").await).to_string();
        let secrets = [&domain.key, &domain.secret, &domain.token, &russ.key, &russ.token, &russ.password, &anna.token];
        for secret in secrets {
            assert!(!text.contains(secret.as_str()) && !text.contains(&secret[3..]), "{kind}: {text}");
        }
    }
}

#[tokio::test]
async fn tokens_are_masked_and_have_the_time_that_is_left() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    kandy.emulator.advance(Duration::from_secs(600));
    let tokens = objects(&kandy, "tokens", "").await;
    // The newest first.
    assert_eq!(tokens[0]["token"], format!("UAT…{}", &russ.token[russ.token.len() - 4..]));
    let described = |token: &Value| json!([token["level"], token["owner"], token["state"]]);
    assert_eq!(described(&tokens[0]), json!(["user", "russ@example.com", "live"]));
    assert_eq!(described(&tokens[1]), json!(["domain", "example.com", "live"]));
    assert_eq!(described(tokens.last().expect("a token")), json!(["account", null, "live"]));
    let left = tokens[0]["left_ms"].as_u64().expect("a number");
    assert!((2_900_000..=3_000_000).contains(&left), "{left}");

    kandy.emulator.advance(Duration::from_secs(3600));
    let expired = objects(&kandy, "tokens", "RUSS").await;
    assert_eq!((&expired[0]["state"], &expired[0]["left_ms"]), (&json!("expired"), &json!(0)));
    kandy.emulator.revoke_all_tokens();
    assert_eq!(objects(&kandy, "tokens", "uat…").await[0]["state"], "revoked");
    assert!(objects(&kandy, "tokens", &russ.token[3..]).await.is_empty(), "a search does not confirm a token");
}

#[tokio::test]
async fn a_search_compares_ids_and_names_without_case() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let user = json!({"user_id": "emile", "user_first_name": "ÉMILE", "user_email": "e@Example.org"});
    kandy.post("user_create", &[("key", &domain.token)], &user).await.result();
    let found = async |kind, search| objects(&kandy, kind, search).await.len();
    assert_eq!(found("users", "EXAMPLE.com").await, 3);
    assert_eq!(found("users", "uss@EXAMPLE").await, 1);
    assert_eq!(found("users", "émile").await, 1);
    assert_eq!(found("users", "example.ORG").await, 1);
    assert_eq!(found("users", "nobody").await, 0);
    let lower = russ.device.to_lowercase();
    assert_eq!(found("devices", &lower).await, 1);
    assert_eq!(found("devices", "Anna@").await, 1);
    let id = group(&kandy, &russ, &[&anna]).await;
    assert_eq!(found("groups", "FRIENDS").await, 1);
    assert_eq!(found("groups", &id[..20]).await, 1);
}

#[tokio::test]
async fn pages_list_each_object_once_also_if_others_are_deleted_meanwhile() {
    let kandy = Kandy::start();
    let ids: Vec<_> = (0..7).map(|number| format!("user{number}")).collect();
    let domain = kandy.domain("example.com").await;
    let mut created = Vec::new();
    for id in &ids {
        created.push(kandy.user(&domain, id).await);
    }
    for kind in ["users", "devices", "tokens"] {
        let (mut seen, mut pages) = (Vec::new(), 0_usize);
        let mut query = vec![("kind", kind.to_owned()), ("limit", "2".to_owned())];
        loop {
            let (http, page) = admin_response(kandy.http.get(kandy.admin_url("objects")).query(&query)).await;
            assert_eq!(http, 200, "{page}");
            seen.extend(page["objects"].as_array().expect("a list").iter().map(Value::to_string));
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            query.truncate(2);
            query.push(("after", next.to_owned()));
        }
        let distinct: BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{seen:?}");
        let expected: usize = if kind == "tokens" { 9 } else { 7 };
        assert_eq!((seen.len(), pages), (expected, expected.div_ceil(2)), "{kind}");
    }
    let (_, first) = list(&kandy, &[("kind", "users"), ("limit", "3")]).await;
    // The one that the cursor names, and one on either side.
    for at in [1, 2, 3] {
        kandy.call("user_delete", &[("key", &created[at].key)]).await.result();
    }
    let (_, rest) = list(&kandy, &[("kind", "users"), ("after", first["next"].as_str().expect("a cursor"))]).await;
    let rest = texts(rest["objects"].as_array().expect("a list"), "full_user_id");
    assert_eq!(rest, ["user4@example.com", "user5@example.com", "user6@example.com"]);
}

#[tokio::test]
async fn a_search_ends_after_a_bound_and_goes_on_from_its_cursor() {
    const USERS: usize = 50_010;
    let kandy = seeded(USERS);
    let (_, page) = list(&kandy, &[("kind", "users"), ("search", "user50009")]).await;
    assert_eq!((&page["objects"], &page["searched"]), (&json!([]), &json!(50_000)), "{page}");
    let next = page["next"].as_str().expect("a cursor");
    let (_, page) = list(&kandy, &[("kind", "users"), ("search", "user50009"), ("after", next)]).await;
    assert_eq!((&page["next"], &page["searched"]), (&Value::Null, &json!(10)));
    assert_eq!(page["objects"][0]["full_user_id"], "user50009@example.com");
    // A page that is full examines no more than it has to.
    let (_, page) = list(&kandy, &[("kind", "users"), ("limit", "200")]).await;
    assert_eq!((page["objects"].as_array().map(Vec::len), &page["searched"]), (Some(200), &json!(200)));
}

#[tokio::test]
async fn what_is_deleted_or_over_is_not_listed() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    group(&kandy, &russ, &[&anna]).await;
    kandy.post("session_create", &[("key", &russ.token)], &json!({})).await.result();
    kandy.emulator.advance(Duration::from_secs(25 * 3600));
    assert!(objects(&kandy, "sessions", "").await.is_empty());
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await.result();
    for kind in ["domains", "users", "devices", "groups"] {
        assert!(objects(&kandy, kind, "").await.is_empty(), "{kind}");
    }
    let levels = texts(&objects(&kandy, "tokens", "").await, "level");
    assert!(levels.iter().all(|level| level == "account"), "{levels:?}");
}

#[tokio::test]
async fn wrong_parameters_are_refused_and_named() {
    let kandy = Kandy::start();
    let (_, [_, _]) = users(&kandy, ["russ", "anna"]).await;
    let (_, page) = list(&kandy, &[("kind", "users"), ("limit", "1")]).await;
    let cursor = page["next"].as_str().expect("a cursor").to_owned();
    let too_large = "users-0-ffffffffffffffffffffffffffffffff";
    for (query, part) in [
        (vec![], "kind is none of: domains, users"),
        (vec![("kind", "CANARY")], "kind is none of"),
        (vec![("kind", "users"), ("limit", "0")], "limit is not a number from 1 to 200"),
        (vec![("kind", "users"), ("limit", "201")], "limit"),
        (vec![("kind", "users"), ("limit", "")], "limit"),
        (vec![("kind", "users"), ("after", "CANARY")], "after is not a cursor"),
        (vec![("kind", "users"), ("after", "")], "after is not a cursor"),
        (vec![("kind", "users"), ("after", too_large)], "after is not a cursor"),
        (vec![("kind", "devices"), ("after", &cursor)], "after is not a cursor"),
    ] {
        let (http, refused) = list(&kandy, &query).await;
        assert_eq!((http, &refused["status"]), (400, &json!(14)), "{query:?}");
        let message = refused["message"].as_str().expect("a message");
        assert!(message.contains(part) && !message.contains("CANARY"), "{query:?}: {message}");
    }
    kandy.emulator.reset();
    let (http, refused) = list(&kandy, &[("kind", "users"), ("after", &cursor)]).await;
    assert!(http == 400 && refused["message"].as_str().expect("a message").contains("replaced"), "{refused}");
    assert_eq!(admin_response(kandy.http.post(kandy.admin_url("objects"))).await.0, 405);
    assert!(kandy.emulator.requests().iter().all(|request| !request.path.contains("objects")));
}
