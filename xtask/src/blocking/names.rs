//! Rewrites the paths of types, so that they mean the same in the generated file.

use std::collections::BTreeSet;

use syn::{Path, visit_mut::VisitMut};

use super::source::Imports;

/// Replaces names that a file imports, and names that the crate exports, by their full paths.
pub(super) struct Qualify<'a> {
    pub(super) exported: &'a BTreeSet<String>,
    pub(super) imports: &'a Imports,
}

impl VisitMut for Qualify<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first().map(|segment| segment.ident.to_string()) else { return };
        let full = match self.imports.get(&first) {
            _ if self.exported.contains(&first) => format!("crate::{first}"),
            Some(full) if full.contains("::") => full.clone(),
            _ => return,
        };
        if let Ok(full) = syn::parse_str::<Path>(&full) {
            let rest: Vec<_> = path.segments.iter().cloned().collect();
            let mut segments = full.segments;
            if let (Some(last), Some(first)) = (segments.last_mut(), rest.first()) {
                last.arguments = first.arguments.clone();
            }
            segments.extend(rest.into_iter().skip(1));
            path.segments = segments;
        }
    }
}
