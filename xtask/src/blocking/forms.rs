//! Decides which types have a blocking form, and where it is.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

use super::source::{Source, methods, self_name};

/// Types that have another name in `blocking`, since they are no streams there.
pub(super) const RENAMED_TYPES: &[(&str, &str)] = &[("ListStream", "ListIter")];
/// Methods that have another name in `blocking`, for the same reason.
pub(super) const RENAMED_METHODS: &[(&str, &str)] = &[("stream", "iter")];

/// The types with a blocking form.
pub(super) struct Forms {
    /// The name of each in `blocking`, and the module of `blocking` that defines it.
    pub(super) places: BTreeMap<String, (String, String)>,
    /// Those that are generated.
    pub(super) generated: BTreeSet<String>,
    /// The names of all public methods that are `async`: `await` after them has no other form than the call.
    pub(super) async_methods: BTreeSet<String>,
}

/// Finds the types: builders, what is handwritten, and handles. A handle is a public type with a method that returns one of
/// the others, or is `async`.
pub(super) fn of(source: &Source) -> Forms {
    let mut forms = Forms { places: BTreeMap::new(), generated: BTreeSet::new(), async_methods: BTreeSet::new() };
    for (name, module) in &source.handwritten {
        let original =
            RENAMED_TYPES.iter().find(|(_, renamed)| renamed == name).map_or(name.as_str(), |(name, _)| name);
        if source.exported.contains(original) {
            forms.places.insert(original.to_owned(), (name.clone(), module.clone()));
        }
    }
    for module in &source.modules {
        for name in module.builders.keys() {
            forms.add(name, &module.name);
        }
        for block in &module.impls {
            let is_async =
                |method: &&syn::ImplItemFn| method.sig.asyncness.is_some() && method.sig.receiver().is_some();
            let asynchronous = methods(block).filter(is_async);
            forms.async_methods.extend(asynchronous.map(|method| method.sig.ident.to_string()));
        }
    }
    // A handle may return another handle only, so this is repeated until nothing is found.
    loop {
        let count = forms.places.len();
        for module in &source.modules {
            for name in module.structs.iter().map(|item| item.ident.to_string()) {
                let is_known = forms.places.contains_key(&name) || !source.exported.contains(&name);
                if !is_known && source.impls_of(&name).flat_map(methods).any(|method| forms.needs_form(&method.sig)) {
                    forms.add(&name, &module.name);
                }
            }
        }
        if forms.places.len() == count {
            return forms;
        }
    }
}

impl Forms {
    fn add(&mut self, name: &str, module: &str) {
        self.places.insert(name.to_owned(), (name.to_owned(), format!("generated::{module}")));
        self.generated.insert(name.to_owned());
    }

    /// Whether a method makes its type a handle.
    fn needs_form(&self, signature: &syn::Signature) -> bool {
        signature.receiver().is_some()
            && returned(&signature.output).is_some_and(|name| self.places.contains_key(&name))
    }

    /// The generated types of a block of methods.
    pub(super) fn is_generated(&self, block: &syn::ItemImpl) -> bool {
        self_name(block).is_some_and(|name| self.generated.contains(&name))
    }
}

/// Whether a function takes a stream, which is asynchronous: the blocking form is the one that takes an iterator.
pub(super) fn takes_stream(signature: &syn::Signature) -> bool {
    let arguments = signature.inputs.to_token_stream().into_iter();
    let bounds = signature.generics.where_clause.to_token_stream().into_iter();
    arguments.chain(bounds).any(|token| token.to_string() == "Stream")
}

/// The name of the type that a function returns.
pub(super) fn returned(output: &ReturnType) -> Option<String> {
    match output {
        ReturnType::Type(_, returned) => name_of(returned),
        ReturnType::Default => None,
    }
}

/// The name of a type without its path and arguments.
pub(super) fn name_of(named: &Type) -> Option<String> {
    match named {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// Whether a type holds one of these, in a `Result`, an `Option` or a list. Other arguments, such as the level of a
/// credential, are markers.
pub(super) fn contains(named: &Type, names: &BTreeMap<String, (String, String)>) -> bool {
    let Type::Path(path) = named else { return false };
    let holders = path
        .path
        .segments
        .iter()
        .filter(|segment| ["Result", "Option", "Vec"].iter().any(|name| segment.ident == name));
    holders.into_iter().any(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().any(|argument| match argument {
            GenericArgument::Type(inner) => {
                name_of(inner).is_some_and(|name| names.contains_key(&name)) || contains(inner, names)
            }
            _ => false,
        }),
        _ => false,
    })
}
