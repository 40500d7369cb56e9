//! Runs every command of `docs/migrating-from-kandypy.md` in the order of the page.

use std::fs;

use crate::fixture::Fixture;

/// The page.
const PAGE: &str = include_str!("../../../../docs/migrating-from-kandypy.md");

/// Tokens and ids for the commands.
struct Ids {
    account_token: String,
    domain_token: String,
    device: String,
    spare_device: String,
    group: String,
    message: String,
}

/// Creates what the commands name: two devices and a group of russ, and a pending message for him.
async fn provision(fixture: &Fixture) -> kandy::Result<Ids> {
    let kandy = kandy::Kandy::builder().base_url(fixture.emulator.base_url()).build()?;
    let account = kandy.account(fixture.emulator.account_key(), fixture.emulator.account_secret());
    let domain = kandy.domain(fixture.domain.0.as_str(), fixture.domain.1.as_str());
    let (russ, bert) = (domain.user("russ"), domain.user("bert"));
    let device = russ.create_device("1").await?.device_id;
    let sender = bert.device(bert.create_device("2").await?.device_id);
    let message = sender.send_message("russ@example.com", "Yes").await?;
    Ok(Ids {
        account_token: account.access_token().await?.expose().to_owned(),
        domain_token: domain.access_token().await?.expose().to_owned(),
        device: device.to_string(),
        spare_device: russ.create_device("3").await?.device_id.to_string(),
        group: russ.create_group("Friends").await?.group_id.to_string(),
        message: message.to_string(),
    })
}

#[test]
fn every_command_runs() {
    let fixture = Fixture::with(&["russ", "bert"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ids = runtime.block_on(provision(&fixture)).unwrap();
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let commands: Vec<_> = rows.map(|row| row.split('|').nth(3).unwrap().trim().trim_matches('`')).collect();
    assert_eq!(commands.len(), 25, "a command for each function");
    for command in commands {
        let token = if command.contains("account") { &ids.account_token } else { &ids.domain_token };
        fs::write(fixture.folder.path().join("token.txt"), token).unwrap();
        let mut shell = fixture.program("sh");
        shell.args(["-c", command]).env("DEVICE", &ids.device).env("SPARE_DEVICE", &ids.spare_device);
        let output = shell.env("GROUP", &ids.group).env("MESSAGE", &ids.message).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let sms = fixture.emulator.sms();
    assert_eq!(sms.len(), 1, "{sms:?}");
}
