//! Resolves the paths of a module to the modules that define what they name, through re-exports.

use std::collections::BTreeMap;

use super::{
    Imports,
    source::{Import, Module, ModulePath},
};

/// How many re-exports may lead to each other. More are a circle of `use`, which Rust refuses.
const MOST_REEXPORTS: usize = 16;

/// What each module imports.
pub(super) fn of(modules: &BTreeMap<ModulePath, Module>) -> Imports {
    let mut imports = Imports::new();
    for (at, module) in modules {
        let imported = imports.entry(written(at)).or_default();
        let used = module.names.values().chain(&module.globs).filter(|import| !import.is_reexport);
        let paths = used.map(|import| &import.path).chain(&module.paths);
        for path in paths {
            if let Some(target) = resolve(modules, at, path, MOST_REEXPORTS).filter(|target| target != at) {
                imported.insert(written(&target));
            }
        }
    }
    imports
}

fn written(path: &[String]) -> String {
    if path.is_empty() { "crate".to_owned() } else { path.join("::") }
}

/// The module that defines what `path` names in the module `at`; none if that is in another crate.
fn resolve(
    modules: &BTreeMap<ModulePath, Module>,
    at: &ModulePath,
    path: &[String],
    reexports: usize,
) -> Option<ModulePath> {
    let mut current = at.clone();
    let mut rest = path.iter();
    let mut first = true;
    loop {
        let here = rest.clone();
        let Some(segment) = rest.next() else { return (!first).then_some(current) };
        match segment.as_str() {
            "crate" if first => current = ModulePath::new(),
            "self" => {}
            "super" => drop(current.pop()?),
            name => {
                let below = [current.clone(), vec![name.to_owned()]].concat();
                if modules.contains_key(&below) {
                    current = below;
                } else {
                    let module = modules.get(&current)?;
                    if module.defined.contains(name) {
                        return Some(current);
                    }
                    let further: Vec<String> = here.skip(1).cloned().collect();
                    let through = |import: &Import, keep: &[String]| {
                        let path = [import.path.clone(), keep.to_vec()].concat();
                        // A `use` that names itself, such as `use serde::Serialize`, is of another crate.
                        let is_self = first && import.path.first() == Some(segment);
                        let left = reexports.checked_sub(1).filter(|_| !is_self)?;
                        resolve(modules, &current, &path, left)
                    };
                    if let Some(import) = module.names.get(name) {
                        return through(import, &further);
                    }
                    let all: Vec<String> = [vec![name.to_owned()], further].concat();
                    let found = module.globs.iter().find_map(|glob| through(glob, &all));
                    // A name of an enum or a type that is defined here, or of another crate.
                    return found.or_else(|| (!first).then_some(current));
                }
            }
        }
        first = false;
    }
}
