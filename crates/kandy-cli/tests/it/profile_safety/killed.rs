//! Processes that are killed while they change profiles.

use std::{fs, process::Output, thread, time::Duration};

use super::{Services, Stored, USUAL_FILES, config, files, said};

/// A shell that limits file sizes, so that a larger write fails or kills the process, and a user id beyond that limit:
/// it makes `config.toml` too large, while `secrets.toml` stays small.
fn limited(services: &Services, signal: &str, line: &str) -> Output {
    limited_to(4, services, signal, line)
}

/// The same with a limit in blocks.
fn limited_to(blocks: usize, services: &Services, signal: &str, line: &str) -> Output {
    let script = format!("{signal}; ulimit -f {blocks}; exec kandy {line}");
    let mut shell = services.fixture.program("sh");
    shell.args(["-c", &script, "sh", &"u".repeat(20_000)]);
    shell.env("KANDY_BASE_URL", services.other.base_url());
    shell.env("KANDY_DOMAIN_API_KEY", &services.other_domain.0);
    shell.env("KANDY_DOMAIN_API_SECRET", &services.other_domain.1);
    shell.env("KANDY_ACCOUNT_API_KEY", services.other.account_key());
    shell.env("KANDY_ACCOUNT_API_SECRET", services.other.account_secret());
    shell.output().unwrap()
}

/// The command catches SIGXFSZ, so that the write fails. For a kill in between, see
/// `killed_login_leaves_a_working_profile`.
const CAUGHT: &str = "true";
/// The signal is ignored from the start.
const IGNORED: &str = "trap '' XFSZ";

const LOGIN: &str = "auth login p --from-env --force --no-check --user \"$1\"";

/// Secrets are stored and `config.toml` is not: the profile is unchanged, and the next change removes the secrets.
#[test]
fn interrupted_write_changes_nothing() {
    for signal in [CAUGHT, IGNORED] {
        let services = Services::new();
        assert!(services.login("p", false).output().unwrap().status.success());
        let before = Stored::read(&services.fixture);
        let output = limited(&services, signal, LOGIN);
        assert!(!output.status.success(), "{}", said(&output));
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let after = Stored::read(&services.fixture);
        assert_eq!(after.config, before.config);
        assert_eq!(files(&services.fixture), USUAL_FILES, "nothing half written is left");
        assert_eq!(services.show("p"), "example.com\n");

        let next = services.login("q", true).output().unwrap();
        assert!(next.status.success(), "{}", said(&next));
        Stored::read(&services.fixture).assert_settled();
        assert_eq!(files(&services.fixture), USUAL_FILES);
        assert_eq!([services.show("p"), services.show("q")], ["example.com\n", "other.example.com\n"]);
    }
}

