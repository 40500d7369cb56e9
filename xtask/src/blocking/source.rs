//! Reads the crate: its modules, public types, methods and builders.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, ItemStruct, Macro, UseTree, Visibility};

use crate::Error;

/// What the generator needs of the crate.
pub(super) struct Source {
    /// The names that the root of the crate exports.
    pub(super) exported: BTreeSet<String>,
    /// All modules but `blocking` and tests.
    pub(super) modules: Vec<Module>,
    /// The handwritten types of `blocking`, each with its module.
    pub(super) handwritten: BTreeMap<String, String>,
}

/// A module of the crate: one file.
pub(super) struct Module {
    /// Its path, with `_` between the names.
    pub(super) name: String,
    /// The features that it needs.
    pub(super) cfg: Vec<Attribute>,
    /// Public structs.
    pub(super) structs: Vec<ItemStruct>,
    /// The builders, each with what it returns.
    pub(super) builders: BTreeMap<String, syn::Type>,
    /// Blocks of inherent methods.
    pub(super) impls: Vec<ItemImpl>,
    pub(super) imports: Imports,
}

/// The names that a file imports, with their paths.
pub(super) type Imports = BTreeMap<String, String>;

impl Source {
    /// All blocks of methods of a type.
    pub(super) fn impls_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a ItemImpl> {
        let impls = self.modules.iter().flat_map(|module| &module.impls);
        impls.filter(move |block| self_name(block).as_deref() == Some(name))
    }
}

/// The name of the type that a block of methods is for.
pub(super) fn self_name(block: &ItemImpl) -> Option<String> {
    match &*block.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The public methods of a block.
pub(super) fn methods(block: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) if matches!(function.vis, Visibility::Public(_)) => Some(function),
        _ => None,
    })
}

/// Reads the crate whose root is in this folder.
pub(super) fn read(folder: &Path) -> Result<Source, Error> {
    let root = parse(&folder.join("lib.rs"))?;
    let mut source = Source { exported: BTreeSet::new(), modules: Vec::new(), handwritten: BTreeMap::new() };
    let mut macros = Macros::default();
    for item in root.items {
        match item {
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => {
                let mut names = Imports::new();
                imports(&item.tree, "", &mut names);
                source.exported.extend(names.into_keys());
            }
            Item::Mod(module) if module.ident == "blocking" => {
                read_handwritten(&folder.join("blocking"), &mut source.handwritten)?;
            }
            Item::Mod(module) => read_module(&module, folder, "", &[], &mut source.modules, &mut macros)?,
            _ => {}
        }
    }
    macros.expand(&mut source.modules)?;
    Ok(source)
}

fn parse(path: &Path) -> Result<syn::File, Error> {
    let failed = |reason: String| Error::new(path.display().to_string(), reason);
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    syn::parse_file(&text).map_err(|error| failed(error.to_string()))
}

/// Reads the names of the public structs in the files of `blocking`, without the generated ones.
fn read_handwritten(folder: &Path, to: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for item in parse(&folder.join("mod.rs"))?.items {
        let Item::Mod(module) = item else { continue };
        let name = module.ident.to_string();
        if name == "generated" {
            continue;
        }
        for item in parse(&folder.join(format!("{name}.rs")))?.items {
            if let Item::Struct(item) = item
                && matches!(item.vis, Visibility::Public(_))
            {
                to.insert(item.ident.to_string(), name.clone());
            }
        }
    }
    Ok(())
}

