//! Generates `schemas.rs`: the types by the names of their schemas, for their JSON Schemas.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{
    Error,
    lower::{Lowered, NEW_PASSWORD, NO_RESULT, ResponseKind},
    render,
};

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let ty = |name: &str| -> TokenStream {
        let ident = format_ident!("{name}");
        if name == "Envelope" {
            quote!(crate::Envelope<crate::NoResult>)
        } else if name == NEW_PASSWORD {
            quote!(crate::Secret)
        } else if lowered.handwritten().any(|handwritten| handwritten == name) {
            quote!(crate::#ident)
        } else {
            quote!(crate::types::#ident)
        }
    };
    let schemas = lowered.schemas.iter().map(|name| {
        let ty = ty(name);
        quote!(Schema::of::<#ty>(#name))
    });
    let responses = lowered.operations.iter().filter_map(|operation| {
        let id = &operation.id;
        let result = match &operation.response {
            ResponseKind::Envelope(result) => ty(result.as_deref().unwrap_or(NO_RESULT)),
            ResponseKind::EnvelopeWithOptional(result) => {
                let result = ty(result);
                quote!(Option<#result>)
            }
            ResponseKind::File => return None,
        };
        Some(quote!(Schema::of::<crate::Envelope<#result>>(#id)))
    });
    render::tokens(quote! {
        use crate::schema::Schema;

        /// Every named schema of the spec.
        pub static SCHEMAS: &[Schema] = &[#(#schemas),*];

        /// The response of every operation that returns an envelope, by operation id.
        pub static RESPONSES: &[Schema] = &[#(#responses),*];
    })
}
