//! Hunt groups, against the emulator.

use kandy::{ExtraFields, NewHuntGroup};
use serde_json::{Value, json};

use crate::support::{emulator::TestDomain, handles::NEW_HUNT_GROUP};

/// Returns one field of each entry of a list.
fn names(extra: &ExtraFields, list: &str, name: &str) -> Vec<String> {
    let entries = extra[list].as_array().expect("a list").iter();
    entries.map(|entry| entry[name].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn creates_changes_and_deletes_a_hunt_group() -> kandy::Result<()> {
    let TestDomain { domain, emulator: _emulator, .. } = TestDomain::start().await;
    domain.create_user("russ").await?;
    domain.create_user("anna").await?;

    domain.create_hunt_group(NEW_HUNT_GROUP).await?;
    assert!(domain.create_hunt_group(NEW_HUNT_GROUP).await.is_err_and(|error| error.is_already_exists()));
    domain.create_hunt_group(NewHuntGroup { name: "sales", ..NEW_HUNT_GROUP }).await?;
    let listed = domain.hunt_groups().await?.extra;
    assert_eq!(names(&listed, "huntgroups", "huntgroup_name"), ["sales", "support"]);
    assert_eq!(names(&listed, "huntgroups", "overflow_dest"), ["operator@example.com"; 2]);

    let support = domain.hunt_group("support");
    support.add_user("russ").await?;
    support.add_user("anna@example.com").await?;
    support.add_admin("anna").await?;
    assert!(support.add_user("anna").await.is_err_and(|error| error.is_already_exists()));
    assert!(support.add_user("nobody").await.is_err_and(|error| error.is_not_found()));
    assert_eq!(names(&support.users().await?.extra, "users", "user_name"), ["russ", "anna"]);
    assert_eq!(names(&support.admins().await?.extra, "admins", "full_user_id"), ["anna@example.com"]);

    support.remove_user("russ").await?;
    support.remove_admin("anna").await?;
    assert_eq!(names(&support.users().await?.extra, "users", "user_name"), ["anna"]);
    assert_eq!(support.admins().await?.extra.get("admins"), Some(&Value::Array(Vec::new())));

    support.delete().await?;
    assert!(support.users().await.is_err_and(|error| error.is_not_found()));
    assert_eq!(names(&domain.hunt_groups().await?.extra, "huntgroups", "huntgroup_name"), ["sales"]);
    Ok(())
}

#[tokio::test]
async fn keeps_unknown_lists_out_of_debug_output() -> kandy::Result<()> {
    let TestDomain { domain, emulator: _emulator, .. } = TestDomain::start().await;
    domain.create_hunt_group(NewHuntGroup { overflow_dest: "canary", ..NEW_HUNT_GROUP }).await?;
    let list = domain.hunt_groups().await?;
    assert_eq!(list.extra["huntgroups"][0]["overflow_dest"], json!("canary"));
    let printed = format!("{list:?}");
    assert!(printed.contains("huntgroups") && !printed.contains("canary"), "{printed}");
    Ok(())
}
