//! The program as a part of another one.

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
fn it_is_known_where_credentials_come_from() {
    let given = arguments(&["--account-key", "AAKcanary", "--account-secret", "AAScanary"]);
    assert!(matches!(given.account(), Account::Given { key_from: "--account-key", .. }));
    assert!(!format!("{given:?}").contains("canary"));
    assert!(Program::try_parse_from(["program", "emulator", "--token-ttl", "soon"]).is_err());
}

#[test]
fn callers_can_tell_a_bad_seed_from_a_taken_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let bad_seed = ["--listen", &address, "--seed", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")];
    for (options, is_seed) in [(&bad_seed[..2], false), (&bad_seed[..], true), (&["--seed", "no such file"], true)] {
        let error = command::serve(arguments(options), |_| panic!("nothing listens")).expect_err("refused");
        assert_eq!(error.is_seed(), is_seed, "{error}");
    }
}
