//! Generates `operations.rs`: the table of all operations.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{
    Error,
    lower::{Body, Lowered, Operation, Parameter, ResponseKind},
    render,
};

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let base_url = &lowered.base_url;
    let operations = lowered.operations.iter().map(operation).collect::<Result<Vec<_>, _>>()?;
    let number = operations.len();
    render::tokens(quote! {
        use crate::operation::{ResponseKind, RequestBody, Confidence, Credential, Level, Operation, Parameter};

        /// The URL of the service, without a slash at its end.
        pub const DEFAULT_BASE_URL: &str = #base_url;

        /// Every operation of the spec, sorted by id.
        pub static OPERATIONS: &[Operation] = &TABLE;

        /// A `static` array, so that each operation has one address, which determines its index.
        static TABLE: [Operation; #number] = [#(#operations),*];
    })
}

fn operation(operation: &Operation) -> Result<TokenStream, Error> {
    let Operation { id, tag, path, version, summary, idempotent, .. } = operation;
    let method = format_ident!("{}", operation.method);
    let mut credentials = Vec::new();
    for scheme in &operation.credentials {
        credentials.push(credential(operation, scheme)?);
    }
    let confidence = format_ident!("{}", operation.confidence);
    let parameters = operation.parameters.iter().map(parameter);
    let body = match &operation.body {
        None => quote!(RequestBody::None),
        Some(Body::Json(schema)) => quote!(RequestBody::Json(#schema)),
        Some(Body::File(part)) => quote!(RequestBody::File(#part)),
    };
    let response = match &operation.response {
        ResponseKind::Envelope(None) => quote!(ResponseKind::NoResult),
        ResponseKind::Envelope(Some(result)) => quote!(ResponseKind::Result(#result)),
        ResponseKind::EnvelopeWithOptional(result) => quote!(ResponseKind::OptionalResult(#result)),
        ResponseKind::File => quote!(ResponseKind::File),
    };
    let example = operation.example.to_string();
    Ok(quote! {
        Operation {
            id: #id,
            tag: #tag,
            method: ::http::Method::#method,
            path: #path,
            version: #version,
            summary: #summary,
            credentials: &[#(#credentials),*],
            idempotent: #idempotent,
            confidence: Confidence::#confidence,
            parameters: &[#(#parameters),*],
            body: #body,
            response: #response,
            example: #example,
        }
    })
}

fn parameter(parameter: &Parameter) -> TokenStream {
    let Parameter { name, required, secret, description } = parameter;
    quote! {
        Parameter { name: #name, required: #required, secret: #secret, description: #description }
    }
}

fn credential(operation: &Operation, scheme: &str) -> Result<TokenStream, Error> {
    let (level, kind) = match (scheme.strip_suffix("_api_key"), scheme.strip_suffix("_access_token")) {
        (Some(level), _) => (level, quote!(ApiKey)),
        (_, Some(level)) => (level, quote!(AccessToken)),
        _ => return Err(Error::new(&operation.id, format!("security scheme `{scheme}` has no level"))),
    };
    let level = match level {
        "account" => quote!(Account),
        "domain" => quote!(Domain),
        "user" => quote!(User),
        other => return Err(Error::new(&operation.id, format!("`{other}` is not a level"))),
    };
    Ok(quote!(Credential::#kind(Level::#level)))
}
