//! The module `command`.

use clap::Parser;
use kandy_emulator::command::{self, Account, Arguments};

#[derive(Parser)]
enum Program {
    Emulator(Arguments),
}

fn arguments(options: &[&str]) -> Arguments {
    let Program::Emulator(arguments) =
        Program::try_parse_from(["program", "emulator"].iter().chain(options)).expect("understood");
    arguments
}

#[test]
fn reports_source_of_credentials() {
    let given = arguments(&["--account-key", "AAKcanary", "--account-secret", "AAScanary"]);
    assert!(matches!(given.account(), Account::Given { key_from: "--account-key", .. }));
    assert!(!format!("{given:?}").contains("canary"));
    assert!(Program::try_parse_from(["program", "emulator", "--token-ttl", "soon"]).is_err());
}

#[test]
fn seed_error_differs_from_listen_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let no_seed = kandy_checkout::expect_root().join("Cargo.toml");
    let bad_seed = ["--listen", &address, "--seed", no_seed.to_str().expect("a text")];
    for (options, is_seed) in [(&bad_seed[..2], false), (&bad_seed[..], true), (&["--seed", "no such file"], true)] {
        let error = command::serve(arguments(options), |_| panic!("nothing listens")).expect_err("refused");
        assert_eq!(error.is_seed(), is_seed, "{error}");
    }
}

/// Returns the error of a start at an address that cannot be bound.
fn refusal(listen: &str) -> String {
    let error = command::serve(arguments(&["--listen", listen]), |_| panic!("nothing listens")).expect_err("refused");
    assert!(!error.is_seed());
    error.to_string()
}

#[test]
fn listen_error_names_address_and_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    for listen in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!(":{port}"), port.to_string()] {
        let refusal = refusal(&listen);
        let named = if listen.starts_with("localhost") { listen } else { format!("127.0.0.1:{port}") };
        assert!(refusal.starts_with(&format!("cannot listen on {named}: ")), "{refusal}");
        assert!(refusal.contains("stop it, or choose another port with --listen"), "{refusal}");
    }
    // An address reserved for documentation, which no machine has.
    let refusal = refusal("192.0.2.1:8787");
    assert!(refusal.contains("192.0.2.1:8787") && refusal.contains("this machine has no such address"), "{refusal}");

    let error = kandy_emulator::Emulator::builder().listen(([127, 0, 0, 1], port).into()).start().expect_err("taken");
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[test]
fn invalid_address_lists_accepted_forms() {
    for listen in ["localhost", "127.0.0.1:port", "http://localhost:8787", "99999"] {
        let error = Program::try_parse_from(["program", "emulator", "--listen", listen]).err().expect("refused");
        assert!(error.to_string().contains("localhost:8787"), "{listen}: {error}");
    }
}
