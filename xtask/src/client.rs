//! The client and the types, by progenitor.

use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle};

use crate::{
    Error,
    lower::{Lowered, NO_RESULT, SCALARS},
    render,
};

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let failed = |e: &dyn std::fmt::Display| Error::new("progenitor", e.to_string());
    let document: openapiv3::OpenAPI =
        serde_json::from_value(lowered.document.clone()).map_err(|e| Error::new("spec", e.to_string()))?;
    let tokens = Generator::new(&settings(lowered)).generate_tokens(&document).map_err(|e| failed(&e))?;
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
    let handwritten = SCALARS.into_iter().chain([NO_RESULT]);
    for name in handwritten.chain(lowered.open_sets.iter().map(|set| set.name.as_str())) {
        settings.with_replacement(name, format!("::kandy_sys::{name}"), std::iter::empty());
    }
    settings
}
