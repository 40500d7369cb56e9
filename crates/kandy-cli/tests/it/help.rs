//! `kandy help`, `kandy docs`, aliases, and the variables in the help.

use std::process::Output;

use crate::fixture::{Fixture, stderr, surface};

fn run(fixture: &Fixture, line: &str) -> Output {
    fixture.kandy().args(line.split_whitespace()).env("COLUMNS", "100").output().unwrap()
}

fn stdout(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_prints_what_the_option_prints() {
    let fixture = Fixture::empty();
    for path in ["", "user", "user import", "group member add", "group member rm", "version", "help", "docs"] {
        let help = run(&fixture, &format!("help {path}"));
        assert_eq!((help.status.code(), stderr(&help)), (Some(0), String::new()), "{path}");
        assert_eq!(stdout(help).trim_end(), stdout(run(&fixture, &format!("{path} --help"))).trim_end(), "{path}");
    }
    for (path, error) in [
        ("nothing", "kandy: unknown command \"nothing\"; `kandy help` lists the commands, `kandy docs` the topics\n"),
        ("exit-code", "Exit codes:\n"),
        ("login", "did you mean `kandy auth login`?"),
        ("user lst", "unknown command \"lst\"; did you mean list?; `kandy help user` lists the commands"),
        ("user new", "did you mean `kandy user create`?"),
        ("version extra", "unknown command \"extra\""),
        ("profles", "did you mean profiles?"),
    ] {
        let help = run(&fixture, &format!("help {path}"));
        let text = stderr(&help) + &stdout(help);
        assert!(text.contains(error), "{path}: {text}");
    }
}

/// Help is for users whose settings are broken, too.
#[test]
fn help_needs_no_settings() {
    let fixture = Fixture::empty();
    fixture.write(".env", "KANDY_BASE_URL");
    std::fs::create_dir_all(fixture.folder.path().join("config")).unwrap();
    fixture.write("config/config.toml", "no TOML");
    assert!(!run(&fixture, "domain list").status.success());
    for line in ["help", "help user", "docs", "docs environment", "help options", "version", "--version", "user --help"]
    {
        let output = run(&fixture, line);
        assert!(output.status.success() && !output.stdout.is_empty(), "{line}: {}", stderr(&output));
    }
}

#[test]
fn topics_are_printed() {
    let fixture = Fixture::empty();
    let topics = stdout(run(&fixture, "docs --quiet"));
    assert!(topics.lines().count() >= 8, "{topics}");
    for topic in topics.lines() {
        let output = run(&fixture, &format!("docs {topic}"));
        assert!(output.status.success(), "{topic}");
        let text = stdout(output);
        assert!(text.lines().count() >= 5, "{topic}: {text}");
        // Tables and code are as they are written.
        let is_wrapped = |line: &str| line.chars().count() <= 100 || line.starts_with(['|', ' ']);
        assert!(
            text.lines().all(is_wrapped) && !text.replace("***", "").contains("**") && !text.contains("```"),
            "{topic}: {text}"
        );
        let as_json = stdout(run(&fixture, &format!("docs {topic} --json")));
        let value: serde_json::Value = serde_json::from_str(&as_json).unwrap();
        assert_eq!(value["topic"], topic);
        assert_eq!(stdout(run(&fixture, &format!("help {topic}"))), text, "{topic}");
    }
    for (topic, fact) in [
        ("environment", "KANDY_DOMAIN_API_SECRET"),
        ("exit-codes", "130  interrupted"),
        ("completion", "kandy completions powershell"),
        ("options", "--show-secrets"),
        ("jq", "--jq"),
        ("forwarding", "webhook-id"),
        ("profiles", "kandy auth login"),
        ("bulk", "--restart"),
    ] {
        let text = stdout(run(&fixture, &format!("docs {topic}")));
        assert!(text.contains(fact), "{topic}: {text}");
    }
    let output = run(&fixture, "docs enviroment");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean environment?"), "{}", stderr(&output));
}

/// Every variable that the sources name is in the table.
#[test]
fn every_variable_is_documented() {
    let fixture = Fixture::empty();
    let table = stdout(run(&fixture, "docs environment"));
    let mut names = 0;
    for path in sources(&kandy_checkout::expect_root().join("crates/kandy-cli/src")) {
        let source = std::fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        for (at, _) in code.match_indices("\"KANDY_") {
            let name = code[at + 1..].split('"').next().unwrap();
            let is_name =
                name.len() > "KANDY_".len() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            // Those of the build are no variables of users.
            if is_name && !name.starts_with("KANDY_BUILD_") {
                names += 1;
                assert!(table.contains(&format!("  {name} ")), "{}: {name} is in no table", path.display());
            }
        }
    }
    assert!(names >= 5, "{names}");
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn help_names_variables_and_never_their_values() {
    let fixture = Fixture::empty();
    for (line, variable) in [
        ("help options", "[env: KANDY_BASE_URL]"),
        ("help options", "[env: KANDY_PROFILE]"),
        ("help options", "[env: KANDY_CA_FILE]"),
        ("message list -h", "[env: KANDY_USER_ID]"),
        ("message list -h", "[env: KANDY_DEVICE_ID]"),
        ("auth login -h", "[env: KANDY_SECRET_STORE]"),
        ("message watch --help", "[env: KANDY_FORWARD_SECRET_FILE]"),
        ("docs environment", "KANDY_PAGER"),
    ] {
        let mut kandy = fixture.kandy();
        for name in ["BASE_URL", "PROFILE", "CA_FILE", "USER_ID", "DEVICE_ID", "FORWARD_SECRET_FILE", "USER_PASSWORD"] {
            kandy.env(format!("KANDY_{name}"), "canary4711");
        }
        let output = kandy.args(line.split_whitespace()).env("COLUMNS", "100").output().unwrap();
        let text = stdout(output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(variable), "{line}: {text}");
        assert!(!text.contains("canary") && !text.contains(&fixture.domain.1), "{line}: {text}");
    }
}

/// The same aliases in every group.
#[test]
fn verbs_have_aliases() {
    let mut found = 0;
    for command in surface::walk() {
        let commands = command.text.lines().skip_while(|line| *line != "Commands:").take_while(|line| !line.is_empty());
        for line in commands.filter(|line| !line.starts_with("   ")) {
            let verb = line.split_whitespace().next().unwrap();
            let alias = match verb {
                "list" => "ls",
                "delete" | "remove" => "rm",
                "show" => "get",
                _ => continue,
            };
            let path = command.path.join(" ");
            // The line may be wrapped.
            let text = command.text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&format!("[alias: {alias}]")), "{path} {verb}");
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

#[test]
fn aliases_run_the_command() {
    let fixture = Fixture::new();
    for (alias, command) in [
        ("user ls --quiet", "user list --quiet"),
        ("user get russ --json", "user show russ --json"),
        ("device ls --user russ --quiet", "device list --user russ --quiet"),
        ("--json domain ls", "domain list --json"),
        ("auth ls --json", "auth list --json"),
    ] {
        let output = run(&fixture, alias);
        assert_eq!(output.status.code(), Some(0), "{alias}: {}", stderr(&output));
        assert_eq!(stdout(output), stdout(run(&fixture, command)), "{alias}");
    }
    // As a deletion may ask for confirmation, only the parsing of these is tried.
    for alias in ["user rm -h", "group member rm -h", "hunt-group admin rm -h", "conversation rm -h"] {
        let text = stdout(run(&fixture, alias));
        assert_eq!(
            text,
            stdout(run(
                &fixture,
                &alias.replace(" rm ", if alias.matches(' ').count() > 2 { " remove " } else { " delete " })
            )),
            "{alias}"
        );
    }
}