/// `config.toml` is written and the old secrets are not removed: the profile is the new one, and the next change
/// removes the old secrets, and those of a login that was killed before it changed `config.toml`.
#[test]
fn stale_secrets_are_removed() {
    let services = Services::new();
    for name in ["p", "q"] {
        assert!(services.login(name, false).output().unwrap().status.success());
    }
    let before = Stored::read(&services.fixture);
    assert!(services.login("p", true).output().unwrap().status.success());
    let mut stored = Stored::read(&services.fixture);
    let (old, new) = (before.entry("p").to_owned(), stored.entry("p").to_owned());
    stored.secrets.insert(old.clone(), before.secrets[&old].clone());
    stored.secrets.insert("p@0".to_owned(), before.secrets[&old].clone());
    for entry in [old.as_str(), &new, "p@0"] {
        stored.secrets.get_mut(entry).unwrap().insert("in_transition".to_owned(), "true".to_owned());
    }
    // An entry of unknown origin is kept: its config.toml may be elsewhere for a moment.
    stored.secrets.insert("unknown".to_owned(), before.secrets[&old].clone());
    stored.write(&services.fixture);
    assert_eq!([services.show("p"), services.show("q")], ["other.example.com\n", "example.com\n"]);

    let output = services.fixture.kandy().args(["auth", "use", "q"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut after = Stored::read(&services.fixture);
    assert!(after.secrets.remove("unknown").is_some());
    after.assert_settled();
    assert_eq!([services.show("p"), services.show("q")], ["other.example.com\n", "example.com\n"]);
}

/// Whenever a login is killed, the old or the new profile works, and the next login succeeds.
#[test]
fn killed_login_leaves_a_working_profile() {
    let services = Services::new();
    assert!(services.login("p", false).output().unwrap().status.success());
    for round in 0..40 {
        let mut login = services.login("p", round % 2 == 0).stderr(std::process::Stdio::null()).spawn().unwrap();
        // A login takes 10 to 50 ms. The sleep waits for nothing; it spreads the kills over that time.
        thread::sleep(Duration::from_millis(2 * round));
        login.kill().unwrap();
        login.wait().unwrap();
        let stored = Stored::read(&services.fixture);
        let is_other = stored.base_url("p") == services.other.base_url();
        let wanted = if is_other { &services.other_domain.1 } else { &services.fixture.domain.1 };
        assert_eq!(stored.domain_api_secret("p"), wanted, "round {round}");
    }
    assert!(services.login("p", true).output().unwrap().status.success());
    assert_eq!(services.show("p"), "other.example.com\n");
    Stored::read(&services.fixture).assert_settled();
    assert_eq!(files(&services.fixture), USUAL_FILES);
}

/// The domain is created and its profile is not stored, because of a kill or a full disk. Its secret, which the service
/// returned once, is in a recovery file, and the advised command stores it.
#[test]
fn secret_of_a_new_domain_is_recovered() {
    for signal in [CAUGHT, IGNORED] {
        let services = Services::new();
        let mut large = services.login("large", true);
        assert!(large.args(["--user", &"u".repeat(20_000)]).output().unwrap().status.success());
        let line = "domain create 'new.example.com' --save-profile 'my new' --base-url \"$KANDY_BASE_URL\"";
        let output = limited(&services, signal, line);
        let text = said(&output);
        assert!(!output.status.success(), "{text}");
        let kept = files(&services.fixture).into_iter().find(|name| name.starts_with("recovery-")).expect(&text);
        assert!(kept.starts_with("recovery-new.example.com-"), "{kept}");
        let path = config(&services.fixture).join(&kept);
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);

        let list = services.fixture.kandy().args(["auth", "list"]).output().unwrap();
        let advice = if signal == CAUGHT { said(&list) } else { text.clone() };
        assert!(said(&list).contains(&kept), "{}", said(&list));
        assert!(!text.contains("DAS") && !text.contains("DAK"), "{text}");
        let command = advice.split('`').nth(1).expect(&advice).replace("NAME", "'my new'");
        // No variable has the base URL of the domain.
        let login =
            services.fixture.program("sh").env_remove("KANDY_BASE_URL").args(["-c", &command]).output().unwrap();
        assert!(login.status.success(), "{command}: {}", said(&login));
        assert_eq!(services.show("my new"), "new.example.com\n");
        assert!(path.exists(), "it is left to the person who was told to delete it");
    }
}

/// What was piped into a login may be nowhere else.
#[test]
fn secret_from_stdin_is_recovered() {
    let services = Services::new();
    let mut large = services.login("large", true);
    assert!(large.args(["--user", &"u".repeat(20_000)]).output().unwrap().status.success());
    let (key, secret) = &services.other_domain;
    let input = format!("KANDY_DOMAIN_API_KEY={key}\nKANDY_DOMAIN_API_SECRET={secret}\n");
    fs::write(services.fixture.folder.path().join("input"), input).unwrap();
    let output = limited(&services, IGNORED, "auth login two --stdin < input");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains(secret), "{text}");
    fs::remove_file(services.fixture.folder.path().join("input")).unwrap();
    let command = text.split('`').nth(1).expect(&text);
    let login = services.fixture.program("sh").args(["-c", command]).output().unwrap();
    assert!(login.status.success(), "{command}: {}", said(&login));
    assert_eq!(services.show("two"), "other.example.com\n");
}

/// If no file can be written, the service still knows the credentials, and the message says how to get them.
#[test]
fn full_disk_keeps_the_secret_recoverable() {
    let services = Services::new();
    let output = limited_to(0, &services, IGNORED, "domain create new.example.com --save-profile new --quiet");
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "new.example.com\n");
    assert_eq!(files(&services.fixture), ["config.lock"], "no file without contents is left: {text}");
    let command = text.split('`').nth(1).expect(&text);
    let mut list = services.fixture.program("sh");
    list.env("KANDY_BASE_URL", services.other.base_url());
    list.env("KANDY_ACCOUNT_API_KEY", services.other.account_key());
    list.env("KANDY_ACCOUNT_API_SECRET", services.other.account_secret());
    let list = list.args(["-c", command]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.lines().any(|line| line.contains("new.example.com") && line.contains("DAS")), "{list}");
}

/// An empty recovery file of a killed process is removed. One that a process has locked is kept.
#[test]
fn empty_recovery_files_are_removed() {
    let services = Services::new();
    assert!(services.login("p", false).output().unwrap().status.success());
    let at = |name: &str| config(&services.fixture).join(name);
    for name in ["recovery-a-1.json", "recovery-a-2.json", "recovery-a-3.json", "notes.json"] {
        fs::write(at(name), if name.ends_with("3.json") { "{}" } else { "" }).unwrap();
    }
    let locked = fs::File::open(at("recovery-a-2.json")).unwrap();
    locked.lock().unwrap();
    let mut create = services.fixture.kandy();
    let output = create.args(["domain", "create", "two.example.com", "--save-profile", "two"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let left = ["config.lock", "config.toml", "notes.json", "recovery-a-2.json", "recovery-a-3.json", "secrets.toml"];
    assert_eq!(files(&services.fixture), left);
}
