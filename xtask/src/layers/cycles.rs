//! Strongly connected components of the imports (Tarjan's algorithm).

use std::collections::{BTreeMap, BTreeSet};

use super::Imports;

/// Groups of more than one module that reach each other, the largest first.
pub(super) fn of(imports: &Imports) -> Vec<BTreeSet<String>> {
    let mut search =
        Search { imports, index: BTreeMap::new(), low: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for module in imports.keys() {
        if !search.index.contains_key(module.as_str()) {
            search.visit(module);
        }
    }
    search.found.retain(|component| component.len() > 1);
    search.found.sort_by_key(|component| std::cmp::Reverse(component.len()));
    search.found
}

struct Search<'a> {
    imports: &'a Imports,
    /// In which order modules were visited.
    index: BTreeMap<&'a str, usize>,
    /// The first module that each one reaches and that is still on the stack.
    low: BTreeMap<&'a str, usize>,
    stack: Vec<&'a str>,
    found: Vec<BTreeSet<String>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, module: &'a str) -> usize {
        let index = self.index.len();
        self.index.insert(module, index);
        self.low.insert(module, index);
        self.stack.push(module);
        let mut low = index;
        for target in self.imports.get(module).into_iter().flatten() {
            let reached = match self.index.get(target.as_str()) {
                None if self.imports.contains_key(target) => self.visit(target),
                Some(at) if self.stack.contains(&target.as_str()) => *at,
                _ => continue,
            };
            low = low.min(reached);
        }
        self.low.insert(module, low);
        if low == index {
            let mut component = BTreeSet::new();
            while let Some(member) = self.stack.pop() {
                component.insert(member.to_owned());
                if member == module {
                    break;
                }
            }
            self.found.push(component);
        }
        low
    }
}
