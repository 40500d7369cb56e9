//! Sessions: lists, expiry and deletion.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    fixture::User,
    session::{ADMIN, Fixture},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn lists_open_sessions_of_the_domain() {
    let session = Fixture::new().await;
    let Fixture { kandy, russ, anna, id, .. } = &session;
    let create = async |user: &User, body: Value| {
        kandy.post("session_create", &[("key", &user.token)], &body).await.text("session_id")
    };
    let tour = create(anna, json!({"session_type": "cobrowsing", "session_name": "tour"})).await;
    let other_help = create(anna, json!({"session_type": "support", "session_name": "help"})).await;
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    let elsewhere = create(&stranger, json!({"session_type": "support", "session_name": "help"})).await;
    session.ask("session_join", anna, &json!({})).await;

    let support = [("session_type", "support")];
    for (operation, user, query, expected) in [
        ("session_list", russ, &[][..], vec![id, &tour, &other_help]),
        ("session_list", russ, &support, vec![id, &other_help]),
        ("session_list", russ, &[("session_type", "")], vec![id, &tour, &other_help]),
        ("session_list_by_type", russ, &support, vec![id, &other_help]),
        ("session_list_by_type", russ, &[("session_type", "Support")], vec![]),
        ("session_list_by_creator", russ, &[], vec![id]),
        ("session_list_by_creator", anna, &[], vec![&tour, &other_help]),
        ("session_list", &stranger, &[], vec![&elsewhere]),
        ("session_list_by_type", &stranger, &support, vec![&elsewhere]),
    ] {
        let list: Vec<_> = session.list(operation, user, query).await;
        assert_eq!(list.iter().collect::<Vec<_>>(), expected, "{operation} {query:?}");
    }
    for (user, expected) in [(russ, &other_help), (&stranger, &elsewhere)] {
        let by_name = kandy.call("session_get_by_name", &[("key", &user.token), ("session_name", "help")]).await;
        assert_eq!(&by_name.result()["session"]["session_id"], expected, "the newest of the domain");
    }
    // Sessions of another domain are unknown, like those that do not exist.
    let foreign = kandy.call("session_get", &[("key", &stranger.token), ("session_id", id)]).await;
    assert_eq!(foreign.status(), 53);
    for operation in ["session_join", "session_start", "session_delete", "session_leave"] {
        assert_eq!(session.ask(operation, &stranger, &json!({})).await, 53, "{operation}");
    }
}

#[tokio::test]
async fn session_expires_after_a_day() {
    let session = Fixture::new().await;
    let Fixture { kandy, domain, id, .. } = &session;
    kandy.emulator.advance(DAY - Duration::from_secs(60));
    let russ = kandy.user_token(domain, "russ").await;
    let by_id = [("key", russ.as_str()), ("session_id", id)];
    assert_eq!(kandy.call("session_get", &by_id).await.status(), 0);
    let newer = kandy.post("session_create", &[("key", &russ)], &json!({})).await.text("session_id");
    kandy.emulator.advance(Duration::from_secs(60));
    assert_eq!(kandy.emulator.state().sessions, 1);
    assert_eq!(kandy.call("session_get", &by_id).await.status(), 53);
    let left = kandy.call("session_list", &[("key", &russ)]).await;
    assert_eq!(left.result()["sessions"][0]["session_id"], json!(newer));
    assert_eq!(left.result()["sessions"].as_array().expect("a list").len(), 1);
    let start = kandy.post("session_start", &[("key", &russ)], &json!({"session_id": id})).await;
    assert_eq!(start.status(), 53);
}

#[tokio::test]
async fn deletion_leaves_nothing() {
    let session = Fixture::new().await;
    let Fixture { kandy, domain, russ, anna, .. } = &session;
    let delete = async |user: &User| {
        let query = [("key", domain.token.as_str()), ("user_api_key", user.key.as_str())];
        assert_eq!(kandy.call("user_delete", &query).await.status(), 0);
    };
    // Deleting a participant keeps the session; deleting the admin deletes it.
    session.ask("session_join", anna, &json!({})).await;
    kandy.post("session_create", &[("key", &anna.token)], &json!({})).await.text("session_id");
    assert_eq!((session.participants().await.len(), kandy.emulator.state().sessions), (2, 2));
    delete(anna).await;
    assert_eq!((session.participants().await, kandy.emulator.state().sessions), (vec![ADMIN.to_owned()], 1));
    delete(russ).await;
    assert_eq!(kandy.emulator.state().sessions, 0);

    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    for name in ["example.com", "example.org"] {
        let (domain, user) = match name {
            "example.com" => (domain, kandy.user(domain, "bert").await),
            _ => (&other, kandy.user(&other, "bert").await),
        };
        kandy.post("session_create", &[("key", &user.token)], &json!({"session_name": domain.name})).await;
    }
    kandy.post("session_create", &[("key", &stranger.token)], &json!({})).await;
    assert_eq!(kandy.emulator.state().sessions, 3);
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &other.key)]).await;
    assert_eq!(kandy.emulator.state().sessions, 1);
    kandy.emulator.reset();
    assert_eq!(kandy.emulator.state().sessions, 0);
}
