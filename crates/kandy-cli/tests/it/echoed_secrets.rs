//! A service that echoes each request in its error message: no password appears on stderr or in a file.

#![cfg(unix)]

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

const PASSWORD: &str = "Hunter/22@secret";

/// Starts a service that mints tokens and rejects everything else with the request as message. It ends with the test.
fn service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || drop(serve(stream.unwrap())));
        }
    });
    format!("http://{address}/v1.2")
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    let (head, body) = loop {
        let length = stream.read(&mut piece)?;
        request.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = head.to_ascii_lowercase();
            let expected = header.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            if body.len() >= expected.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        }
    };
    let target = head.split(' ').nth(1).unwrap_or_default();
    let answer = if target.contains("/domains/accesstokens") {
        serde_json::json!({"status": 0, "message": "success", "result": {"domain_access_token": "token.of-the.domain"}})
    } else {
        // Echo in upper case what the request has in lower case, and vice versa.
        let has_password = [target, body.as_str()].iter().any(|part| part.contains("22") && part.contains("secret"));
        let shouted = if has_password { PASSWORD.to_uppercase() } else { String::new() };
        let said = format!("cannot use {target} with {body}, {shouted}, token.of-the.domain");
        serde_json::json!({"status": 16, "message": said, "status_description": {"code": 16, "message": said}})
    };
    let answer = answer.to_string();
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{answer}"
    )
}

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(folder: &std::path::Path, base_url: &str, arguments: &[&str], input: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kandy"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("KANDY_CONFIG_DIR", folder.join("config"))
        .env("KANDY_SECRET_STORE", "file")
        .env("KANDY_BASE_URL", base_url)
        .env("KANDY_DOMAIN_API_KEY", "key.of-the.domain")
        .env("KANDY_DOMAIN_API_SECRET", "secret.of-the.domain")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Keeps letters only, so that no escape or separator hides a match.
fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase()
}

fn hides(what: &str, text: &str) {
    for secret in ["huntersecret", "tokenofthedomain", "keyofthedomain", "secretofthedomain", "fhunter"] {
        assert!(!letters(text).contains(secret), "{what} shows {secret}: {text}");
    }
    assert!(!text.contains("22"), "{what}: {text}");
}

#[test]
fn echoed_password_is_not_printed() {
    let (folder, base_url) = (tempfile::tempdir().unwrap(), service());
    let user = format!(r#"{{"user_id":"russ","user_password":"{PASSWORD}"}}"#);
    fs::write(folder.path().join("user.json"), &user).unwrap();
    for (arguments, input) in [
        (&["user", "delete", "russ", "--yes", "--password-file", "-"][..], PASSWORD),
        (&["api", "user_create", "--input", "user.json"], ""),
        (&["api", "user_create", "--input", "user.json", "--json"], ""),
        (&["api", "user_delete", "-p", "user_id=russ", "--parameter-file", "user_password=-"], PASSWORD),
        (&["user", "list"], ""),
        (&["user", "export", "--verbose"], ""),
    ] {
        let ended = run(folder.path(), &base_url, arguments, input);
        let what = format!("kandy {}", arguments.join(" "));
        assert_eq!(ended.code, Some(3), "{what}: {}", ended.stderr);
        assert!(ended.stderr.contains("***"), "{what}: {}", ended.stderr);
        hides(&what, &ended.stderr);
        hides(&what, &ended.stdout);
    }
}

#[test]
fn rejected_file_has_only_its_own_password() {
    // Passwords that a new user may have.
    let passwords = ["hunter-22.one", "hunter_22!two", "hun22terthree"];
    for format in ["csv", "jsonl"] {
        let (folder, base_url) = (tempfile::tempdir().unwrap(), service());
        let rows = passwords.iter().enumerate().map(|(number, password)| match format {
            "csv" => format!("russ{number},{password}\n"),
            _ => format!("{{\"user_id\":\"russ{number}\",\"user_password\":\"{password}\"}}\n"),
        });
        let header = if format == "csv" { "user_id,user_password\n" } else { "" };
        let file = format!("users.{format}");
        fs::write(folder.path().join(&file), header.to_owned() + &rows.collect::<String>()).unwrap();
        let ended = run(folder.path(), &base_url, &["user", "import", &file], "");
        assert_eq!(ended.code, Some(8), "{}", ended.stderr);
        let failures = fs::read_to_string(folder.path().join(format!("users.failures.{format}"))).unwrap();
        assert!(failures.contains("***"), "{failures}");
        for password in passwords {
            assert!(!ended.stderr.contains(password) && !ended.stdout.contains(password), "{}", ended.stderr);
            assert_eq!(failures.matches(password).count(), 1, "only the row itself has it: {failures}");
        }
    }
}
