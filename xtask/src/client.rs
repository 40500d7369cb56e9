//! The client and the types, by progenitor.

use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle};

use crate::{Error, lower::Lowered, render};

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(lowered.document.clone()).map_err(|e| Error::new("spec", e.to_string()))?;
    let tokens = Generator::new(&settings(lowered)).generate_tokens(&document);
    let tokens = tokens.map_err(|e| Error::new("progenitor", e.to_string()))?;
    render::client(tokens)
}

fn settings(lowered: &Lowered) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        // Without hooks of the right type the code must not compile: they hide the credentials.
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(crate::hooks::Inner))
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap")
        .with_crate("kandy-sys", CrateVers::Any, None);
    for name in lowered.handwritten() {
        settings.with_replacement(name, format!("::kandy_sys::{name}"), std::iter::empty());
    }
    settings
}
