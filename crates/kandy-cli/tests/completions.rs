//! What shells are told. Where a shell is at hand, it is asked itself.

mod support;

use std::process::Command;

use support::Stage;

/// What the command itself proposes at the end of a line.
fn proposed(stage: &Stage, line: &[&str]) -> Vec<String> {
    let output = stage
        .kandy()
        .env("COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", (line.len() - 1).to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .env("_CLAP_IFS", "\n")
        .arg("--")
        .args(line)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn commands_operations_and_profiles() {
    let stage = Stage::new();
    assert!(proposed(&stage, &["kandy", "dom"]).contains(&"domain".to_owned()));
    assert!(proposed(&stage, &["kandy", "domain", ""]).contains(&"create".to_owned()));
    assert_eq!(proposed(&stage, &["kandy", "api", "sms_s"]), ["sms_send"]);
    assert!(proposed(&stage, &["kandy", "schema", "UserCre"]).contains(&"UserCreate".to_owned()));
    assert_eq!(proposed(&stage, &["kandy", "--profile", ""]), [""; 0]);
    let config = stage.folder.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let profile = "[profiles.work]\nbase_url = \"https://api.kandy.io/v1.2\"\nstore = \"file\"\n";
    std::fs::write(config.join("config.toml"), profile).unwrap();
    assert_eq!(proposed(&stage, &["kandy", "--profile", ""]), ["work"]);
}

#[test]
fn bash_completes() {
    let stage = Stage::new();
    let script = "source <(kandy completions bash); COMP_WORDS=(kandy api sms_s); COMP_CWORD=2; COMP_TYPE=9
        _clap_complete_kandy kandy sms_s api; echo ${COMPREPLY[@]}";
    ask("bash", &["-c", script], &stage);
}

#[test]
fn fish_completes() {
    let stage = Stage::new();
    ask(
        "fish",
        &["-c", "kandy completions fish | source; complete -C 'kandy api sms_s' | string split -f1 \\t"],
        &stage,
    );
}

/// Asks a shell what follows `kandy api sms_s`.
fn ask(shell: &str, arguments: &[&str], stage: &Stage) {
    if Command::new(shell).arg("--version").output().is_err() {
        println!("not tried: there is no {shell} here");
        return;
    }
    let output = stage.program(shell).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "sms_send", "{output:?}");
}

#[test]
fn each_shell_has_a_script() {
    let stage = Stage::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = stage.kandy().args(["completions", shell]).output().unwrap().stdout;
        assert!(String::from_utf8(script).unwrap().contains("kandy"), "{shell}");
    }
}
