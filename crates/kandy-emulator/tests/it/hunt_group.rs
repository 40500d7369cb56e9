//! Operations of the tag Hunt Group.

use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy, envelope};

fn support() -> Value {
    json!({
        "huntgroup_name": "support",
        "huntgroup_type": "roundrobin",
        "pilot_uri_address": "support@example.com",
        "overflow_dest": "operator@example.com",
        "anonymous_uri": "anon@example.com",
    })
}

/// A domain with users and an empty hunt group.
async fn start() -> (Kandy, Domain) {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    for id in ["russ", "anna"] {
        kandy.user(&domain, id).await;
    }
    assert_eq!(kandy.post("hunt_group_create", &[("key", &domain.token)], &support()).await.status(), 0);
    (kandy, domain)
}

impl Kandy {
    async fn hunt_groups(&self, domain: &Domain) -> Value {
        self.call("hunt_group_list", &[("key", &domain.token)]).await.result()["huntgroups"].clone()
    }

    /// The user ids in a list of users or of administrators of the hunt group.
    async fn of_support(&self, domain: &Domain, role: &str) -> Vec<String> {
        let query = [("key", domain.token.as_str()), ("huntgroup_name", "support")];
        let response = self.call(&format!("hunt_group_{role}_list"), &query).await;
        let members = response.result()[format!("{role}s")].as_array().expect("a list").clone();
        let name = |member: &Value| {
            let name = member[format!("{role}_name")].as_str().expect("a name").to_owned();
            assert_eq!(member["full_user_id"], format!("{name}@{}", domain.name));
            name
        };
        members.iter().map(name).collect()
    }

    async fn add(&self, domain: &Domain, role: &str, name: &str) -> i64 {
        let body = json!({"huntgroup_name": "support", format!("{role}_name"): name});
        self.post(&format!("hunt_group_{role}_add"), &[("key", &domain.token)], &body).await.status()
    }

    async fn remove(&self, domain: &Domain, role: &str, name: &str) -> i64 {
        let name_of = format!("{role}_name");
        let query = [("key", domain.token.as_str()), ("huntgroup_name", "support"), (&name_of, name)];
        self.call(&format!("hunt_group_{role}_remove"), &query).await.status()
    }
}

#[tokio::test]
async fn lifecycle() {
    let (kandy, domain) = start().await;
    let other = kandy.domain("example.org").await;
    assert_eq!(kandy.hunt_groups(&domain).await, json!([support()]));
    assert_eq!(kandy.hunt_groups(&other).await, json!([]));

    let key = [("key", domain.token.as_str())];
    assert_eq!(kandy.post("hunt_group_create", &key, &support()).await.status(), 50);
    for member in ["huntgroup_name", "huntgroup_type", "pilot_uri_address", "overflow_dest", "anonymous_uri"] {
        for nothing in [Value::Null, json!("")] {
            let mut body = support();
            body[member] = nothing;
            assert_eq!(kandy.post("hunt_group_create", &key, &body).await.status(), 15, "{member}");
        }
        let mut body = support();
        body[member] = json!({});
        assert_eq!(kandy.post("hunt_group_create", &key, &body).await.status(), 16, "{member}");
    }
    // Names are unique within a domain only.
    assert_eq!(kandy.post("hunt_group_create", &[("key", &other.token)], &support()).await.status(), 0);

    for (token, name, status) in [
        (&domain.token, "sales", 53),
        (&domain.token, "", 15),
        (&domain.token, "support", 0),
        (&domain.token, "support", 53),
    ] {
        let query = [("key", token.as_str()), ("huntgroup_name", name)];
        assert_eq!(kandy.call("hunt_group_delete", &query).await.status(), status, "{name}");
    }
    assert_eq!(kandy.hunt_groups(&domain).await, json!([]));
    assert_eq!(kandy.hunt_groups(&other).await, json!([support()]));
}

