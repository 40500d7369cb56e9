//! Suggests names similar to an unknown one.

/// Returns up to three similar names, most similar first.
pub(crate) fn similar<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const MIN_SIMILARITY: f64 = 0.85;
    let mut alike: Vec<_> = known
        .into_iter()
        .filter_map(|candidate| {
            let likeness = match candidate.contains(name) && !name.is_empty() {
                true => 1.0,
                false => strsim::jaro_winkler(candidate, name),
            };
            (likeness >= MIN_SIMILARITY).then_some((likeness, candidate))
        })
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Returns the message for an unknown name: `unknown operation "x"; did you mean y?`
pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match similar(name, known).as_slice() {
        [] => format!("unknown {kind} {name:?}"),
        similar => format!("unknown {kind} {name:?}; did you mean {}?", similar.join(" or ")),
    }
}
