//! Tables, for a terminal and for the docs.
//!
//! Depends on nothing. Begin with `plain`.

/// Formats lines of cells with aligned columns.
pub(super) fn plain(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|at| width(at).unwrap_or_default()).collect();
    let mut text = String::new();
    for line in lines {
        let mut out = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            out.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}

/// Formats lines of cells as Markdown; the first line is the head.
pub(super) fn markdown(lines: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        text.push_str(&format!("| {} |\n", line.join(" | ")));
        if at == 0 {
            text.push_str(&format!("|{}\n", "---|".repeat(line.len())));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Vec<String>> {
        [["what", "time"], ["get", "3 µs"], ["a list", "1 s"]].map(|line| line.map(str::to_owned).to_vec()).to_vec()
    }

    #[test]
    fn columns_are_aligned() {
        assert_eq!(plain(&lines()), "what    time\nget     3 µs\na list  1 s\n");
    }

    #[test]
    fn markdown_has_a_head() {
        assert_eq!(markdown(&lines()), "| what | time |\n|---|---|\n| get | 3 µs |\n| a list | 1 s |\n");
    }
}
