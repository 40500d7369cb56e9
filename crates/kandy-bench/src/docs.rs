//! The tables in a page of the docs, between two markers, and the plots beside the page. Each part has a heading of its own, and is
//! replaced alone.
//!
//! Depends on `report` and `plot`. Begin with [`write`](fn@write).

use std::path::PathBuf;

use crate::{
    BoxError, plot,
    report::{Report, Section},
};

/// The page, below the root of the checkout.
const PAGE: &str = "docs/performance.md";
/// The folder of the plots, below that of the page.
const PLOTS: &str = "performance";

/// The marker before the tables.
const BEGIN: &str = "<!-- bench:begin -->";
/// The marker after them.
const END: &str = "<!-- bench:end -->";
/// The beginning of the heading of a part.
const HEADING: &str = "### ";

/// Which parts a run has measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All parts: the tables are replaced as a whole.
    All,
    /// Some parts: the tables of the others stay.
    Some,
}

/// Writes the tables and the plots of the measured parts.
///
/// # Errors
///
/// When there is no checkout, the page has no markers, or a file cannot be written.
pub fn write(report: &Report, scope: Scope) -> Result<(), BoxError> {
    write_plots(report, scope)?;
    let page = kandy_checkout::root()?.join(PAGE);
    let text = std::fs::read_to_string(&page)?;
    let text = replace_tables(&text, report, scope, images);
    Ok(std::fs::write(page, text.ok_or_else(|| format!("{PAGE} has no {BEGIN} and {END}"))?)?)
}

/// Writes the plots of the measured parts, and deletes all others after a run of all parts.
///
/// # Errors
///
/// When there is no checkout, or a file cannot be written.
pub fn write_plots(report: &Report, scope: Scope) -> Result<(), BoxError> {
    let folder = kandy_checkout::root()?.join(PAGE).with_file_name(PLOTS);
    std::fs::create_dir_all(&folder)?;
    if scope == Scope::All {
        let files = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path()));
        let files: Vec<PathBuf> = files.collect::<Result<_, std::io::Error>>()?;
        for old in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "svg")) {
            std::fs::remove_file(old)?;
        }
    }
    for plot in plot::all(report) {
        std::fs::write(folder.join(plot.file), plot.svg)?;
    }
    Ok(())
}

/// Returns the lines with the images of a part.
fn images(section: &Section) -> String {
    let plots = plot::plots(section);
    plots.iter().map(|plot| format!("![{}]({PLOTS}/{})\n\n", plot.description, plot.file)).collect()
}

/// Replaces the tables of the measured parts in a page; `images` returns the lines with the images of a part. Returns none if the
/// page has no markers.
fn replace_tables(page: &str, report: &Report, scope: Scope, images: impl Fn(&Section) -> String) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (tables, after) = rest.split_once(END)?;
    let machine = format!("Measured on {}.", report.machine);
    let (head, mut parts) = match scope {
        Scope::All => (machine.clone(), Vec::new()),
        Scope::Some => split(tables),
    };
    for section in &report.sections {
        let mut text = String::new();
        if scope == Scope::Some {
            text.push_str(&format!("A run of its own. {machine}\n\n"));
        }
        if report.quick {
            text.push_str("This was a quick run (`--quick`), with fewer calls than named: the figures are rough.\n\n");
        }
        text.push_str(&images(section));
        text.push_str(&section.markdown());
        match parts.iter_mut().find(|(title, _)| *title == section.title()) {
            Some((_, old)) => *old = text,
            None => parts.push((section.title().to_owned(), text)),
        }
    }
    let parts = parts.iter().map(|(title, text)| format!("{HEADING}{title}\n\n{}\n\n", text.trim()));
    let parts = parts.collect::<String>();
    let tally = Report::tally_of_tables(&parts);
    Some(format!("{before}{BEGIN}\n\n{head}\n\n{tally}.\n\n{}\n\n{END}{after}", parts.trim()))
}

/// Splits the text between the markers: the line about the machine, and the parts by their titles.
fn split(tables: &str) -> (String, Vec<(String, String)>) {
    let (mut head, mut parts) = (String::new(), Vec::<(String, String)>::new());
    for line in tables.lines() {
        match (line.strip_prefix(HEADING), parts.last_mut()) {
            (Some(title), _) => parts.push((title.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) if head.is_empty() => line.clone_into(&mut head),
            (None, None) => {}
        }
    }
    (head, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Figure, Machine, Row, Target, Unit};

    fn report(titles: &[&str], figure: f64) -> Report {
        let sections = titles.iter().map(|title| {
            let mut section = Section::new(*title);
            let figure = Figure::new("", Unit::Ratio, vec![figure]);
            section.add(Row::new("x").figure(figure).target(Target::AtLeast(0.9)));
            section
        });
        Report { machine: Machine::this(), quick: false, sections: sections.collect() }
    }

    fn replace(page: &str, report: &Report, scope: Scope) -> String {
        replace_tables(page, report, scope, |section| format!("![{}](x.svg)\n\n", section.title())).expect("markers")
    }

    #[test]
    fn a_run_of_all_parts_replaces_everything_between_the_markers() {
        let page = format!("before\n{BEGIN}\nold\n### Gone\n{END}\nafter\n");
        let written = replace(&page, &report(&["First", "Second"], 1.0), Scope::All);
        assert!(written.starts_with(&format!("before\n{BEGIN}\n\nMeasured on ")), "{written}");
        assert!(written.ends_with(&format!("\n\n{END}\nafter\n")), "{written}");
        assert!(written.contains("\n\n2 pass, 0 miss, 0 unknown.\n\n### First\n\n![First](x.svg)\n\n| m"), "{written}");
        assert!(!written.contains("old") && !written.contains("Gone"), "{written}");
        assert_eq!(replace(&written, &report(&["First", "Second"], 1.0), Scope::All), written);
    }

    #[test]
    fn a_run_of_one_part_leaves_the_others() {
        let page = replace(&format!("{BEGIN}{END}"), &report(&["First", "Second"], 1.0), Scope::All);
        let written = replace(&page, &report(&["Second"], 0.5), Scope::Some);
        assert!(written.contains("\n\n1 pass, 1 miss, 0 unknown.\n\n### First\n"), "{written}");
        assert!(
            written.contains("| 1.000 | ≥ 0.9 | pass |\n\n### Second\n\nA run of its own. Measured on "),
            "{written}"
        );
        assert_eq!(written.matches("| 0.500 | ≥ 0.9 | miss |").count(), 1, "{written}");
        assert_eq!(replace(&written, &report(&["Second"], 0.5), Scope::Some), written);
        let more = replace(&written, &report(&["Third"], 1.0), Scope::Some);
        assert!(more.contains("2 pass, 1 miss") && more.find("### Second") < more.find("### Third"), "{more}");
    }

    #[test]
    fn a_page_without_markers_is_left_alone() {
        let report = report(&["First"], 1.0);
        let replaced = |page: &str| replace_tables(page, &report, Scope::Some, |_| String::new());
        assert_eq!(replaced("nothing"), None);
        assert_eq!(replaced(&format!("{END}{BEGIN}")), None);
    }
}
