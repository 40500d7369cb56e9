//! Generates `values.rs`: the known status numbers, and the open sets of texts.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::{
    Error,
    lower::{KnownValue, Lowered, OpenSet},
    render,
};

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let sets = lowered.open_sets.iter().map(|set| match set.name.as_str() {
        "Status" => status(set),
        _ => texts(set),
    });
    let sets = sets.collect::<Result<Vec<_>, _>>()?;
    render::tokens(quote! {
        use crate::{open_set::open_set, status::{KnownStatus, Status}};

        #(#sets)*
    })
}

fn status(set: &OpenSet) -> Result<TokenStream, Error> {
    let mut constants = Vec::new();
    let mut known = Vec::new();
    for KnownValue { value, name, description } in &set.values {
        let Some(number) = value.as_i64() else {
            return Err(Error::new(&set.name, format!("known value {value} is not a whole number")));
        };
        let ident = format_ident!("{name}");
        let doc = format!("{number}: {description}");
        constants.push(quote!(#[doc = #doc] pub const #ident: Self = Self(#number);));
        known.push(quote!(KnownStatus { status: Status::#ident, name: #name, description: #description }));
    }
    Ok(quote! {
        /// The known numbers.
        impl Status {
            #(#constants)*
        }

        /// Every known status number.
        pub static KNOWN_STATUSES: &[KnownStatus] = &[#(#known),*];
    })
}

fn texts(set: &OpenSet) -> Result<TokenStream, Error> {
    let name = format_ident!("{}", set.name);
    let description = &set.description;
    let variants = set.values.iter().map(|known| {
        let Value::String(text) = &known.value else {
            return Err(Error::new(&set.name, format!("known value {} is not a text", known.value)));
        };
        let ident = format_ident!("{}", known.name);
        let doc = &known.description;
        Ok(quote!(#[doc = #doc] #ident = #text,))
    });
    let variants = variants.collect::<Result<Vec<_>, _>>()?;
    Ok(quote! {
        open_set! {
            #[doc = #description]
            #name {
                #(#variants)*
            }
        }
    })
}
