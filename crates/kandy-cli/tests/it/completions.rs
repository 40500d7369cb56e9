//! Shell completions, in the shells that are installed.

use std::process::Command;

use crate::fixture::{Fixture, stderr};

/// Returns the candidates that the command prints for the end of a line.
fn proposed(fixture: &Fixture, line: &[&str]) -> Vec<String> {
    proposed_by(fixture.kandy(), line)
}

/// Returns the candidates that this command prints for the end of a line. Nothing may be on stderr.
#[track_caller]
pub(crate) fn proposed_by(mut command: Command, line: &[&str]) -> Vec<String> {
    let output = command
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (line.len() - 1).to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .env("_CLAP_IFS", "\n")
        .arg("--")
        .args(line)
        .output()
        .unwrap();
    assert_eq!(stderr(&output), "", "{line:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn completes_commands_operations_and_profiles() {
    let fixture = Fixture::new();
    assert!(proposed(&fixture, &["kandy", "dom"]).contains(&"domain".to_owned()));
    assert!(proposed(&fixture, &["kandy", "domain", ""]).contains(&"create".to_owned()));
    for (line, expected) in [
        (&["kandy", "chan"][..], &["channel"][..]),
        (&["kandy", "channel", ""], &["watch"]),
        (&["kandy", "channel", "watch", "--cou"], &["--count"]),
        (&["kandy", "session", "wat"], &["watch"]),
        (&["kandy", "session", "watch", "--cou"], &["--count"]),
        (&["kandy", "session", "data", ""], &["send"]),
        (&["kandy", "session", "data", "send", "--te"], &["--text"]),
        (&["kandy", "session", "data", "send", "--no"], &["--no-confirm"]),
    ] {
        let proposed = proposed(&fixture, line);
        assert!(expected.iter().all(|expected| proposed.contains(&(*expected).to_owned())), "{line:?}: {proposed:?}");
    }
    assert_eq!(proposed(&fixture, &["kandy", "api", "sms_s"]), ["sms_send"]);
    assert!(proposed(&fixture, &["kandy", "schema", "UserCre"]).contains(&"UserCreate".to_owned()));
    assert_eq!(proposed(&fixture, &["kandy", "--profile", ""]), [""; 0]);
    let config = fixture.folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let profile = "[profiles.work]\nbase_url = \"https://api.kandy.io/v1.2\"\nstore = \"file\"\n";
    std::fs::write(config.join("config.toml"), profile).unwrap();
    assert_eq!(proposed(&fixture, &["kandy", "--profile", ""]), ["work"]);
}

#[test]
fn bash_completes() {
    let fixture = Fixture::new();
    let script = "source <(kandy completions bash); COMP_WORDS=(kandy api sms_s); COMP_CWORD=2; COMP_TYPE=9
        _clap_complete_kandy kandy sms_s api; echo ${COMPREPLY[@]}";
    ask("bash", &["-c", script], &fixture);
}

#[test]
fn fish_completes() {
    let fixture = Fixture::new();
    ask(
        "fish",
        &["-c", "kandy completions fish | source; complete -C 'kandy api sms_s' | string split -f1 \\t"],
        &fixture,
    );
}

/// Lets a shell complete `kandy api sms_s`.
fn ask(shell: &str, arguments: &[&str], fixture: &Fixture) {
    if Command::new(shell).arg("--version").output().is_err() {
        println!("not tried: there is no {shell} here");
        return;
    }
    let output = fixture.program(shell).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "sms_send", "{output:?}");
}

#[test]
fn every_shell_has_a_script() {
    let fixture = Fixture::new();
    for shell in ["bash", "zsh", "fish", "powershell", "pwsh", "elvish"] {
        let script = fixture.kandy().args(["completions", shell]).output().unwrap().stdout;
        let script = String::from_utf8(script).unwrap();
        let command = match shell {
            "powershell" | "pwsh" => "Register-ArgumentCompleter",
            "elvish" => "edit:completion:arg-completer",
            _ => "complet",
        };
        assert!(script.contains("kandy") && script.contains(command), "{shell}: {script}");
    }
    // Each shell that has a script has instructions.
    let docs = fixture.kandy().args(["docs", "completions"]).output().unwrap().stdout;
    let docs = String::from_utf8(docs).unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(docs.contains(&format!("kandy completions {shell}")), "{docs}");
    }
}
