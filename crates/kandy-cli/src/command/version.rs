//! `kandy version`: the version, the commit and its date.

use clap::Args;
use serde_json::{Value, json};

use crate::{
    failure::Result,
    output::{Output, OutputSchema},
};

/// The version with the commit and its date, as `--version` prints it: see the build script.
pub(super) const LONG: &str = env!("KANDY_BUILD_VERSION");

const VERSION: OutputSchema =
    OutputSchema { name: "versions", operation: "", at: "", id: "version", columns: &["version", "commit", "date"] };

/// Print the version, the commit that was built, and its date
#[derive(Args)]
#[command(after_help = "Example:\n  kandy version --json=version")]
pub(crate) struct Version {}

impl Version {
    #[expect(clippy::unused_self, reason = "as all commands")]
    pub(crate) fn run(self, output: &Output) -> Result {
        output.check_fields(&VERSION)?;
        if !output.is_json() && !output.prints_ids() {
            return output.text(format_args!("kandy {LONG}"));
        }
        let known = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        output.object(
            &VERSION,
            json!({
                "version": env!("CARGO_PKG_VERSION"),
                "commit": known(env!("KANDY_BUILD_COMMIT")),
                "date": known(env!("KANDY_BUILD_DATE")),
            }),
        )
    }
}
