//! Finds the commit that is built and its date, for `kandy --version`.
//!
//! In a package, cargo has written the commit to `.cargo_vcs_info.json`; in a checkout, git knows it. Without either, the
//! version has neither. The result depends on the commit alone, or on `SOURCE_DATE_EPOCH`, so that two builds of one commit are
//! equal: it has no time, name or path of the machine.

use std::{fs, path::Path, process::Command};

/// The path of this package in its repository. Git may find another repository around an unpacked package.
const PACKAGE: &str = "crates/kandy-cli/";
/// As many digits of a commit as rustc and cargo show.
const DIGITS: usize = 9;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let (commit, committed) = of_package().or_else(of_checkout).unwrap_or_default();
    let asked = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.trim().parse().ok());
    let date = asked.or(committed).and_then(date).unwrap_or_default();
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let build = [commit.as_str(), date.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let long = if build.is_empty() { version } else { format!("{version} ({})", build.join(" ")) };
    println!("cargo::rustc-env=KANDY_BUILD_COMMIT={commit}");
    println!("cargo::rustc-env=KANDY_BUILD_DATE={date}");
    println!("cargo::rustc-env=KANDY_BUILD_VERSION={long}");
}

/// Returns the commit that cargo wrote to the package. It does not write the date.
fn of_package() -> Option<(String, Option<u64>)> {
    let file = Path::new(".cargo_vcs_info.json");
    if !file.exists() {
        return None;
    }
    println!("cargo::rerun-if-changed={}", file.display());
    let text = fs::read_to_string(file).ok()?;
    let (_, after) = text.split_once("\"sha1\"")?;
    Some((commit(after.split('"').nth(1)?)?, None))
}

/// Returns the commit of the checkout and its date in seconds.
fn of_checkout() -> Option<(String, Option<u64>)> {
    if git(&["rev-parse", "--show-prefix"])? != PACKAGE {
        return None;
    }
    // These change with the commit. The log of HEAD is not there if logs are switched off.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = commit(&git(&["rev-parse", "HEAD"])?)?;
    Some((commit, git(&["log", "-1", "--format=%ct"]).and_then(|seconds| seconds.parse().ok())))
}

/// Returns the first digits of a commit, if it is one.
fn commit(text: &str) -> Option<String> {
    let is_commit = text.len() >= DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| text[..DIGITS].to_ascii_lowercase())
}

/// Runs git and returns what it printed in one line.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|text| !text.contains('\n'))
}

/// Returns the UTC date of a time in seconds since 1970: the algorithm `civil_from_days` for the Gregorian calendar.
fn date(seconds: u64) -> Option<String> {
    let days = i64::try_from(seconds / 86_400).ok().filter(|days| *days < 3_000_000)? + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}
