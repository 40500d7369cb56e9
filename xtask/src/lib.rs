//! Generates `kandy-sys` from the spec: merges the chapters of `openapi/chapters` into the published `openapi/kandy.yaml`,
//! lowers it to a document that progenitor supports, and renders the code on stable Rust.
//!
//! ```text
//! chapters ─ source ─ spec ─ lower ─┬─ client ── generated/      client and types, by progenitor
//!                                   ├─ table ─── operations.rs   the operation table
//!                                   ├─ values ── values.rs       status numbers and open sets of texts
//!                                   ├─ schemas ─ schemas.rs      types by name, for JSON Schema
//!                                   └─ credentials ─ credentials.rs  names that hold credentials, and the rule for passwords
//! ```
//!
//! Begin with [`generate`]. [`blocking`] generates the blocking API from the sources of `kandy`. [`inspector`] copies the spec into the
//! emulator. Besides them there are the checks of the workspace: [`layers`], [`coverage`], [`mutants`] and [`built_from`], and the
//! programs that it runs: [`mod@bench`] and [`browser`].

pub mod bench;
pub mod blocking;
pub mod browser;
pub mod built_from;
pub mod chapters;
mod client;
pub mod coverage;
mod credentials;
mod error;
pub mod inspector;
pub mod layers;
mod lower;
pub mod mutants;
mod render;
mod schemas;
mod source;
mod spec;
mod table;
mod values;

pub use error::Error;
pub use source::{Location, Source};

/// One file that the generator writes.
pub struct Output {
    /// Path below the root of the workspace.
    pub path: String,
    /// The text of the file.
    pub text: String,
}

/// The path of the published spec, below the root of the workspace.
pub const SPEC: &str = "openapi/kandy.yaml";

/// The folder of the generated client, below the root of the workspace. It contains nothing else.
pub const GENERATED: &str = "crates/kandy-sys/src/generated";

/// Generates all files from a spec.
///
/// # Errors
///
/// When the spec cannot be read, has a form that the lowering does not support, or has an example that does not fit its
/// schema. The error names file and line, the operation or the schema, and the reason.
pub fn generate(spec: &Source) -> Result<Vec<Output>, Error> {
    let lowered = lower::lower(&spec::read(spec)?)?;
    let output = |path: String, body: String| Output { path, text: render::with_header(&body) };
    let generated = client::generate(&lowered)?.into_iter();
    let generated = generated.map(|(name, body)| output(format!("{GENERATED}/{name}.rs"), body));
    let tables = [
        ("operations", table::generate(&lowered)?),
        ("values", values::generate(&lowered)?),
        ("schemas", schemas::generate(&lowered)?),
        ("credentials", credentials::generate(&lowered)?),
    ];
    let tables = tables.into_iter().map(|(name, body)| output(format!("crates/kandy-sys/src/{name}.rs"), body));
    Ok(generated.chain(tables).collect())
}
