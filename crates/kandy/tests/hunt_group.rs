//! Hunt groups, against the emulator.

use kandy::{ExtraFields, Kandy, NewHuntGroup};
use kandy_emulator::Emulator;
use serde_json::{Value, json};

const SUPPORT: NewHuntGroup<'static> = NewHuntGroup {
    name: "support",
    kind: "roundrobin",
    pilot_uri_address: "support@example.com",
    overflow_dest: "operator@example.com",
    anonymous_uri: "anonymous@example.com",
};

/// One member of each entry of a list.
fn names(members: &ExtraFields, list: &str, name: &str) -> Vec<String> {
    let entries = members[list].as_array().expect("a list").iter();
    entries.map(|entry| entry[name].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_hunt_group_from_its_creation_to_its_end() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
    let created = kandy.account(emulator.account_key(), emulator.account_secret()).create_domain("example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("russ").await?;
    domain.create_user("anna").await?;

    domain.create_hunt_group(SUPPORT).await?;
    assert!(domain.create_hunt_group(SUPPORT).await.is_err_and(|error| error.is_already_exists()));
    domain.create_hunt_group(NewHuntGroup { name: "sales", ..SUPPORT }).await?;
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
async fn lists_of_an_unknown_form_are_kept_and_not_shown() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
    let created = kandy.account(emulator.account_key(), emulator.account_secret()).create_domain("example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_hunt_group(NewHuntGroup { overflow_dest: "canary", ..SUPPORT }).await?;
    let list = domain.hunt_groups().await?;
    assert_eq!(list.extra["huntgroups"][0]["overflow_dest"], json!("canary"));
    let shown = format!("{list:?}");
    assert!(shown.contains("huntgroups") && !shown.contains("canary"), "{shown}");
    Ok(())
}
