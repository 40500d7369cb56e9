//! `kandy emulator`: seeds, output, and exit.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::fixture::scenario::normalize;

/// A running emulator, which is killed on drop.
struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl Served {
    fn start(seed: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("seed.json"), seed).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_kandy"))
            .args(["emulator", "--listen", "127.0.0.1:0", "--seed", "seed.json"])
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout, folder }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Runs a command with only these variables, and returns its output.
    fn kandy(&self, variables: &[(String, String)], arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_kandy"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("KANDY_CONFIG_DIR", self.folder.path())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const SEED: &str = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ", "country_code": "US"}]}]}"#;

#[test]
fn json_ready_line_has_the_address() {
    let mut served = Served::start(SEED, &["--json"]);
    let ready: serde_json::Value = serde_json::from_str(&served.line()).unwrap();
    let environment = ready["environment"].as_object().unwrap().iter();
    let variables: Vec<_> =
        environment.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    assert_eq!(served.kandy(&variables, &["user", "list", "--quiet"]), "russ\n");
    assert_eq!(served.kandy(&variables, &["domain", "list", "--quiet"]), "example.com\n");
}

#[test]
fn printed_commands_run() {
    let mut served = Served::start(SEED, &[]);
    let lines: Vec<_> = (0..13).map(|_| served.line()).collect();
    let steadied: Vec<_> = lines.iter().map(|line| normalize(line)).collect();
    assert_eq!(
        steadied,
        [
            "Kandy emulator: http://127.0.0.1:<port>/v1.2",
            "Account: the built-in development account, see README",
            "  API key    <hex>",
            "  API secret <hex>",
            "Domain: example.com, with the user russ@example.com",
            "  API key    <hex>",
            "  API secret <hex>",
            "For the clients:",
            "export KANDY_BASE_URL=http://127.0.0.1:<port>/v1.2",
            "export KANDY_ACCOUNT_API_KEY=<hex>",
            "export KANDY_ACCOUNT_API_SECRET=<hex>",
            "export KANDY_DOMAIN_API_KEY=<hex>",
            "export KANDY_DOMAIN_API_SECRET=<hex>",
        ]
    );
    let variables: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(served.kandy(&variables, &["user", "list", "--quiet"]), "russ\n");
}

/// `--tls`: what it prints for programs and for a shell reaches it, from a directory whose name needs quotes.
#[test]
fn printed_variables_reach_it_with_tls() {
    let mut served = Served::start(SEED, &["--json", "--tls", "--tls-dir", "it's a dir"]);
    let ready: serde_json::Value = serde_json::from_str(&served.line()).unwrap();
    assert!(ready["base_url"].as_str().unwrap().starts_with("https://127.0.0.1:"), "{ready}");
    let environment = ready["environment"].as_object().unwrap().iter();
    let variables: Vec<_> =
        environment.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    assert!(variables.iter().any(|(name, _)| name == "KANDY_CA_FILE"), "{ready}");
    assert_eq!(served.kandy(&variables, &["user", "list", "--quiet"]), "russ\n");
}

#[cfg(unix)]
#[test]
fn printed_shell_lines_reach_it_with_tls() {
    let mut served = Served::start("{}", &["--tls", "--tls-dir", "it's a dir"]);
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.starts_with("export KANDY_ACCOUNT_API_SECRET=")) {
        lines.push(served.line());
    }
    let exports: Vec<_> = lines.iter().filter(|line| line.starts_with("export ")).map(String::as_str).collect();
    let script = format!("{}\n\"{}\" domain list --quiet", exports.join("\n"), env!("CARGO_BIN_EXE_kandy"));
    // In another working directory.
    let output = Command::new("sh").args(["-c", &script]).current_dir("/").output().unwrap();
    assert!(output.status.success(), "{lines:?}: {}", String::from_utf8_lossy(&output.stderr));
    let key = fs::read_to_string(served.folder.path().join("it's a dir/ca/key.pem")).unwrap();
    assert!(key.lines().all(|line| !lines.iter().any(|printed| printed.contains(line))), "{lines:?}");
}

#[test]
fn rejects_a_bad_seed_before_listening() {
    let mut served = Served::start(r#"{"domains": [{"nam": "example.com"}]}"#, &[]);
    assert_eq!(served.line(), "");
    assert_eq!(served.child.wait().unwrap().code(), Some(2));
}

#[test]
fn reports_an_address_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for listen in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), port.to_string()] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_kandy")).args(["emulator", "--listen", &listen]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!(":{port}: ")) && said.contains("choose another port with --listen"), "{said}");
    }
}

#[test]
fn reads_a_seed_with_a_byte_order_mark() {
    let mut served = Served::start(&format!("\u{feff}{SEED}"), &["--json"]);
    assert!(served.line().starts_with("{\"base_url\":\"http://127.0.0.1:"), "it listens");
}

#[cfg(unix)]
#[test]
fn exits_cleanly_on_ctrl_c() {
    let mut served = Served::start(SEED, &["--json"]);
    served.line();
    let told = Command::new("kill").args(["-INT", &served.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}