#[tokio::test]
async fn needs_domain_token() {
    let (kandy, domain) = start().await;
    let user = kandy.user_token(&domain, "russ").await;
    for operation in ["create", "list", "delete", "user_add", "user_list", "user_remove", "admin_add", "admin_list"] {
        for (key, status) in [("", 15), (user.as_str(), 11), (&domain.key, 55)] {
            let response = kandy.call(&format!("hunt_group_{operation}"), &[("key", key)]).await;
            assert_eq!(response.status(), status, "{operation}");
        }
    }
}

#[tokio::test]
async fn adds_and_removes_users_and_administrators() {
    let (kandy, domain) = start().await;
    let other = kandy.domain("example.org").await;
    kandy.user(&other, "stranger").await;
    for role in ["user", "admin"] {
        for (name, status) in [
            ("anna", 0),
            ("russ@example.com", 0),
            ("anna@EXAMPLE.com", 50),
            ("russ", 50),
            ("nobody", 53),
            ("stranger", 53),
            ("stranger@example.org", 53),
            ("@", 53),
            ("", 15),
        ] {
            assert_eq!(kandy.add(&domain, role, name).await, status, "{role} {name}");
        }
        assert_eq!(kandy.of_support(&domain, role).await, ["russ", "anna"]);
    }
    for (name, status) in [("anna@example.com", 0), ("anna", 53), ("nobody", 53), ("", 15)] {
        assert_eq!(kandy.remove(&domain, "user", name).await, status, "{name}");
    }
    assert_eq!(kandy.of_support(&domain, "user").await, ["russ"]);
    assert_eq!(kandy.of_support(&domain, "admin").await, ["russ", "anna"], "one role leaves the other alone");
    assert_eq!(kandy.remove(&domain, "admin", "anna").await, 0);
    assert_eq!(kandy.of_support(&domain, "admin").await, ["russ"]);
    assert_eq!(kandy.add(&domain, "user", "anna").await, 0, "who is gone may come back");
}

#[tokio::test]
async fn unknown_hunt_group_is_refused() {
    let (kandy, domain) = start().await;
    let query =
        [("key", domain.token.as_str()), ("huntgroup_name", "sales"), ("user_name", "russ"), ("admin_name", "russ")];
    for operation in ["user_add", "user_remove", "user_list", "admin_add", "admin_remove", "admin_list", "delete"] {
        let operation = format!("hunt_group_{operation}");
        assert_eq!(kandy.call(&operation, &query).await.status(), 53, "{operation}");
        let nameless = [query[0], query[2], query[3]];
        assert_eq!(kandy.call(&operation, &nameless).await.status(), 15, "{operation}");
    }
}

#[tokio::test]
async fn deleted_user_leaves_hunt_groups() {
    let (kandy, domain) = start().await;
    let bert = kandy.user(&domain, "bert").await;
    for role in ["user", "admin"] {
        assert_eq!(kandy.add(&domain, role, "bert").await, 0);
        assert_eq!(kandy.add(&domain, role, "anna").await, 0);
    }
    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &bert.key)]).await;
    // A new user of the same name is another user.
    kandy.user(&domain, "bert").await;
    for role in ["user", "admin"] {
        assert_eq!(kandy.of_support(&domain, role).await, ["anna"]);
        assert_eq!(kandy.remove(&domain, role, "bert").await, 53);
    }
}

#[tokio::test]
async fn recreated_hunt_group_is_empty() {
    let (kandy, domain) = start().await;
    kandy.add(&domain, "user", "anna").await;
    kandy.call("hunt_group_delete", &[("key", &domain.token), ("huntgroup_name", "support")]).await;
    kandy.post("hunt_group_create", &[("key", &domain.token)], &support()).await;
    assert_eq!(kandy.of_support(&domain, "user").await, Vec::<String>::new());

    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await;
    let domain = kandy.domain("example.com").await;
    assert_eq!(kandy.hunt_groups(&domain).await, json!([]));
    kandy.post("hunt_group_create", &[("key", &domain.token)], &support()).await;
    kandy.emulator.reset();
    let domain = kandy.domain("example.com").await;
    assert_eq!(kandy.hunt_groups(&domain).await, json!([]));
}

