//! Generates `crates/kandy/src/blocking/generated`: the blocking form of every builder and every method of a handle, from
//! the sources of the crate.
//!
//! ```text
//! source   the public types of the crate, with their docs and methods
//! forms    which of them need a blocking form, and what each method returns
//! docs     docs and examples without `await`
//! names    paths that mean the same in another file
//! render   the code
//! ```
//!
//! Begin with [`generate`]. What is handwritten in `crates/kandy/src/blocking` is found there, and not generated.

mod docs;
mod forms;
mod names;
mod render;
mod source;

use std::path::Path;

use crate::{Error, Output};

/// The folder of the generated code, below the root of the workspace. It contains nothing else.
pub const GENERATED: &str = "crates/kandy/src/blocking/generated";

/// Generates all files.
///
/// # Errors
///
/// When a source cannot be read, or a method has a signature without a blocking form.
pub fn generate(root: &Path) -> Result<Vec<Output>, Error> {
    let source = source::read(&root.join("crates/kandy/src"))?;
    let forms = forms::of(&source);
    let files = render::files(&source, &forms)?;
    Ok(files.into_iter().map(|(name, text)| Output { path: format!("{GENERATED}/{name}.rs"), text }).collect())
}
