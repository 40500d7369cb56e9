//! Checks which module of a crate imports which: no cycle, and no import from a lower layer into a higher one.
//!
//! ```text
//! source   reads a crate: its modules, what each defines, imports and names
//! imports  resolves paths to modules, through re-exports
//! cycles   finds modules that import each other in a circle
//! table    states the layers of each crate, and the cycles that are accepted
//! ```
//!
//! Begin with [`check`]. Code under `#[cfg(test)]` does not count, and neither does a re-export.

mod cycles;
mod imports;
mod source;
mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

pub use table::{CRATES, Layers};

use crate::Error;

/// The modules of a crate and what each imports. A module is written as in Rust, without `crate::`; the root is `crate`.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// Reads the imports between the modules of a crate from its root file.
///
/// # Errors
///
/// When a file cannot be read or is not Rust.
pub fn imports(root_file: &Path) -> Result<Imports, Error> {
    Ok(imports::of(&source::read(root_file)?))
}

/// Groups of modules that import each other in a circle, the largest first.
pub fn cycles(imports: &Imports) -> Vec<BTreeSet<String>> {
    cycles::of(imports)
}

/// Compares a crate with its stated layers. Returns a sentence for each violation.
pub fn check(layers: &Layers, imports: &Imports) -> Vec<String> {
    let mut violations = Vec::new();
    for cycle in cycles(imports) {
        if !layers.cycles.iter().any(|accepted| cycle.iter().all(|module| accepted.contains(&module.as_str()))) {
            let modules: Vec<_> = cycle.iter().map(String::as_str).collect();
            violations.push(format!(
                "{}: modules import each other in a cycle: {}; move what they share into a module below them",
                layers.name,
                modules.join(", ")
            ));
        }
    }
    for (module, imported) in imports {
        let Some(at) = layers.layer_of(module) else {
            violations.push(format!("{}: {module} is in no layer; add it to xtask/src/layers/table.rs", layers.name));
            continue;
        };
        for target in imported {
            if layers.layer_of(target).is_some_and(|of_target| of_target > at) {
                violations.push(format!("{}: {module} imports {target}, which is in a higher layer", layers.name));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(arrows: &[(&str, &str)]) -> Imports {
        let mut imports = Imports::new();
        for (from, to) in arrows {
            imports.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            imports.entry((*to).to_owned()).or_default();
        }
        imports
    }

    const LAYERS: Layers = Layers {
        name: "sample",
        root: "",
        layers: &[&["error"], &["pipeline"], &["user", "device"]],
        cycles: &[&["user", "device"]],
    };

    #[test]
    fn an_import_from_below_is_a_violation() {
        assert_eq!(check(&LAYERS, &graph(&[("user", "pipeline"), ("pipeline::retry", "error")])), Vec::<String>::new());
        let violations = check(&LAYERS, &graph(&[("pipeline::retry", "user")]));
        assert_eq!(violations, ["sample: pipeline::retry imports user, which is in a higher layer"]);
    }

    #[test]
    fn a_cycle_is_a_violation_unless_it_is_named() {
        assert_eq!(check(&LAYERS, &graph(&[("user", "device"), ("device", "user")])), Vec::<String>::new());
        let cycle = graph(&[("pipeline", "pipeline::a"), ("pipeline::a", "pipeline::b"), ("pipeline::b", "pipeline")]);
        let violations = check(&LAYERS, &cycle);
        assert_eq!(violations.len(), 1);
        assert!(violations[0].contains("pipeline, pipeline::a, pipeline::b"), "{violations:?}");
    }

    #[test]
    fn an_unknown_module_is_a_violation() {
        let violations = check(&LAYERS, &graph(&[("conversation", "error")]));
        assert!(violations[0].contains("conversation is in no layer"), "{violations:?}");
    }
}