#[tokio::test]
async fn accepts_json_form_and_query() {
    let (kandy, domain) = start().await;
    let key = [("key", domain.token.as_str())];
    let fields = [("huntgroup_name", "support"), ("user_name", "russ"), ("admin_name", "russ")];
    for operation in ["hunt_group_user_add", "hunt_group_admin_add"] {
        let role = &operation["hunt_group_".len()..operation.len() - "_add".len()];
        for (form, request) in [
            (
                "JSON",
                kandy.request(operation, &key).json(&fields.into_iter().collect::<std::collections::HashMap<_, _>>()),
            ),
            ("a form", kandy.request(operation, &key).form(&fields)),
            ("the query", kandy.request(operation, &key).query(&fields)),
        ] {
            assert_eq!(kandy.send(operation, request).await.status(), 0, "{operation} as {form}");
            assert_eq!(kandy.remove(&domain, role, "russ").await, 0, "{operation} as {form}");
        }
    }
    let mut sales = support();
    sales["huntgroup_name"] = json!("sales");
    let form = kandy.request("hunt_group_create", &key).form(&sales);
    assert_eq!(kandy.send("hunt_group_create", form).await.status(), 0);
    assert_eq!(kandy.hunt_groups(&domain).await, json!([sales, support()]), "in alphabetical order");
}

/// Disagreement 13: the only known client ends this path in `admin`, for this method only.
#[tokio::test]
async fn both_paths_remove_an_administrator() {
    let (kandy, domain) = start().await;
    let query = [("key", domain.token.as_str()), ("huntgroup_name", "support"), ("admin_name", "russ")];
    for path in ["/domains/huntgroups/admins", "/domains/huntgroups/admin", "/Domains/HuntGroups/Admin/"] {
        assert_eq!(kandy.add(&domain, "admin", "russ").await, 0);
        let response = envelope(kandy.http.delete(kandy.url(path)).query(&query)).await;
        assert_eq!((response.http, response.status()), (200, 0), "{path}");
        assert_eq!(kandy.of_support(&domain, "admin").await, Vec::<String>::new());
    }
    let list = envelope(kandy.http.get(kandy.url("/domains/huntgroups/admin")).query(&query)).await;
    assert_eq!((list.http, list.status()), (405, 18));
}

/// The same client lists users with DELETE. Without a name that is an error.
#[tokio::test]
async fn delete_does_not_list_users() {
    let (kandy, domain) = start().await;
    kandy.add(&domain, "user", "russ").await;
    let query = [("key", domain.token.as_str()), ("huntgroup_name", "support")];
    assert_eq!(kandy.call("hunt_group_user_remove", &query).await.status(), 15);
    assert_eq!(kandy.of_support(&domain, "user").await, ["russ"]);
}

/// The users of a domain see its hunt groups as rollover groups.
#[tokio::test]
async fn rollover_group_is_a_hunt_group() {
    let (kandy, domain) = start().await;
    for name in ["anna", "russ"] {
        assert_eq!(kandy.add(&domain, "user", name).await, 0);
    }
    let russ = kandy.user_token(&domain, "russ").await;
    let group = |name| [("key", russ.as_str()), ("group_name", name)];
    let response = kandy.call("rollover_group_get", &group("support")).await;
    let expected = json!({"group_policy": "roundrobin", "agents": ["russ@example.com", "anna@example.com"]});
    assert_eq!(response.result()["group"], expected);
    assert_eq!(kandy.call("rollover_group_get", &group("sales")).await.status(), 53);
    assert_eq!(kandy.call("rollover_group_get", &[("key", &russ)]).await.status(), 15);
}
