//! The versions of what `kandy` is compared with.
//!
//! Depends on nothing. Begin with `rust`.

use crate::BoxError;

/// The value of each dependency in a manifest, for those that the workspace has not.
const RUST: [(&str, &str); 5] = [
    ("octocrab", r#""=0.54.9""#),
    ("oxide", r#""=0.19.0""#),
    // The runtime of the code that progenitor generates, in the version of `oxide`.
    ("progenitor-client", r#""0.15.1""#),
    ("ureq", r#"{ version = "=3.5.2", features = ["json"] }"#),
    // Reads the CPU time of a program.
    ("rustix", r#"{ version = "1", features = ["time"] }"#),
];

/// The version of requests, for pip.
pub(super) const REQUESTS: &str = "2.34.2";

/// Returns the line of a manifest for a dependency: pinned here, or as in the manifest of the workspace.
pub(super) fn rust(name: &str, workspace_manifest: &str) -> Result<String, BoxError> {
    if let Some((_, value)) = RUST.iter().find(|(pinned, _)| *pinned == name) {
        return Ok(format!("{name} = {value}"));
    }
    let line = workspace_manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
    Ok(line.ok_or_else(|| format!("no dependency {name} in the workspace"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_pinned_or_that_of_the_workspace() {
        let workspace = "serde = \"1\"\nureq = \"1\"\n";
        assert!(rust("ureq", workspace).expect("pinned").contains("=3."));
        assert_eq!(rust("serde", workspace).expect("that of the workspace"), "serde = \"1\"");
        assert!(rust("serde_json", workspace).is_err());
    }
}
