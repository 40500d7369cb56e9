//! Fits columns to a terminal: their widths, and how texts wrap and truncate.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The blanks between two columns.
pub(super) const GAP: usize = 2;

/// The minimum width of a column: two wide characters fit.
const MIN_WIDTH: usize = 2;

/// The only character of width three.
pub(super) const WIDE: char = '\u{17d8}';

/// Its normalized form.
pub(super) const WIDE_IN_THREE: &str = "\u{17d4}\u{179b}\u{17d4}";

/// A column that is kept whole leaves at least this width to each other column.
const READABLE_WIDTH: usize = 4;

/// The maximum number of lines in a cell. Longer texts are truncated.
pub(super) const MAX_LINES: usize = 100;

/// The mark of a truncated text.
const CUT: &str = "…";

/// Returns the width of a text: at least what any terminal uses for it.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    units(text).map(|(_, width)| width).sum()
}

/// Splits a text into units that must not be separated, with their widths: grapheme clusters. A cluster that is wider
/// than any character, as in some scripts and in forged texts, is split into characters.
fn units(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).flat_map(|cluster| {
        let width = cluster.width();
        let is_wide = width > MIN_WIDTH;
        let whole = (!is_wide).then_some((cluster, width));
        let characters = cluster.char_indices().filter(move |_| is_wide).map(move |(at, c)| {
            let character = &cluster[at..at + c.len_utf8()];
            (character, character.width())
        });
        whole.into_iter().chain(characters)
    })
}

/// Returns the widths of columns whose natural widths are `natural`. They fit the terminal unless it is too narrow for
/// the minimum of each column.
///
/// The column `whole` keeps its width if the others stay readable. The widest of the others shrink first.
pub(super) fn widths(natural: &[usize], whole: Option<usize>, terminal: usize) -> Vec<usize> {
    let space = terminal.saturating_sub(GAP * natural.len().saturating_sub(1));
    let mut widths = natural.to_vec();
    let is_whole = |at: usize, least: usize| {
        let others = natural.iter().enumerate().filter(|(other, _)| *other != at);
        let others = others.map(|(_, width)| (*width).min(least)).fold(0, usize::saturating_add);
        natural[at].saturating_add(others) <= space
    };
    let whole = whole.filter(|at| is_whole(*at, READABLE_WIDTH) || is_whole(*at, MIN_WIDTH));
    let shared = space.saturating_sub(whole.map_or(0, |at| natural[at]));
    let shrinking: Vec<_> = (0..natural.len()).filter(|at| Some(*at) != whole).collect();
    let total = |most: usize| shrinking.iter().map(|at| natural[*at].min(most)).fold(0, usize::saturating_add);
    if total(usize::MAX) <= shared {
        return widths;
    }
    let most = max_each(shrinking.iter().map(|at| natural[*at]).collect(), shared).max(MIN_WIDTH);
    let mut rest = shared.saturating_sub(total(most));
    for at in shrinking {
        widths[at] = natural[at].min(most);
        if rest > 0 && natural[at] > most {
            widths[at] += 1;
            rest -= 1;
        }
    }
    widths
}

/// Returns the maximum width of a column, so that narrower ones keep their width and all together fill the space.
fn max_each(mut natural: Vec<usize>, mut space: usize) -> usize {
    natural.sort_unstable();
    let mut columns = natural.len();
    for width in natural {
        if width > space / columns {
            return space / columns;
        }
        space -= width;
        columns -= 1;
    }
    usize::MAX
}

/// Wraps a text at blanks, or inside words that are longer than a line. The last line ends with `…` if there are more
/// than [`MAX_LINES`].
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let text = text.trim_end_matches(' ');
    let width = width.max(MIN_WIDTH);
    // A line and the blank after it.
    let most = (width + 1) * MAX_LINES;
    let mut taken = 0;
    let units: Vec<_> = units(text)
        .take_while(|(_, width)| {
            let is_within = taken <= most;
            taken += width;
            is_within
        })
        .collect();
    let mut lines = Vec::new();
    let mut rest = units.as_slice();
    while !rest.is_empty() && lines.len() < MAX_LINES {
        let (end, next) = first_line(rest, width);
        lines.push(&rest[..end]);
        rest = &rest[next..];
    }
    let is_cut = !rest.is_empty();
    let mut lines: Vec<String> = lines.into_iter().map(|line| line.iter().map(|(text, _)| *text).collect()).collect();
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        *last = cut(last, width);
    }
    lines
}

/// Returns where the first line ends and where the next one begins.
fn first_line(units: &[(&str, usize)], width: usize) -> (usize, usize) {
    let (mut end, mut used, mut blank) = (0, 0, None);
    while let Some((text, own)) = units.get(end) {
        if used + own > width {
            break;
        }
        if *text == " " {
            blank = Some(end);
        }
        used += own;
        end += 1;
    }
    match (units.get(end), blank) {
        (None, _) => (end, end),
        (Some((" ", _)), _) => (end, end + 1),
        (_, Some(blank)) if blank > 0 => (blank, blank + 1),
        // Take at least one unit, so that the loop ends.
        _ => (end.max(1), end.max(1)),
    }
}

