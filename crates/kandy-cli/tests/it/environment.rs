//! The environment of a command: a `.env` of other programs, byte order marks, and several credentials at once.

#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::fixture::Fixture;

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

fn said(output: &Output) -> String {
    format!("{:?} {}", output.status, String::from_utf8_lossy(&output.stderr))
}

fn at(fixture: &Fixture, name: &str) -> PathBuf {
    fixture.folder.path().join(name)
}

fn with_input(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// Encodes a text in all supported ways.
fn encodings(text: &str) -> [Vec<u8>; 4] {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| format!("\u{FEFF}{text}").encode_utf16().flat_map(bytes).collect();
    [text.into(), format!("\u{FEFF}{text}").into(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)]
}

/// Prints the user id that the settings resolve to.
fn user_id(fixture: &Fixture) -> Output {
    let mut status = fixture.kandy();
    status.args(["auth", "status", "--offline", "--jq", r#".[] | select(.setting == "user_id") | .value"#]);
    status.output().unwrap()
}

#[test]
fn foreign_dot_env_is_ignored() {
    let fixture = Fixture::new();
    for other in [
        "MOTTO='tis so\n",
        "MOTTO=it's\nNAME: value\n[section]\n= \"\n",
        "KEY=\"-----BEGIN KEY-----\nKANDY_USER_ID=wrong\n-----END KEY-----\"\n",
        "JSON='{\n  KANDY_USER_ID=wrong\n}' # it's JSON\r\n",
        "export PATH=$PATH:$(pwd)/bin && echo \"done\nLIST=(a b\n$env:X = `1`\n",
        "\u{FEFF}FIRST=1\r\n",
        "<html>\0\x07\u{202E}\n",
    ] {
        for ours in
            ["KANDY_USER_ID=russ", "export KANDY_USER_ID = 'russ' # it's him\r\n", "\tKANDY_USER_ID=\"russ\"\nB='c\n"]
        {
            for text in [format!("{other}{ours}"), format!("{ours}\n{other}")] {
                for bytes in [text.clone().into(), [b"LATIN=\xFC\xFF\n", text.as_bytes()].concat()] {
                    fs::write(at(&fixture, ".env"), bytes).unwrap();
                    let output = user_id(&fixture);
                    assert_eq!(String::from_utf8_lossy(&output.stdout), "russ\n", "{text:?}: {}", said(&output));
                    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{text:?}");
                }
            }
        }
    }
}

#[test]
fn bad_dot_env_line_is_reported_by_number() {
    let fixture = Fixture::new();
    for line in ["KANDY_DOMAIN_API_SECRET='s3cret", "KANDY_USER_ID: s3cret", "export KANDY_USER_ID", "KANDY_X=s3 cret"]
    {
        for bytes in encodings(&format!("A='\nKANDY_X=s3 cret\n'\r\n{line}\nKANDY_USER_ID=russ\n")) {
            fs::write(at(&fixture, ".env"), bytes).unwrap();
            let output = user_id(&fixture);
            assert_eq!(output.status.code(), Some(1), "{line}: {}", said(&output));
            assert!(said(&output).contains("kandy: .env: line 4 is invalid; "), "{line}: {}", said(&output));
            assert!(!said(&output).contains("s3"), "{line}: {}", said(&output));
        }
    }
}

#[test]
fn dot_env_pipe_times_out() {
    let fixture = Fixture::new();
    let env = at(&fixture, ".env");
    let login = fixture.kandy().args(["auth", "login", "one", "--from-env", "--user", "russ"]).output().unwrap();
    assert!(login.status.success(), "{}", said(&login));

    fs::create_dir(&env).unwrap();
    assert!(user_id(&fixture).status.success());
    fs::remove_dir(&env).unwrap();
    for (target, works) in [("nowhere", true), ("/dev/null", true), ("/dev/zero", false), (".env", false)] {
        symlink(target, &env).unwrap();
        let output = user_id(&fixture);
        assert_eq!(output.status.success(), works, "{target}: {}", said(&output));
        assert_eq!(!works, said(&output).contains(".env cannot be read: "), "{target}: {}", said(&output));
        fs::remove_file(&env).unwrap();
    }
    let huge = fs::File::create(&env).unwrap();
    huge.set_len(1 << 34).unwrap();
    assert!(said(&user_id(&fixture)).contains("it is larger than 16 MiB"));
    fs::remove_file(&env).unwrap();

    // A pipe without a writer, and one with a writer.
    assert!(Command::new("mkfifo").arg(&env).status().unwrap().success());
    let began = Instant::now();
    let output = user_id(&fixture);
    assert!(began.elapsed() < LONG_TIMEOUT, "{:?}", began.elapsed());
    assert!(said(&output).contains(".env cannot be read: it is a pipe that returned no data"), "{}", said(&output));
    let named = fixture.kandy().args(["device", "list", "--profile", "one", "--quiet"]).output().unwrap();
    assert!(named.status.success(), "it is not read: {}", said(&named));
    let writer = std::thread::spawn(move || fs::write(env, "KANDY_USER_ID=anna\n").unwrap());
    let output = user_id(&fixture);
    writer.join().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "anna\n", "{}", said(&output));
}

#[test]
fn strips_byte_order_marks_from_secrets() {
    let fixture = Fixture::new();
    let shows = |mut command: Command| {
        let output = command.args(["domain", "show", "--quiet"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "example.com\n", "{}", said(&output));
    };
    let lines = format!("KANDY_DOMAIN_API_SECRET={}\n", fixture.domain.1);
    let json =
        format!("{{\"domain_api_key\": {:?}, \"domain_api_secret\": {:?}}}\r\n", fixture.domain.0, fixture.domain.1);
    let [secrets, env, json] = [&format!("{}\r\n", fixture.domain.1), &lines, &json].map(|text| encodings(text));
    for (at_encoding, secret) in secrets.iter().enumerate() {
        let file = at(&fixture, "secret.txt");
        fs::write(&file, secret).unwrap();
        let mut of_file = fixture.kandy();
        of_file.env_remove("KANDY_DOMAIN_API_SECRET").env("KANDY_DOMAIN_API_SECRET_FILE", &file);
        shows(of_file);

        fs::write(at(&fixture, ".env"), &env[at_encoding]).unwrap();
        let mut of_env = fixture.kandy();
        of_env.env_remove("KANDY_DOMAIN_API_SECRET");
        shows(of_env);
        fs::write(at(&fixture, ".env"), "KANDY_DOMAIN_API_SECRET_FILE=secret.txt").unwrap();
        let mut of_env = fixture.kandy();
        of_env.env_remove("KANDY_DOMAIN_API_SECRET");
        shows(of_env);
        fs::remove_file(at(&fixture, ".env")).unwrap();

        fs::write(at(&fixture, "key.txt"), &encodings(&fixture.domain.0)[at_encoding]).unwrap();
        for profile in ["file", "stdin", "json"] {
            let mut login = fixture.kandy();
            login.args(["auth", "login", profile, "--force"]);
            let input = match profile {
                "json" => {
                    login.arg("--stdin");
                    &json[at_encoding]
                }
                _ => {
                    let from = if profile == "file" { "secret.txt" } else { "-" };
                    login.args(["--secret-file", "domain_api_key=key.txt"]);
                    login.args(["--secret-file", &format!("domain_api_secret={from}")]);
                    secret
                }
            };
            let output = with_input(login, input);
            // A UTF-16 line end cannot be detected on stdin, so UTF-16 is rejected by name.
            if profile == "stdin" && at_encoding >= 2 {
                assert_eq!(output.status.code(), Some(1), "{}", said(&output));
                assert!(said(&output).contains("stdin: it is UTF-16"), "{}", said(&output));
                continue;
            }
            assert!(output.status.success(), "{profile} {at_encoding}: {}", said(&output));
            let mut command = fixture.kandy();
            command.args(["--profile", profile]);
            shows(command);
        }
    }
    for (bytes, why) in [
        (&b"\xFF\xFEs"[..], "is not valid UTF-16"),
        (b"s3cret\xFC", "it is not UTF-8"),
        (b"\xEF\xBB\xBF\n", "it is empty"),
    ] {
        fs::write(at(&fixture, "secret.txt"), bytes).unwrap();
        let mut of_file = fixture.kandy();
        of_file.env_remove("KANDY_DOMAIN_API_SECRET").env("KANDY_DOMAIN_API_SECRET_FILE", "secret.txt");
        let of_file = of_file.args(["domain", "show"]).output().unwrap();
        let mut login = fixture.kandy();
        login.args(["auth", "login", "new", "--secret-file", "domain_api_secret=secret.txt"]);
        for output in [of_file, login.output().unwrap()] {
            assert!(!output.status.success() && said(&output).contains(why), "{why}: {}", said(&output));
            assert!(!said(&output).contains("s3cret"), "{}", said(&output));
        }
    }
}

/// Access tokens beside keys and secrets: valid and revoked ones.
#[test]
fn secret_is_used_beside_an_access_token() {
    let fixture = Fixture::new();
    let minted = |level: &str| {
        let mut create = fixture.kandy();
        let output = create.args([level, "token", "create", "--show-secrets", "--quiet"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let old = |letter: char| format!("{letter}AT{}", "0".repeat(32));
    let valid = (minted("account"), minted("domain"));
    let device = fixture.kandy().args(["device", "list", "--user", "russ", "--quiet"]).output().unwrap();
    let device = String::from_utf8(device.stdout).unwrap().trim().to_owned();
    assert!(!device.is_empty());
    for (account_token, domain_token) in [valid, (old('A'), old('D'))] {
        let with_tokens = || {
            let mut command = fixture.kandy();
            command.env("KANDY_ACCOUNT_ACCESS_TOKEN", &account_token).env("KANDY_DOMAIN_ACCESS_TOKEN", &domain_token);
            command
        };
        let mut login = with_tokens();
        login.args(["auth", "login", "tokens", "--from-env", "--force", "--no-check"]);
        assert!(login.status().unwrap().success());
        for options in [&[][..], &["--profile", "tokens"]] {
            for line in [
                "device list --user russ --quiet",
                "message list --user russ --quiet",
                &format!("message list --user russ --device {device}"),
                "contact list --user anna",
                "user token create --user russ --show-secrets --quiet",
                "domain token create --show-secrets --quiet",
                "account token create --show-secrets --quiet",
                "domain configuration --show-secrets --quiet",
                "api device_list --user russ",
            ] {
                let output = with_tokens().args(line.split(' ')).args(options).output().unwrap();
                assert!(output.status.success(), "{line} {options:?}: {}", said(&output));
                let shown = String::from_utf8(output.stdout).unwrap();
                if line.starts_with("device list") {
                    assert_eq!(shown.trim(), device);
                }
                assert!(!shown.contains(&account_token) && !shown.contains(&domain_token), "{line}: it is a new one");
            }
        }
        // The default user belongs to the domain, too, and a token of another user is not used for a user in --user.
        let mut usual = with_tokens();
        let usual = usual.env("KANDY_USER_ID", "russ").args(["device", "list", "--quiet"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&usual.stdout).trim(), device, "{}", said(&usual));
        let mut named = with_tokens();
        named.env("KANDY_USER_ID", "anna").env("KANDY_USER_ACCESS_TOKEN", old('U'));
        let named = named.args(["device", "list", "--user", "russ", "--quiet"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&named.stdout).trim(), device, "{}", said(&named));
    }
    // Revoking a token requires the key and secret.
    for level in ["domain", "account"] {
        let mut revoke = fixture.kandy();
        revoke.env("KANDY_ACCOUNT_ACCESS_TOKEN", old('A')).env("KANDY_DOMAIN_ACCESS_TOKEN", old('D'));
        revoke.args([level, "token", "delete", "--token-file", "-"]);
        let output = with_input(revoke, minted(level).as_bytes());
        assert!(output.status.success(), "{level}: {}", said(&output));
    }
    let mut show = fixture.kandy();
    show.env("KANDY_DOMAIN_ACCESS_TOKEN", minted("domain")).args(["user", "show", "russ", "--quiet"]);
    let show = show.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&show.stdout), "russ\n", "{}", said(&show));
}

/// Without a secret, the token is used.
#[test]
fn access_token_alone_is_used() {
    let fixture = Fixture::new();
    let mut create = fixture.kandy();
    let token = create.args(["domain", "token", "create", "--show-secrets", "--quiet"]).output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
    let with_token = |line: &str| {
        let mut command = fixture.kandy();
        command.env_remove("KANDY_DOMAIN_API_SECRET").env("KANDY_DOMAIN_ACCESS_TOKEN", &token);
        command.args(line.split(' ')).output().unwrap()
    };
    let list = with_token("user list --quiet");
    assert_eq!(String::from_utf8_lossy(&list.stdout).lines().count(), 2, "{}", said(&list));
    let create = with_token("domain token create --show-secrets --quiet");
    assert_eq!(String::from_utf8_lossy(&create.stdout).trim(), token, "{}", said(&create));
    let before = fixture.emulator.requests().len();
    let of_user = with_token("device list --user russ");
    assert_eq!(of_user.status.code(), Some(2), "{}", said(&of_user));
    assert!(said(&of_user).contains("domain_api_secret"), "{}", said(&of_user));
    assert_eq!(fixture.emulator.requests().len(), before);
}

/// Temporary files of killed processes. Earlier versions used the process id in their names, which repeats in
/// containers; now a file is removed unless a process has locked it.
#[test]
fn stale_temporary_files_are_removed() {
    let fixture = Fixture::new();
    fs::create_dir(at(&fixture, "config")).unwrap();
    for (target, command) in [
        ("config/config.toml", "kandy auth login one --from-env --force"),
        ("config/secrets.toml", "kandy auth login one --from-env --force"),
        ("users.csv", "kandy user export users.csv --force"),
    ] {
        let (folder, name) = target.rsplit_once('/').unwrap_or((".", target));
        let temporary = |random: &str| at(&fixture, &format!("{folder}/.{name}.{random}.kandy-tmp"));
        fs::write(temporary("killed"), "").unwrap();
        fs::write(temporary("locked"), "").unwrap();
        let locked = fs::File::open(temporary("locked")).unwrap();
        locked.lock().unwrap();
        // `exec` keeps the process id of the shell.
        let script = format!("touch {target}.$$.new && exec {command}");
        let output = fixture.program("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{target}: {}", said(&output));
        assert!(!temporary("killed").exists() && temporary("locked").exists(), "{target}");
        drop(locked);
        assert!(fixture.program("sh").args(["-c", command]).status().unwrap().success());
        assert!(!temporary("locked").exists(), "{target}");
        let left = fs::read_dir(at(&fixture, folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let left = left.filter(|name| name.to_string_lossy().ends_with(".kandy-tmp"));
        assert_eq!(left.count(), 0, "{target}");
    }
}

/// A variable beside its `_FILE` form is an error, because either may be the forgotten one; what comes from `.env` is
/// only replaced.
#[test]
fn variable_that_is_set_twice_is_an_error() {
    let fixture = Fixture::new();
    fs::write(at(&fixture, "user.txt"), "anna").unwrap();
    let mut twice = fixture.kandy();
    twice.args(["auth", "status", "--offline"]).env("KANDY_USER_ID", "russ").env("KANDY_USER_ID_FILE", "user.txt");
    let output = twice.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("KANDY_USER_ID and KANDY_USER_ID_FILE are both set; remove one"),
        "{}",
        said(&output)
    );

    fs::write(at(&fixture, ".env"), "KANDY_USER_ID=russ\nKANDY_USER_ID_FILE=user.txt\n").unwrap();
    let text = said(&user_id(&fixture));
    assert!(text.contains(".env: KANDY_USER_ID and KANDY_USER_ID_FILE are both set"), "{text}");
    fs::write(at(&fixture, ".env"), "KANDY_USER_ID_FILE=user.txt\n").unwrap();
    assert_eq!(String::from_utf8_lossy(&user_id(&fixture).stdout), "anna\n");
}
