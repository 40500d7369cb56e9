//! The version, and the build script that finds the commit.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::fixture::Fixture;

#[test]
fn version_names_the_commit_and_its_date() {
    let fixture = Fixture::empty();
    let printed = |arguments: &[&str]| {
        let output = fixture.kandy().args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&printed(&["version", "--json"])).unwrap();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let build =
        [text("commit"), text("date")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let build = if build.is_empty() { String::new() } else { format!(" ({build})") };
    let expected = format!("kandy {}{build}\n", env!("CARGO_PKG_VERSION"));
    for arguments in [&["version"][..], &["--version"], &["-V"]] {
        assert_eq!(printed(arguments), expected, "{arguments:?}");
    }
    assert_eq!(printed(&["version", "--quiet"]), concat!(env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(printed(&["version", "--jq", ".version"]), concat!(env!("CARGO_PKG_VERSION"), "\n"));
}

/// A package has no git: cargo writes its commit to a file (the reference of `cargo package`). `SOURCE_DATE_EPOCH` is specified by
/// reproducible-builds.org.
#[test]
fn build_script_finds_the_commit() {
    const VCS: &str =
        "{\n  \"git\": {\n    \"sha1\": \"0123456789ABCDEF0123456789abcdef01234567\"\n  },\n  \"path_in_vcs\": \"\"\n}";
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let source = kandy_checkout::expect_root().join("crates/kandy-cli/build.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc).args(["--edition", "2024", "-o"]).arg(&script).arg(&source).status();
    match compiled {
        Ok(status) => assert!(status.success()),
        Err(_) => return println!("not tried: there is no rustc here"),
    }
    for (name, vcs, epoch, expected) in [
        ("plain", None, None, "1.2.3"),
        ("packaged", Some(VCS), None, "1.2.3 (012345678)"),
        ("dated", Some(VCS), Some("0"), "1.2.3 (012345678 1970-01-01)"),
        ("leap", None, Some("951782400"), "1.2.3 (2000-02-29)"),
        ("end", None, Some("1798761599"), "1.2.3 (2026-12-31)"),
        ("year", None, Some("1798761600"), "1.2.3 (2027-01-01)"),
        ("invalid", Some("{\"git\":{\"sha1\":\"$(id)\"}}"), Some("yesterday"), "1.2.3"),
        ("far", None, Some("18446744073709551615"), "1.2.3"),
        ("half", Some("{\"git\":{\"sha1\""), None, "1.2.3"),
    ] {
        let package = folder.path().join(name);
        fs::create_dir(&package).unwrap();
        if let Some(vcs) = vcs {
            fs::write(package.join(".cargo_vcs_info.json"), vcs).unwrap();
        }
        assert_eq!(version(&script, &package, epoch), expected, "{name}");
    }
    checkouts(&script, folder.path());
}

/// Of git, only the repository of this package counts: others may be around an unpacked package.
fn checkouts(script: &Path, folder: &Path) {
    for (name, package, expected) in [
        ("own", "crates/kandy-cli", true),
        ("other", "vendor/kandy-cli", false),
        ("around", "crates/kandy-cli/target", false),
    ] {
        let root = folder.join(name);
        let package = root.join(package);
        fs::create_dir_all(&package).unwrap();
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(arguments).current_dir(&root);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_COMMITTER_DATE", "2026-11-27T23:30:00-0200");
            git.output().ok().filter(|output| output.status.success())
        };
        if git(&["init", "--quiet"]).is_none() {
            return println!("not tried: there is no git here");
        }
        git(&["commit", "--quiet", "--allow-empty", "--message", "First"]).unwrap();
        let commit = String::from_utf8(git(&["rev-parse", "HEAD"]).unwrap().stdout).unwrap();
        // The date is that of the commit in UTC.
        let with_commit = format!("1.2.3 ({} 2026-11-28)", &commit[..9]);
        let expected = if expected { with_commit.as_str() } else { "1.2.3" };
        assert_eq!(version(script, &package, None), expected, "{name}");
    }
}

/// Runs the build script in a package, and returns the version that it tells cargo. It tells nothing of the machine.
fn version(script: &Path, package: &Path, epoch: Option<&str>) -> String {
    let mut command = Command::new(script);
    command.current_dir(package).env_clear().env("CARGO_PKG_VERSION", "1.2.3");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CEILING_DIRECTORIES", package.ancestors().nth(3).unwrap_or(package));
    if let Some(epoch) = epoch {
        command.env("SOURCE_DATE_EPOCH", epoch);
    }
    let output = command.output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let set: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("cargo::rustc-env=")).collect();
    assert_eq!(set.len(), 3, "{text}");
    assert!(set.iter().all(|line| !line.contains('/') && !line.contains("$(")), "{text}");
    set.iter().find_map(|line| line.strip_prefix("KANDY_BUILD_VERSION=")).unwrap().to_owned()
}