/// Fits a text to one line, with `…` at the end if a part is missing. A grapheme cluster is kept whole or not at all.
pub(super) fn fit(text: &str, available: usize) -> String {
    let text = text.trim_end_matches(' ');
    let most = available.saturating_sub(CUT.width());
    let (mut end, mut used) = (0, 0);
    for (at, cluster) in text.grapheme_indices(true) {
        let own = width(cluster);
        // Stop at once: the text may be much longer than the line.
        if used + own > available {
            return format!("{}{CUT}", &text[..end]);
        }
        used += own;
        if used <= most {
            end = at + cluster.len();
        }
    }
    text.to_owned()
}

/// Truncates a text to a width, with `…` at the end.
fn cut(text: &str, width: usize) -> String {
    let mut cut = String::new();
    let mut used = CUT.width();
    for (unit, own) in units(text) {
        used += own;
        if used > width {
            break;
        }
        cut.push_str(unit);
    }
    cut.push_str(CUT);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_character_exceeds_the_minimum_column() {
        let mut text = [0; 4];
        let wide: Vec<_> = ('\0'..=char::MAX).filter(|c| c.encode_utf8(&mut text).width() > MIN_WIDTH).collect();
        assert_eq!(wide, [WIDE]);
    }

    #[test]
    fn fitting_columns_keep_their_width() {
        assert_eq!(widths(&[4, 10, 0], Some(0), 80), [4, 10, 0]);
        assert_eq!(widths(&[4, 10], None, 16), [4, 10]);
        assert_eq!(widths(&[], None, 80), [0; 0]);
    }

    #[test]
    fn widest_column_shrinks_first() {
        assert_eq!(widths(&[4, 100, 10], None, 40), [4, 22, 10]);
        assert_eq!(widths(&[100, 100], None, 41), [20, 19]);
        assert_eq!(widths(&[4, usize::MAX, usize::MAX], None, 40), [4, 16, 16]);
    }

    #[test]
    fn id_is_kept_before_other_columns() {
        assert_eq!(widths(&[34, 21], Some(0), 40), [34, 4]);
        assert_eq!(widths(&[34, 21], Some(0), 38), [34, 2]);
        assert_eq!(widths(&[34, 21], Some(0), 36), [17, 17]);
        assert_eq!(widths(&[70_000, 21], Some(0), 40), [19, 19]);
    }

    #[test]
    fn narrow_terminal_gets_minimum_columns() {
        for terminal in [0, 1, 2] {
            assert_eq!(widths(&[70_000, 5, 1], Some(0), terminal), [2, 2, 1]);
        }
    }

    #[test]
    fn wraps_at_blanks_and_in_long_words() {
        assert_eq!(lines("a text of words", 8), ["a text", "of words"]);
        assert_eq!(lines("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("北京北京", 5), ["北京", "北京"]);
        assert_eq!(lines("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(lines("", 5), [""; 0]);
        assert_eq!(lines("  a", 5), ["  a"]);
    }

    #[test]
    fn fits_one_line_and_splits_no_cluster() {
        for (text, width, shown) in [
            ("hello", 5, "hello"),
            ("hello  ", 5, "hello"),
            ("hello!", 5, "hell…"),
            ("北京北京", 8, "北京北京"),
            ("北京北京", 7, "北京北…"),
            ("北京北京", 6, "北京…"),
            ("ae\u{301}e\u{301}", 3, "ae\u{301}e\u{301}"),
            ("ae\u{301}e\u{301}b", 3, "ae\u{301}…"),
            ("ab👩\u{200d}👩\u{200d}👧c", 4, "ab…"),
            ("ab👩\u{200d}👩\u{200d}👧c", 5, "ab👩\u{200d}👩\u{200d}👧c"),
            ("🇩🇪🇫🇷", 3, "🇩🇪…"),
            ("", 5, ""),
            ("ab", 1, "…"),
            ("ab", 2, "ab"),
        ] {
            assert_eq!(fit(text, width), shown, "{text:?} in {width}");
        }
        // A forged cluster that is wider than the line.
        assert_eq!(fit(&format!("a{}", "\u{1100}".repeat(10_000)), 10), "a…");
    }

    #[test]
    fn truncates_texts_of_many_lines() {
        let whole = "ab ".repeat(MAX_LINES);
        assert_eq!(lines(whole.trim_end(), 2), vec!["ab"; MAX_LINES]);
        let longer = lines(&"ab ".repeat(MAX_LINES + 1), 2);
        assert_eq!(longer.len(), MAX_LINES);
        assert_eq!(longer.last().map(String::as_str), Some("a…"));
        let wide = lines(&"北".repeat(65_536), 5);
        assert_eq!((wide.len(), wide.last().map(String::as_str)), (MAX_LINES, Some("北北…")));
    }
}
