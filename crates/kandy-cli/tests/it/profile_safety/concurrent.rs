//! Concurrent processes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Services, Stored, USUAL_FILES, at_once, files, said};
use crate::fixture::{Fixture, running_command::RunningCommand};

/// The number of logins, of created domains, and of logouts.
const OF_EACH: usize = 16;

#[test]
fn fifty_concurrent_changes_lose_nothing() {
    let fixture = Fixture::empty();
    let login = |name: &str, secret: &str| {
        let mut login = fixture.kandy();
        login.args(["auth", "login", name, "--from-env", "--no-check"]).env("KANDY_DOMAIN_API_SECRET", secret);
        login
    };
    for old in 0..OF_EACH {
        let output = login(&format!("old{old}"), "old").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
    let mut commands = Vec::new();
    for number in 0..OF_EACH {
        commands.push(login(&format!("new{number}"), &format!("secret of {number}")));
        let mut create = fixture.kandy();
        let (domain, profile) = (format!("d{number}.example.com"), format!("created{number}"));
        create.args(["domain", "create", &domain, "--save-profile", &profile]);
        commands.push(create);
        let mut logout = fixture.kandy();
        logout.args(["auth", "logout", &format!("old{number}")]);
        commands.push(logout);
    }
    let mut replace = login("new0", "secret of 0");
    replace.arg("--force");
    commands.push(replace);
    commands.push({
        let mut status = fixture.kandy();
        status.args(["auth", "status", "--offline"]);
        status
    });
    assert_eq!(commands.len(), 50);
    let outputs = at_once(commands);
    // The login with --force may come before the one without.
    let failed: Vec<_> = outputs.iter().filter(|output| !output.status.success()).map(said).collect();
    assert!(failed.len() <= 1, "{failed:#?}");
    assert!(failed.iter().all(|said| said.contains("there is a profile \"new0\" already")), "{failed:#?}");

    let stored = Stored::read(&fixture);
    let mut wanted: Vec<_> = (0..OF_EACH).flat_map(|n| [format!("created{n}"), format!("new{n}")]).collect();
    wanted.sort();
    let mut profiles = stored.profiles();
    profiles.sort_unstable();
    assert_eq!(profiles, wanted);
    stored.assert_settled();
    assert_eq!(files(&fixture), USUAL_FILES);
    for number in 0..OF_EACH {
        assert_eq!(stored.domain_api_secret(&format!("new{number}")), format!("secret of {number}"));
        let mut show = fixture.kandy();
        show.args(["domain", "show", "--quiet", "--profile", &format!("created{number}")]);
        let output = show.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("d{number}.example.com\n"), "{}", said(&output));
    }
}

/// The last login wins, as a whole.
#[test]
fn concurrent_logins_do_not_swap_secrets() {
    let services = Services::new();
    let secret_of = |url: &str| match url == services.other.base_url() {
        true => &services.other_domain.1,
        false => &services.fixture.domain.1,
    };
    for round in 0..30 {
        let outputs = at_once(vec![services.login("p", round % 2 == 0), services.login("p", round % 2 == 1)]);
        assert!(
            outputs.iter().all(|output| output.status.success()),
            "{}",
            outputs.iter().map(said).collect::<String>()
        );
        let stored = Stored::read(&services.fixture);
        assert_eq!(stored.domain_api_secret("p"), secret_of(stored.base_url("p")), "round {round}");
        stored.assert_settled();
    }
}

/// A reader takes no lock and sees one version of the profile.
#[test]
fn readers_see_one_version() {
    let services = Services::new();
    assert!(services.login("p", false).output().unwrap().status.success());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for at_other in [true, false] {
            let (services, done) = (&services, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let output = services.login("p", at_other).output().unwrap();
                    assert!(output.status.success(), "{}", said(&output));
                }
            });
        }
        let shown: Vec<_> =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (0..60).map(|_| services.show("p")).collect()))
                .unwrap_or_default();
        done.store(true, Ordering::Relaxed);
        assert_eq!(shown.len(), 60, "a reader failed");
        let of_other = shown.iter().filter(|shown| *shown == "other.example.com\n").count();
        assert_eq!(shown.iter().filter(|shown| *shown == "example.com\n").count() + of_other, shown.len());
    });
}

/// A concurrent `logout --all` finds nothing to remove, which is not a failure.
#[test]
fn concurrent_logouts_agree() {
    let services = Services::new();
    for name in ["a", "b", "c"] {
        assert!(services.login(name, name == "b").output().unwrap().status.success());
    }
    let logout = || {
        let mut logout = services.fixture.kandy();
        logout.args(["auth", "logout", "--all"]);
        logout
    };
    let outputs = at_once((0..8).map(|_| logout()).collect());
    assert!(outputs.iter().all(|output| output.status.success()), "{}", outputs.iter().map(said).collect::<String>());
    assert_eq!(files(&services.fixture), ["config.lock", "config.toml"]);
}

/// The name was free when the domain was requested, and is taken when its credentials arrive. They are in a recovery
/// file, and the advice uses another name.
#[test]
fn name_conflict_loses_no_secret() {
    let fixture = Fixture::empty();
    fixture.fail(r#"{"kind": "latency", "operation": "domain_create", "latency_ms": 3000}"#);
    let mut create = fixture.kandy();
    create.args(["domain", "create", "new.example.com", "--save-profile", "same", "--quiet"]);
    let mut create = RunningCommand::start(create);
    create.wait_until("the request for the domain", || {
        fixture.emulator.requests().iter().filter(|request| request.operation == Some("domain_create")).count() == 2
    });
    let login = fixture.kandy().args(["auth", "login", "same", "--from-env"]).output().unwrap();
    assert!(login.status.success(), "{}", said(&login));
    let (output, _) = create.end();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "new.example.com\n", "the domain is there");
    assert!(text.contains("profile \"same\" already exists"), "{text}");
    let command = text.split('`').nth(1).expect(&text);
    assert!(command.starts_with("kandy auth login same-2 --stdin "), "{command}");
    let login = fixture.program("sh").args(["-c", command]).output().unwrap();
    assert!(login.status.success(), "{}", said(&login));
    for (profile, domain) in [("same", "example.com\n"), ("same-2", "new.example.com\n")] {
        let show = fixture.kandy().args(["domain", "show", "--quiet", "--profile", profile]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&show.stdout), domain, "{}", said(&show));
    }
}
