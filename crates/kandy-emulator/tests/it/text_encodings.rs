//! Files and bodies with a byte order mark, or in another encoding than UTF-8.

use std::{fs, process::Command};

use clap::Parser;
use kandy_emulator::{
    Emulator, Seed,
    command::{self, Arguments},
};

use crate::fixture::{Kandy, TempFile};

fn utf16(mark: &[u8], text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
}

/// A text in the encodings of common editors, each with the expected error.
fn encodings(text: &str) -> [(Vec<u8>, Option<&'static str>); 6] {
    [
        (text.into(), None),
        (format!("\u{feff}{text}").into(), None),
        (utf16(b"\xff\xfe", text, u16::to_le_bytes), None),
        (utf16(b"\xfe\xff", text, u16::to_be_bytes), None),
        (utf16(b"", text, u16::to_le_bytes), Some("UTF-16 without a byte order mark")),
        ([b"{\"\xe9\": 1, ", &text.as_bytes()[1..]].concat(), Some("not UTF-8")),
    ]
}

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

#[test]
fn seed_file_is_decoded_by_its_mark() {
    // The address is taken: a seed that is read leads to that error.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    for (number, (bytes, refusal)) in encodings(r#"{"domains": [{"name": "example.com"}]}"#).into_iter().enumerate() {
        let file = TempFile::new(&bytes);
        let path = file.0.to_str().expect("text");
        let program = Program::try_parse_from(["emulator", "--listen", &address, "--seed", path]).expect("understood");
        let error = command::serve(program.arguments, |_| panic!("nothing listens")).expect_err("refused");
        assert_eq!(error.is_seed(), refusal.is_some(), "{number}: {error}");
        let expected = refusal.unwrap_or("in use");
        assert!(error.to_string().contains(expected), "{number}: {error}");
    }
}

#[test]
fn seed_of_another_editor_with_mark() {
    let file = kandy_checkout::expect_root().join("crates/kandy-emulator/tests/files/seed_bom.json");
    let text = fs::read_to_string(&file).expect("UTF-8");
    assert!(text.starts_with('\u{feff}'));
    let seed: Seed = text.parse().expect("a seed");
    let emulator = Emulator::builder().seed(seed).start().expect("a free port");
    assert_eq!(emulator.seeded().len(), 1);

    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = command.args(["--listen", &address, "--seed"]).arg(file).output().expect("started");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(said.contains(&address) && said.contains("--listen"), "only the address is refused: {said}");
}

#[tokio::test]
async fn request_body_is_decoded_by_its_mark() {
    let kandy = Kandy::start();
    for (tool, body) in [
        ("faults", r#"{"kind": "stall", "operation": "sms_send"}"#),
        ("clock", r#"{"advance_ms": 1}"#),
        ("contacts", r#"{"device_id": "A149", "contact": {"number": "+14055671234"}}"#),
    ] {
        for (number, (bytes, refusal)) in encodings(body).into_iter().enumerate() {
            let response = kandy.http.post(kandy.admin_url(tool)).body(bytes).send().await.expect("a response");
            let (http, text) = (response.status(), response.text().await.expect("a text"));
            match refusal {
                Some(refusal) => assert!(http == 400 && text.contains(refusal), "{tool} {number}: {text}"),
                // The device does not exist, which the emulator reports only after reading the body.
                None if tool == "contacts" => assert!(text.contains("device"), "{number}: {text}"),
                None => assert_eq!(http, 200, "{tool} {number}: {text}"),
            }
        }
    }
    assert_eq!(kandy.emulator.faults().len(), 4);
}
