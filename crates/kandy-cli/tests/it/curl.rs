//! The curl commands of `--dry-run` send the same request as the command. Skipped where curl is not installed.

use std::process::Command;

use crate::fixture::Fixture;

#[test]
fn curl_sends_the_shown_request() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("not tried: there is no curl here");
        return;
    }
    let fixture = Fixture::new();
    let lines = [
        // Credentials in the query, in JSON, and as access token.
        "kandy account token create",
        "printf 'Passw0rd11' > password; kandy user create carl --country-code US --password-file password",
        "kandy user create 'o\\o\"o' --first-name '$HOME `id` \"x\" \\y'",
        "kandy user list",
        "kandy domain create two.example.com",
    ];
    for line in lines {
        let shown = text(&fixture, &format!("{line} --dry-run"), &[]);
        let curl = shown.lines().last().unwrap();
        assert!(curl.contains("curl --config -"), "{shown}");
        for secret in [fixture.emulator.account_secret(), &fixture.domain.0, &fixture.domain.1] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let tokens = [
            ("KANDY_ACCOUNT_ACCESS_TOKEN", token(&fixture, "account")),
            ("KANDY_DOMAIN_ACCESS_TOKEN", token(&fixture, "domain")),
            ("KANDY_USER_PASSWORD", "Passw0rd11".to_owned()),
        ];
        let before = fixture.emulator.requests().len();
        let answer = text(&fixture, curl, &tokens);
        assert!(answer.contains("\"status\":0"), "{line}\n{shown}\n{answer}");
        let sent = &fixture.emulator.requests()[before..];
        assert_eq!(sent.len(), 1, "{line}");
        assert!(shown.starts_with(&format!("{} ", sent[0].method)), "{shown}");
    }
}

fn token(fixture: &Fixture, level: &str) -> String {
    text(fixture, &format!("kandy {level} token create --show-secrets --quiet"), &[])
}

fn text(fixture: &Fixture, line: &str, variables: &[(&str, String)]) -> String {
    let output =
        fixture.program("sh").arg("-c").arg(line).envs(variables.iter().map(|(n, v)| (n, v))).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
