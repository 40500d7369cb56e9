//! The tables between markers in a page of the docs.
//!
//! Depends on nothing. Begin with `between_markers`.

/// The marker before the tables in the docs.
pub const BEGIN: &str = "<!-- bench:begin -->";
/// The marker after them.
pub const END: &str = "<!-- bench:end -->";

/// Replaces the text between the markers of a page. Returns none if it has no markers.
pub fn between_markers(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let written = between_markers(&page, "new\n").expect("markers");
        assert_eq!(written, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(between_markers(&written, "new\n"), Some(written));
    }

    #[test]
    fn a_page_without_markers_is_left_alone() {
        assert_eq!(between_markers("nothing", "new"), None);
        assert_eq!(between_markers(&format!("{END}{BEGIN}"), "new"), None);
    }
}
