//! What sets a terminal up for a running emulator: `kandy emulator --env`, and `kandy auth login --emulator`.

use std::{net::TcpListener, process::Output};

use kandy_emulator::{Emulator, Tls};

use crate::fixture::{Fixture, stderr};

/// A domain with a user whose id a shell would carry out, were it not quoted.
const SEED: &str =
    r#"{"domains": [{"name": "seeded.example.com", "users": [{"user_id": "o'brien\"`$(touch${IFS}pwned)"}]}]}"#;

/// A fixture whose emulator is seeded.
fn seeded() -> Fixture {
    let emulator = Emulator::builder().seed(SEED.parse().unwrap()).start().unwrap();
    Fixture { emulator, folder: tempfile::tempdir().unwrap(), domain: (String::new(), String::new()) }
}

fn address(fixture: &Fixture) -> &str {
    fixture.emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2")
}

/// Runs a script in a shell without settings.
fn sh(fixture: &Fixture, script: &str) -> Output {
    let mut shell = fixture.program("sh");
    for name in ["BASE_URL", "ACCOUNT_API_KEY", "ACCOUNT_API_SECRET", "DOMAIN_API_KEY", "DOMAIN_API_SECRET"] {
        shell.env_remove(format!("KANDY_{name}"));
    }
    shell.args(["-c", script]).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The line of the README, for another address than the default one.
fn line_of_readme(address: &str) -> String {
    let readme = std::fs::read_to_string(kandy_checkout::expect_root().join("crates/kandy-cli/README.md")).unwrap();
    let line = readme.lines().find(|line| line.starts_with(r#"eval "$(kandy emulator --env)""#)).expect("the line");
    line.replace("--env", &format!("--env --listen {address}"))
}

#[test]
fn line_of_the_readme_sets_up_a_shell() {
    let fixture = seeded();
    let script = format!("{}\nkandy user list --quiet && kandy domain list --quiet", line_of_readme(address(&fixture)));
    let output = sh(&fixture, &script);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "o'brien\"`$(touch${IFS}pwned)\nseeded.example.com\n");
    assert!(!fixture.has("pwned"));
}

#[test]
fn shell_evaluates_nothing_if_no_emulator_responds() {
    let fixture = seeded();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = sh(&fixture, &format!("kandy emulator --env --listen {closed}"));
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
    let message = stderr(&output);
    assert!(message.contains(&closed) && message.contains("`kandy emulator &`"), "{message}");
}

#[test]
fn env_as_json_and_with_a_profile_that_takes_precedence() {
    let fixture = seeded();
    let output =
        sh(&fixture, &format!("KANDY_PROFILE=work kandy emulator --env --json --listen {}", address(&fixture)));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["environment"]["KANDY_BASE_URL"], fixture.emulator.base_url());
    assert!(stderr(&output).contains("KANDY_PROFILE"), "{}", stderr(&output));
}

#[test]
fn given_account_is_told_by_the_caller_alone() {
    let emulator = Emulator::builder().account("AAKgiven", "AASgiven").start().unwrap();
    let fixture = Fixture { emulator, folder: tempfile::tempdir().unwrap(), domain: (String::new(), String::new()) };
    let base = format!("export KANDY_BASE_URL='{}'\n", fixture.emulator.base_url());
    let command = format!("kandy emulator --env --listen {}", address(&fixture));
    let without = sh(&fixture, &command);
    assert_eq!((stdout(&without), without.status.code()), (base.clone(), Some(0)));
    assert!(stderr(&without).contains("set KANDY_ACCOUNT_API_KEY"), "{}", stderr(&without));
    let with = sh(&fixture, &format!("KANDY_ACCOUNT_API_KEY=AAKgiven KANDY_ACCOUNT_API_SECRET=AASgiven {command}"));
    let account = "export KANDY_ACCOUNT_API_KEY='AAKgiven'\nexport KANDY_ACCOUNT_API_SECRET='AASgiven'\n";
    assert_eq!((stdout(&with), stderr(&with).as_str()), (base + account, ""));

    // There is nothing to store.
    let login = sh(&fixture, &format!("kandy auth login --emulator --base-url {}", fixture.emulator.base_url()));
    assert_eq!(login.status.code(), Some(2), "{}", stderr(&login));
    assert!(stderr(&login).contains("No credentials to store"), "{}", stderr(&login));
}

#[test]
fn login_stores_a_profile_of_the_emulator() {
    let fixture = seeded();
    let login = format!("kandy auth login --emulator --base-url {}", fixture.emulator.base_url());
    // Twice: an emulator that was started again has other credentials, and its profile is replaced.
    for _ in 0..2 {
        let output = sh(&fixture, &login);
        let stored = format!("stored profile \"emulator\" for {}\n", fixture.emulator.base_url());
        assert_eq!(stderr(&output), format!("account: works\ndomain: works\n{stored}"));
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    }
    let listed = sh(&fixture, "kandy user list --quiet && kandy domain list --quiet");
    assert_eq!(stdout(&listed), "o'brien\"`$(touch${IFS}pwned)\nseeded.example.com\n", "{}", stderr(&listed));
    let config = fixture.read("config/config.toml");
    assert!(!config.contains("AAS0") && !config.contains("DAS"), "{config}");
}

#[test]
fn login_replaces_no_profile_of_another_service_unasked() {
    let fixture = seeded();
    // A profile of the service, under the name that is the default here, and the default profile.
    let store =
        "KANDY_DOMAIN_API_KEY=DAK1 KANDY_DOMAIN_API_SECRET=DAS1 kandy auth login emulator --from-env --no-check";
    assert!(sh(&fixture, store).status.success());
    let before = fixture.read("config/config.toml");
    let login = |options: &str| {
        sh(&fixture, &format!("kandy auth login --emulator --base-url {} {options}", fixture.emulator.base_url()))
    };
    let refused = login("");
    assert_eq!((refused.status.code(), fixture.read("config/config.toml")), (Some(2), before), "{}", stderr(&refused));
    assert!(stderr(&refused).contains("Use --force to replace it"), "{}", stderr(&refused));
    // Under another name it does not become the default, and the command says how to use it.
    let other = login("local");
    assert!(stderr(&other).contains("use --profile local"), "{}", stderr(&other));
    assert_eq!(stdout(&sh(&fixture, "kandy auth list --jq '.[] | select(.default) | .profile'")), "emulator\n");
    assert!(login("--force").status.success());
    // The environment does not decide which emulator is asked: it often names the service.
    let elsewhere = "kandy auth login elsewhere --emulator --base-url http://127.0.0.1:9/v1.2";
    let of_environment = sh(&fixture, &format!("KANDY_BASE_URL={} {elsewhere}", fixture.emulator.base_url()));
    assert_eq!(of_environment.status.code(), Some(1), "{}", stderr(&of_environment));
    assert!(stderr(&of_environment).contains("no emulator responds at 127.0.0.1:9"), "{}", stderr(&of_environment));
    // Credentials go over plain HTTP to a loopback address only.
    let plain = sh(&fixture, "kandy auth login far --emulator --base-url http://192.0.2.1:8787/v1.2");
    assert_eq!(plain.status.code(), Some(2), "{}", stderr(&plain));
}

/// The authority is asked over TLS, and kept in the profile.
#[test]
fn login_to_an_emulator_with_tls() {
    let folder = tempfile::tempdir().unwrap();
    let emulator =
        Emulator::builder().seed(SEED.parse().unwrap()).tls(Tls::in_directory(folder.path())).start().unwrap();
    let base_url = emulator.base_url().to_owned();
    assert!(base_url.starts_with("https://"), "{base_url}");
    let ca_file = emulator.ca_file().expect("it is kept").display().to_string();
    let fixture = Fixture { emulator, folder, domain: (String::new(), String::new()) };

    let login = format!("kandy auth login --emulator --store file --base-url {base_url}");
    // The default authority of the user is another one, or none.
    let refused = sh(&fixture, &login);
    assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains("DAS"), "{}", stderr(&refused));

    let output =
        sh(&fixture, &format!("{login} --ca-file '{ca_file}' && kandy --profile emulator domain list --quiet"));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "seeded.example.com\n");
}
