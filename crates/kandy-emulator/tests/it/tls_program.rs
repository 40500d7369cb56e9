//! The program with `--tls`.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::{Certificate, Client};
use tempfile::TempDir;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    for variable in ["KANDY_ACCOUNT_API_KEY", "KANDY_ACCOUNT_API_SECRET", "XDG_DATA_HOME"] {
        command.env_remove(variable);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).args(["--listen", "127.0.0.1:0", "--tls"]);
    command
}

/// A running program, and what it printed so far.
struct Running {
    child: Child,
    printed: String,
}

impl Running {
    /// Starts the program, and waits for its last line.
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("started");
        let mut lines = BufReader::new(child.stdout.as_mut().expect("stdout"));
        let mut printed = String::new();
        while !printed.contains("--listen 127.0.0.1:443") {
            let length = lines.read_line(&mut printed).expect("text");
            assert_ne!(length, 0, "it ended: {printed}");
        }
        Self { child, printed }
    }

    fn base_url(&self) -> &str {
        let line = self.printed.lines().next().expect("a line");
        line.strip_prefix("Kandy emulator: ").expect("the base URL")
    }

    /// Kills the program, and returns all that it printed.
    fn stop(mut self) -> String {
        self.child.kill().expect("it runs");
        self.child.wait().expect("ended");
        let mut text = std::mem::take(&mut self.printed);
        self.child.stdout.take().expect("stdout").read_to_string(&mut text).expect("text");
        self.child.stderr.take().expect("stderr").read_to_string(&mut text).expect("text");
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn health(base_url: &str, ca_file: &Path) -> bool {
    let certificate = Certificate::from_pem(&fs::read(ca_file).expect("readable")).expect("a certificate");
    let client = Client::builder().no_proxy().tls_certs_only([certificate]).build().expect("a client");
    let url = base_url.replace("/v1.2", "/_emulator/health");
    client.get(url).send().await.is_ok_and(|response| response.status() == 200)
}

#[tokio::test]
async fn prints_how_clients_trust_it() {
    let parent = TempDir::new().expect("a directory");
    let directory = parent.path().join("it's a dir");
    let running = Running::start(program().arg("--tls-dir").arg(&directory).args(["--tls-name", "kandy.test"]));
    let ca_file = directory.join("ca").join("cert.pem");
    assert!(health(running.base_url(), &ca_file).await);
    let base_url = running.base_url().to_owned();
    let port = base_url.trim_start_matches("https://127.0.0.1:").trim_end_matches("/v1.2").to_owned();
    let text = running.stop();
    // As a shell takes it.
    let file = format!("'{}'", ca_file.display().to_string().replace('\'', r"'\''"));
    for line in [
        format!("curl --cacert {file} {base_url}/"),
        format!("export NODE_EXTRA_CA_CERTS={file}"),
        format!("export REQUESTS_CA_BUNDLE={file}"),
        format!("export SSL_CERT_FILE={file}"),
        format!("keytool -importcert -noprompt -alias kandy-emulator -file {file} "),
        format!("export KANDY_CA_FILE={file}"),
        format!("--resolve api.kandy.io:{port}:127.0.0.1 https://api.kandy.io:{port}/v1.2/"),
        "127.0.0.1 api.kandy.io".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}: {text}");
    }
    let key = fs::read_to_string(directory.join("ca").join("key.pem")).expect("readable");
    assert!(text.lines().all(|line| !key.contains(line) || line.is_empty()), "{text}");
    assert!(key.lines().all(|line| !text.contains(line)), "{text}");
}

/// The data directory of the user, as `XDG_DATA_HOME` or the home directory has it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn keeps_the_authority_in_the_data_directory() {
    let home = TempDir::new().expect("a directory");
    let ca_file = home.path().join(".local/share/kandy-emulator/ca/cert.pem");
    let mut authorities = Vec::new();
    for _ in 0..2 {
        let running = Running::start(program().env("HOME", home.path()));
        assert!(health(running.base_url(), &ca_file).await);
        assert!(
            running.printed.contains(&format!("export KANDY_CA_FILE={}", ca_file.display())),
            "{}",
            running.printed
        );
        authorities.push(fs::read(&ca_file).expect("readable"));
    }
    assert_eq!(authorities[0], authorities[1]);
    let data = home.path().join("data");
    drop(Running::start(program().env("HOME", home.path()).env("XDG_DATA_HOME", &data)));
    assert!(data.join("kandy-emulator/ca/cert.pem").exists());
}

/// Runs `--env`, and returns whether it succeeded, and what it printed.
fn environment(listen: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    let output = command.args(["--env", "--listen", listen]).args(arguments).output().expect("ended");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

#[test]
fn env_asks_over_tls() {
    let (directory, other) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let (dir, other_dir) = (directory.path().to_str().expect("a text"), other.path().to_str().expect("a text"));
    let running = Running::start(program().args(["--tls-dir", dir]));
    let authority = running.base_url().trim_start_matches("https://").trim_end_matches("/v1.2");
    let port = authority.rsplit_once(':').expect("a port").1;
    for listen in [authority, port, &format!("localhost:{port}")] {
        let (is_success, text) = environment(listen, &["--tls", "--tls-dir", dir]);
        assert!(is_success, "{text}");
        assert!(text.contains(&format!("export KANDY_CA_FILE='{dir}/ca/cert.pem'\n")), "{text}");
        assert!(text.contains("export KANDY_BASE_URL='https://") && text.contains(&format!(":{port}/v1.2'")), "{text}");
    }
    let (is_success, text) = environment(authority, &[]);
    assert!(!is_success && text.contains("it serves HTTPS; add --tls"), "{text}");
    // Without its authority, nothing is sent; and none is made.
    let (is_success, text) = environment(authority, &["--tls", "--tls-dir", other_dir]);
    assert!(!is_success && text.contains("cannot read ") && text.contains(other_dir), "{text}");
    assert_eq!(fs::read_dir(other.path()).expect("readable").count(), 0);
    drop(Running::start(program().args(["--tls-dir", other_dir])));
    let (is_success, text) = environment(authority, &["--tls", "--tls-dir", other_dir]);
    assert!(!is_success && text.contains("certificate"), "{text}");
}

#[test]
fn refusals_name_the_remedy() {
    let directory = TempDir::new().expect("a directory");
    let dir = directory.path().to_str().expect("a text");
    drop(Running::start(program().args(["--tls-dir", dir])));
    fs::write(directory.path().join("broken"), "").expect("written");
    let broken = directory.path().join("broken").display().to_string();
    let other = ["--tls-dir", dir, "--tls-name", "kandy.lan"];
    for (arguments, code, said) in [
        (&["--tls-name", "a b"][..], 2, "\"a b\" is neither a host name nor an address; give one such as kandy.test"),
        (&["--tls-dir", &broken], 1, "kandy-emulator: cannot "),
        (&other, 1, "may not certify kandy.lan: it is limited to the names it was made for; choose another directory"),
    ] {
        let output = program().args(arguments).output().expect("ended");
        let text = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{text}");
        assert!(text.contains(said), "{said}: {text}");
    }
    for arguments in [["--tls-name", "kandy.test"], ["--tls-dir", dir]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
        let output = command.args(["--listen", "127.0.0.1:0"]).args(arguments).output().expect("ended");
        assert_eq!(output.status.code(), Some(2), "without --tls they have no effect");
    }
}
