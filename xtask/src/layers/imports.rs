//! Resolves the paths in a module to the modules that define the names, through re-exports.

use std::collections::BTreeMap;

use super::{
    Imports,
    source::{Import, Module, ModulePath},
};

/// The longest chain of re-exports. A longer one is a cycle of `use`, which Rust rejects.
const MOST_REEXPORTS: usize = 16;

/// Returns what each module imports.
pub(super) fn of(modules: &BTreeMap<ModulePath, Module>) -> Imports {
    let mut imports = Imports::new();
    for (at, module) in modules {
        let imported = imports.entry(name(at)).or_default();
        let used = module.names.values().chain(&module.globs).filter(|import| !import.is_reexport);
        let paths = used.map(|import| &import.path).chain(&module.paths);
        for path in paths {
            if let Some(target) = resolve(modules, at, path, MOST_REEXPORTS).filter(|target| target != at) {
                imported.insert(name(&target));
            }
        }
    }
    imports
}

fn name(path: &[String]) -> String {
    if path.is_empty() { "crate".to_owned() } else { path.join("::") }
}

/// Returns the module that defines what `path` names in the module `at`, or `None` if it is in another crate.
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
