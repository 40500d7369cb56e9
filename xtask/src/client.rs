//! Generates the client and the types with progenitor, from the lowered document.

use std::collections::BTreeMap;

use progenitor::{CrateVers, GenerationSettings, Generator, InterfaceStyle};

use crate::{
    Error,
    lower::{Body, Lowered},
    render,
};

/// Returns the files of the module `generated`, by name: the shared part, the types, and the calls of each chapter.
pub(crate) fn generate(lowered: &Lowered) -> Result<BTreeMap<String, String>, Error> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(lowered.document.clone()).map_err(|e| Error::new("spec", e.to_string()))?;
    let tokens = Generator::new(&settings(lowered)).generate_tokens(&document);
    let tokens = tokens.map_err(|e| Error::new("progenitor", e.to_string()))?;
    let calls = lowered.operations.iter().map(|operation| {
        let form = match &operation.body {
            Some(Body::File(part)) => Some(part.clone()),
            _ => None,
        };
        (operation.id.clone(), render::Call { chapter: chapter(&operation.tag), form })
    });
    render::client(tokens, &calls.collect())
}

/// Returns the name of the module for the operations with a tag.
fn chapter(tag: &str) -> String {
    tag.to_lowercase().replace([' ', '.'], "_").replace("version_", "v")
}

fn settings(lowered: &Lowered) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap")
        .with_crate("kandy-sys", CrateVers::Any, None)
        // For the `Option` around an optional result.
        .with_crate("std", CrateVers::Any, None);
    for name in lowered.handwritten() {
        settings.with_replacement(name, format!("::kandy_sys::{name}"), std::iter::empty());
    }
    settings
}
