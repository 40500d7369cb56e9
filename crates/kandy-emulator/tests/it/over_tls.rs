//! Runs the tests again over TLS.

use std::process::Command;

use crate::fixture::OVER_TLS;

/// Modules and tests whose subject is below HTTP or is no request at all, such as sockets, processes and large amounts. All
/// others, and all that are added, run over TLS, too.
const WITHOUT_TLS: &[&str] = &[
    "binary::",
    "command::",
    "events::a_slow_client",
    "half_open::",
    "large_counts::",
    "large_images::",
    "limits::",
    "long_lists::",
    "over_tls::",
    "robustness::",
    "shutdown::",
    "tls::",
    "tls_authority::",
    "tls_program::",
];

#[test]
fn every_other_test_passes_over_tls() {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.env(OVER_TLS, "1").args(["--test-threads", "2"]);
    command.args(WITHOUT_TLS.iter().flat_map(|module| ["--skip", module]));
    let output = command.output().expect("started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    // At least the rows of clients by others, which was what showed that TLS is needed.
    for test in ["other_clients::user_details_have_both_forms", "phone_number::sms_accepts_what_the_rule_accepts"] {
        assert!(text.contains(&format!("test {test} ... ok")), "{text}");
    }
}
