//! Turns the spec into `kandy-sys`: reads `openapi/kandy.yaml`, lowers it into what progenitor
//! turns into good code, and renders the outcome on stable Rust.
//!
//! ```text
//! spec ─ lower ─┬─ client ── generated.rs    client and types, by progenitor
//!               ├─ table ─── operations.rs   what everything else knows about each operation
//!               ├─ values ── values.rs       status numbers and open sets of texts
//!               └─ schemas ─ schemas.rs      types by name, for JSON Schema
//! ```

mod client;
mod error;
mod lower;
mod render;
mod schemas;
mod spec;
mod table;
mod values;

pub use error::Error;

/// One file that the generator writes.
pub struct Output {
    /// Path below the root of the workspace.
    pub path: &'static str,
    /// The whole text of the file.
    pub text: String,
}

/// Where the spec is, below the root of the workspace.
pub const SPEC: &str = "openapi/kandy.yaml";

/// Generates all files from the text of a spec.
///
/// # Errors
///
/// When the spec cannot be read, or says something in a form that the lowering does not know. The
/// error names the operation or the schema, and the reason.
pub fn generate(spec: &str) -> Result<Vec<Output>, Error> {
    let lowered = lower::lower(&spec::read(spec)?)?;
    let output = |path, body: String| Output { path, text: render::with_header(&body) };
    Ok(vec![
        output("crates/kandy-sys/src/generated.rs", client::generate(&lowered)?),
        output("crates/kandy-sys/src/operations.rs", table::generate(&lowered)?),
        output("crates/kandy-sys/src/values.rs", values::generate(&lowered)?),
        output("crates/kandy-sys/src/schemas.rs", schemas::generate(&lowered)?),
    ])
}
