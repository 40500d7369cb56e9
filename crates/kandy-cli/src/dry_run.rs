//! `--dry-run`: the request that would be sent.

use kandy::Preview;

use crate::{failure::Result, output::Output};

/// Prints what would be sent: as HTTP with every credential hidden, and as a curl line that reads them from variables.
pub(crate) fn show(output: &Output, preview: &Preview) -> Result {
    output.text(preview)
}
