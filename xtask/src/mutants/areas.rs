//! What is mutated, and by which tests the mutants are judged.

use crate::Error;

/// Code that guards money or secrets, and the tests of its own crate that guard it.
#[derive(Debug)]
pub struct Area {
    /// The name on the command line.
    pub name: &'static str,
    /// The package whose tests run.
    pub package: &'static str,
    /// Files, or folders as `folder/**`, below the root of the workspace.
    pub files: &'static [&'static str],
    /// Arguments of `cargo test`: the targets and filters that are enough to catch a mutant.
    pub tests: &'static [&'static str],
}

const LIB: &[&str] = &["--lib"];
/// With the schemas of handwritten types, and without a test of speed: it takes seconds, and no mutant needs it.
const SYS_LIB: &[&str] = &["--features", "schemars", "--lib", "--", "--skip", "a_long_run_of_backslashes"];

/// All areas.
pub const AREAS: &[Area] = &[
    Area { name: "base-url", package: "kandy-sys", files: &["crates/kandy-sys/src/base_url.rs"], tests: SYS_LIB },
    Area {
        name: "masks",
        package: "kandy-sys",
        files: &[
            "crates/kandy-sys/src/mask/**",
            "crates/kandy-sys/src/request_secrets.rs",
            "crates/kandy-sys/src/secret.rs",
            "crates/kandy-sys/src/typed_secret.rs",
        ],
        tests: &["--features", "schemars", "--lib", "--", "mask", "secret", "--skip", "a_long_run_of_backslashes"],
    },
    Area { name: "envelope", package: "kandy-sys", files: &["crates/kandy-sys/src/envelope/**"], tests: SYS_LIB },
    Area { name: "credentials", package: "kandy", files: &["crates/kandy/src/auth/credentials.rs"], tests: LIB },
    Area {
        name: "tokens",
        package: "kandy",
        files: &[
            "crates/kandy/src/auth/token_cache.rs",
            "crates/kandy/src/auth/token_source.rs",
            "crates/kandy/src/pipeline/shared_token.rs",
        ],
        tests: LIB,
    },
    Area {
        name: "retry",
        package: "kandy",
        files: &["crates/kandy/src/pipeline/retry/**", "crates/kandy/src/error/refusal.rs"],
        tests: LIB,
    },
    Area {
        name: "retry-loop",
        package: "kandy",
        files: &["crates/kandy/src/pipeline/retry_loop.rs", "crates/kandy/src/pipeline/retry_loop/**"],
        // What the span of a call says is seen where one subscriber is installed.
        tests: &["--lib", "--test", "observability", "--", "pipeline", "spans_and_observer"],
    },
    Area {
        name: "attempts",
        package: "kandy",
        files: &["crates/kandy/src/pipeline/attempt.rs"],
        // Most of them need sockets.
        tests: &["--lib", "--test", "it", "--", "attempt", "content", "early", "network_client", "timeouts"],
    },
    Area { name: "checks", package: "kandy", files: &["crates/kandy/src/check/**"], tests: LIB },
    Area {
        name: "inbox",
        package: "kandy",
        files: &["crates/kandy/src/inbox/**"],
        tests: &["--features", "push", "--lib", "--", "inbox"],
    },
    Area {
        name: "journal",
        package: "kandy-cli",
        files: &["crates/kandy-cli/src/bulk/journal/**"],
        tests: &["--bin", "kandy", "--", "bulk::journal"],
    },
    Area {
        name: "outbox",
        package: "kandy-outbox",
        files: &["crates/kandy-outbox/src/**"],
        tests: &["--lib", "--test", "it"],
    },
    Area {
        name: "sms-text",
        package: "kandy",
        files: &["crates/kandy/src/sms.rs", "crates/kandy/src/sms/**"],
        tests: &["--lib", "--", "sms"],
    },
    Area {
        name: "sms-length",
        package: "kandy-sys",
        files: &["crates/kandy-sys/src/sms_length.rs"],
        tests: &["--lib", "--", "sms_length"],
    },
    Area {
        name: "csv",
        package: "kandy-cli",
        files: &["crates/kandy-cli/src/bulk/read/**"],
        tests: &["--bin", "kandy", "--", "bulk::read"],
    },
];

/// Returns the areas with these names, or all of them.
pub(super) fn named(names: &[&str]) -> Result<Vec<&'static Area>, Error> {
    if names.is_empty() {
        return Ok(AREAS.iter().collect());
    }
    let known: Vec<&str> = AREAS.iter().map(|area| area.name).collect();
    let find = |name: &&str| {
        let area = AREAS.iter().find(|area| area.name == *name);
        area.ok_or_else(|| Error::new(format!("area {name}"), format!("unknown; there are {}", known.join(", "))))
    };
    names.iter().map(find).collect()
}