/// Reads a module and those below it. `cfg` is what its parents need.
fn read_module(
    module: &ItemMod,
    folder: &Path,
    parent: &str,
    cfg: &[Attribute],
    to: &mut Vec<Module>,
    macros: &mut Macros,
) -> Result<(), Error> {
    let ident = module.ident.to_string();
    let cfg: Vec<_> = cfg.iter().chain(&module.attrs).filter(|a| a.path().is_ident("cfg")).cloned().collect();
    // A module in the same file has no public API here: it is one of tests, or seals a trait.
    if module.content.is_some() || cfg.iter().any(|cfg| cfg.meta.to_token_stream().to_string().contains("test")) {
        return Ok(());
    }
    let name = if parent.is_empty() { ident.clone() } else { format!("{parent}_{ident}") };
    let flat = folder.join(format!("{ident}.rs"));
    let path = if flat.exists() { flat } else { folder.join(&ident).join("mod.rs") };
    let items = parse(&path)?.items;
    let mut read = Module {
        name,
        cfg,
        structs: Vec::new(),
        builders: BTreeMap::new(),
        impls: Vec::new(),
        imports: Imports::new(),
    };
    let mut children = Vec::new();
    for item in items {
        match item {
            Item::Use(item) => imports(&item.tree, "", &mut read.imports),
            Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => read.structs.push(item),
            Item::Impl(item) if item.trait_.is_none() => read.impls.push(item),
            Item::Macro(item) => match item.ident {
                Some(name) => macros.define(&name, item.mac.tokens),
                None => macros.calls.push((to.len(), item.mac)),
            },
            Item::Mod(child) => children.push(child),
            _ => {}
        }
    }
    let name = read.name.clone();
    let cfg = read.cfg.clone();
    to.push(read);
    children.iter().try_for_each(|child| read_module(child, &folder.join(&ident), &name, &cfg, to, macros))
}

/// The macros of the crate, and where they are called.
#[derive(Default)]
struct Macros {
    /// The name of the first parameter, and the body. Repetitions in it must not matter.
    bodies: BTreeMap<String, (String, TokenStream)>,
    /// The calls outside functions, each with the place of its module.
    calls: Vec<(usize, Macro)>,
}

impl Macros {
    /// Reads the first arm of a macro.
    fn define(&mut self, name: &Ident, tokens: TokenStream) {
        let mut groups = tokens.into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        if let (Some(pattern), Some(body)) = (groups.next(), groups.next())
            && let Some(parameter) = pattern.into_iter().nth(1)
        {
            self.bodies.insert(name.to_string(), (parameter.to_string(), body));
        }
    }

    /// Reads each `request!(Name => Output)`, and each macro that defines methods for the type in its first argument.
    fn expand(self, modules: &mut [Module]) -> Result<(), Error> {
        for (at, call) in self.calls {
            let module = &mut modules[at];
            let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            let Some(TokenTree::Ident(first)) = call.tokens.clone().into_iter().next() else { continue };
            if name == "request" {
                let output = call.tokens.into_iter().skip_while(|token| token.to_string() != "=").skip(2).collect();
                let output = syn::parse2(output).map_err(|error| Error::new(first.to_string(), error.to_string()))?;
                module.builders.insert(first.to_string(), output);
            } else if let Some((parameter, body)) = self.bodies.get(&name) {
                let block = substitute(body.clone(), parameter, &first, true);
                module.impls.extend(syn::parse2::<ItemImpl>(block).ok());
            }
        }
        Ok(())
    }
}

/// Replaces a parameter of a macro by its argument, and removes the bodies of methods, which name other parameters.
fn substitute(tokens: TokenStream, parameter: &str, argument: &Ident, is_outer: bool) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar)
                if dollar.as_char() == '$' && tokens.peek().is_some_and(|next| next.to_string() == parameter) =>
            {
                tokens.next();
                replaced.extend([TokenTree::from(argument.clone())]);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner =
                    if is_outer { substitute(group.stream(), parameter, argument, false) } else { TokenStream::new() };
                replaced.extend([TokenTree::from(Group::new(Delimiter::Brace, inner))]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}

/// Adds the names that a `use` brings, with their paths.
fn imports(tree: &UseTree, path: &str, to: &mut Imports) {
    let below = |name: &Ident| if path.is_empty() { name.to_string() } else { format!("{path}::{name}") };
    match tree {
        UseTree::Path(tree) => imports(&tree.tree, &below(&tree.ident), to),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imports(tree, path, to)),
        UseTree::Name(name) if name.ident == "self" => {
            to.insert(path.rsplit("::").next().unwrap_or_default().to_owned(), path.to_owned());
        }
        UseTree::Name(name) => {
            to.insert(name.ident.to_string(), below(&name.ident));
        }
        UseTree::Rename(rename) => {
            to.insert(rename.rename.to_string(), below(&rename.ident));
        }
        UseTree::Glob(_) => {}
    }
}
