//! Runs every Rust cell of `docs/migrating-from-kandypy.md` against the emulator, and compares the page with this file.

use std::{collections::BTreeSet, error::Error};

use kandy::{Kandy, sys::Operation};
use kandy_emulator::Emulator;

/// The page.
const PAGE: &str = include_str!("../../../docs/migrating-from-kandypy.md");
/// KandyPy's functions: 5 of an account, 8 of a domain, 4 of a user, 6 of a device, 2 of a group.
const FUNCTIONS: usize = 25;

/// One row of the page: KandyPy's call, and the cells for Rust and the raw call.
fn rows() -> Vec<[&'static str; 3]> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect::<Vec<_>>());
    cells.map(|cells| [cells[1], cells[2], cells[4]]).collect()
}

#[test]
fn every_function_has_a_row() {
    let rows = rows();
    assert_eq!(rows.len(), FUNCTIONS);
    let (_, run) = include_str!("migration.rs").split_once("async fn every_rust_cell_runs").expect("the test below");
    for [python, rust, _] in rows {
        assert!(run.contains(rust), "run the Rust of {python} in this file: {rust}");
    }
}

#[test]
fn raw_calls_are_operations() {
    let rows = rows();
    let raw: BTreeSet<_> = rows.iter().map(|[_, _, raw]| *raw).collect();
    assert_eq!(raw.len(), FUNCTIONS);
    for id in raw {
        assert!(Operation::find(id).is_some(), "{id} is an operation");
    }
}

#[tokio::test]
async fn every_rust_cell_runs() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start()?;
    let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let example = account.create_domain("example.com").await?;

    account.access_token().await?;
    account.revoke_access_token().await?;
    let created = account.create_domain("new.example.com").project_name("New").await?;
    account.delete_domain(created.api_key).await?;
    assert_eq!(account.domains().await?.len(), 1);

    let domain = kandy.domain(example.api_key, example.api_secret);
    domain.access_token().await?;
    domain.revoke_access_token().await?;
    assert_eq!(domain.details().await?.name.as_str(), "example.com");
    domain.create_user_by_phone("3524096582", "US").await?;
    domain.create_user("russ").await?;
    domain.create_user("bert").await?;
    let anna = domain.create_user("anna").country_code("US").await?;
    let api_key = anna.api_key.ok_or("the service returns it")?;
    domain.delete_user(api_key).await?;
    assert_eq!(domain.users().await?.len(), 3);
    let token = domain.user("russ").access_token().await?;
    domain.user_details_by_token(token).await?;

    let user = domain.user("russ");
    user.access_token().await?;
    let created = user.create_device("12345678901234").family("iphone").name("iphone6").await?;
    user.delete_device(created.device_id).await?;
    let devices = user.devices().await?;

    let device = user.device(devices[0].device_id.clone());
    device.address_book().await?;
    device.delete_address_book().await?;
    device.send_message("bert@example.com", "let's meet tonight").await?;
    device.send_sms("+12245556666", "Hello").from("+11234567890").await?;

    let group = user.group(user.create_group("Friends").await?.group_id);
    group.details().await?;
    group.send_message("Hello, all").await?;

    let bert = domain.user("bert");
    let sender = bert.device(bert.devices().await?[0].device_id.clone());
    sender.send_message("russ@example.com", "Yes").await?;
    let pending = device.pending_messages().await?;
    let message_id = pending.messages.iter().find_map(|message| message.id.clone()).ok_or("a message waits")?;
    device.delete_messages([message_id]).await?;
    Ok(())
}
