//! Reads the modules of a crate: what each defines, imports and names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, UseTree, Visibility, visit::Visit};

use crate::Error;

/// The path of a module below the root of its crate; the root is empty.
pub(super) type ModulePath = Vec<String>;

/// One module.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The names of what it defines, macros included.
    pub(super) defined: BTreeSet<String>,
    /// What `use` brings into it, by local name.
    pub(super) names: BTreeMap<String, Import>,
    /// What `use path::*` brings into it.
    pub(super) globs: Vec<Import>,
    /// Paths in its code and its macros, of two or more segments.
    pub(super) paths: BTreeSet<Vec<String>>,
}

/// What a `use` names.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// Whether others see it, so that it is a re-export.
    pub(super) is_reexport: bool,
}

/// Reads all modules of the crate whose root is this file.
pub(super) fn read(root_file: &Path) -> Result<BTreeMap<ModulePath, Module>, Error> {
    let mut modules = BTreeMap::new();
    let folder = root_file.parent().unwrap_or(Path::new("."));
    let file = parse(root_file)?;
    collect(file.items, Vec::new(), folder, &mut modules)?;
    Ok(modules)
}

fn parse(path: &Path) -> Result<syn::File, Error> {
    let failed = |reason: String| Error::new(path.display().to_string(), reason);
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    syn::parse_file(&text).map_err(|error| failed(error.to_string()))
}

/// Reads a module and those below it. `folder` is where the files of its children are.
fn collect(
    items: Vec<Item>,
    path: ModulePath,
    folder: &Path,
    modules: &mut BTreeMap<ModulePath, Module>,
) -> Result<(), Error> {
    let mut module = Module::default();
    for item in items {
        if is_test(attributes(&item)) {
            continue;
        }
        if let Some(name) = name(&item) {
            module.defined.insert(name);
        }
        match item {
            Item::Mod(child) => {
                let name = child.ident.to_string();
                let below = [path.clone(), vec![name.clone()]].concat();
                match child.content {
                    Some((_, items)) => collect(items, below, &folder.join(&name), modules)?,
                    None => collect(parse(&file_of(folder, &name))?.items, below, &folder.join(&name), modules)?,
                }
            }
            Item::Use(item) => {
                let is_reexport = !matches!(item.vis, Visibility::Inherited);
                add_use(&item.tree, Vec::new(), is_reexport, &mut module);
            }
            item => Paths(&mut module.paths).visit_item(&item),
        }
    }
    modules.insert(path, module);
    Ok(())
}

/// `name.rs`, or `name/mod.rs`.
fn file_of(folder: &Path, name: &str) -> PathBuf {
    let flat = folder.join(format!("{name}.rs"));
    if flat.exists() { flat } else { folder.join(name).join("mod.rs") }
}

fn add_use(tree: &UseTree, mut path: Vec<String>, is_reexport: bool, module: &mut Module) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            add_use(&tree.tree, path, is_reexport, module);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                add_use(tree, path.clone(), is_reexport, module);
            }
        }
        UseTree::Glob(_) => module.globs.push(Import { path, is_reexport }),
        UseTree::Name(name) if name.ident == "self" => {
            let local = path.last().cloned().unwrap_or_default();
            module.names.insert(local, Import { path, is_reexport });
        }
        UseTree::Name(name) => {
            let local = name.ident.to_string();
            path.push(local.clone());
            module.names.insert(local, Import { path, is_reexport });
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            module.names.insert(rename.rename.to_string(), Import { path, is_reexport });
        }
    }
}

/// Collects paths. What is in a macro is not parsed, so its tokens are searched for `a::b`.
struct Paths<'a>(&'a mut BTreeSet<Vec<String>>);

impl Visit<'_> for Paths<'_> {
    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.0.insert(segments);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &syn::Macro) {
        search(invocation.tokens.clone(), self.0);
        syn::visit::visit_macro(self, invocation);
    }
}

fn search(tokens: TokenStream, paths: &mut BTreeSet<Vec<String>>) {
    let (mut path, mut colons): (Vec<String>, usize) = (Vec::new(), 0);
    let mut end = |path: &mut Vec<String>| {
        if path.len() > 1 {
            paths.insert(std::mem::take(path));
        }
        path.clear();
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    end(&mut path);
                }
                path.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                end(&mut path);
                colons = 0;
            }
            TokenTree::Group(group) => {
                // `use crate::{a, b}` inside a macro names `crate::a` and `crate::b`; it does not occur here.
                end(&mut path);
                colons = 0;
                groups.push(group.stream());
            }
        }
    }
    end(&mut path);
    for group in groups {
        search(group, paths);
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        meta => meta.path().is_ident("test"),
    })
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
