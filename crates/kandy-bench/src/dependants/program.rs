//! The programs that are built: one on `kandy`, one on reqwest.
//!
//! Depends on nothing. Begin with `Program::manifest`.

use std::path::Path;

use crate::BoxError;

/// A program of about ten lines that lists the users of a domain.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    /// Whether it depends on `kandy`, and not on reqwest.
    on_kandy: bool,
}

pub(super) const KANDY: Program = Program {
    name: "kandy",
    on_kandy: true,
    source: r#"use kandy::Kandy;

#[tokio::main]
async fn main() -> kandy::Result<()> {
    let domain = Kandy::new()?.domain("DAK…", "DAS…");
    for user in domain.users().await? {
        println!("a user: {}", user.user_id);
    }
    Ok(())
}
"#,
};

pub(super) const REQWEST: Program = Program {
    name: "reqwest",
    on_kandy: false,
    source: r#"#[derive(serde::Deserialize)]
struct Response { result: List }
#[derive(serde::Deserialize)]
struct List { users: Vec<User> }
#[derive(serde::Deserialize)]
struct User { user_id: String }

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let request = reqwest::Client::new().get("https://api.kandy.io/v1.2/domains/users").query(&[("key", "DAT…")]);
    let response: Response = serde_json::from_slice(&request.send().await?.bytes().await?)?;
    for user in response.result.users {
        println!("a user: {}", user.user_id);
    }
    Ok(())
}
"#,
};

impl Program {
    /// Returns the manifest, with the dependency versions of the workspace.
    pub(super) fn manifest(&self, workspace: &Path, workspace_manifest: &str) -> Result<String, BoxError> {
        let line = |name: &str| {
            let found = workspace_manifest.lines().find(|line| line.starts_with(&format!("{name} = ")));
            found.map(str::to_owned).ok_or_else(|| format!("no dependency {name} in the workspace"))
        };
        let dependencies = match self.on_kandy {
            true => format!("kandy = {{ path = {:?} }}", workspace.join("crates/kandy")),
            // With the features that kandy enables, including TLS.
            false => {
                let reqwest = line("reqwest")?.replace("features = [", "features = [\"rustls\", ");
                [reqwest, line("serde")?, line("serde_json")?].join("\n")
            }
        };
        Ok(format!(
            "[package]\nname = \"dependant\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             # It is no member of the workspace that it is built in.\n[workspace]\n\n\
             [dependencies]\n{dependencies}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\n\
             [profile.release]\nstrip = true\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reqwest_has_the_features_that_kandy_gives_it() {
        let workspace = "reqwest = { version = \"1\", features = [\"json\"] }\nserde = \"1\"\nserde_json = \"1\"\n";
        let manifest = REQWEST.manifest(Path::new("/x"), workspace).expect("a manifest");
        assert!(manifest.contains("reqwest = { version = \"1\", features = [\"rustls\", \"json\"] }"), "{manifest}");
        assert!(REQWEST.manifest(Path::new("/x"), "").is_err());
        assert!(!KANDY.manifest(Path::new("/x"), "").expect("a manifest").contains("reqwest"));
    }

    #[test]
    fn both_programs_have_the_line_that_is_changed() {
        assert!([KANDY, REQWEST].iter().all(|program| program.source.contains("a user:")));
    }
}
