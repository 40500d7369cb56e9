//! Elements of an SVG, with escaped texts.
//!
//! Depends on `style`. Begin with `Svg`.

use super::style::STYLE;

/// The size of most texts.
pub(super) const TEXT: f64 = 13.0;
/// The width of a letter relative to the size of the text, a little above that of the usual fonts.
const LETTER: f64 = 0.56;

/// Where a text is relative to its place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// An image that grows by elements.
#[derive(Debug)]
pub(super) struct Svg {
    width: f64,
    height: f64,
    text: String,
}

impl Svg {
    /// Creates an image with its title, and a description for those who do not see it.
    pub(super) fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        let text = format!("<title>{}</title>\n<desc>{}</desc>\n", escaped(title), escaped(description));
        let mut svg = Self { width, height, text };
        svg.rect("ground", 0.0, 0.0, width, height);
        svg.words("text title", Anchor::Start, 16.0, 28.0, title);
        svg
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.add(format_args!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        self.add(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.add(format_args!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius:.1}"/>"#));
    }

    pub(super) fn polygon(&mut self, class: &str, points: &[(f64, f64)]) {
        self.add(format_args!(r#"<polygon class="{class}" points="{}"/>"#, listed(points)));
    }

    pub(super) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        self.add(format_args!(r#"<polyline class="{class}" points="{}"/>"#, listed(points)));
    }

    /// Adds a text with its baseline at `y`.
    pub(super) fn words(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, words: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let words = escaped(words);
        self.add(format_args!(r#"<text class="{class}" text-anchor="{anchor}" x="{x:.1}" y="{y:.1}">{words}</text>"#));
    }

    /// Returns the file.
    pub(super) fn finish(self) -> String {
        let Self { width, height, text } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n{text}</svg>\n"
        )
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.text.push_str(&format!("{element}\n"));
    }
}

fn listed(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

/// Escapes a text. Control characters, which XML does not allow, become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Returns about the width of a text of usual size.
pub(super) fn width(text: &str) -> f64 {
    text.chars().count() as f64 * TEXT * LETTER
}

/// Breaks a text into at most `most` lines of this width. What does not fit is replaced by an ellipsis.
pub(super) fn wrapped(text: &str, line_width: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_last = lines.len() == most;
        match lines.last_mut() {
            Some(line) if width(line) + width(word) + width(" ") <= line_width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if is_last => {
                line.push_str(" …");
                break;
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("a < b & \"c\" > d\u{1}"), "a &lt; b &amp; &quot;c&quot; &gt; d ");
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        assert_eq!(wrapped("one two three", width("one two"), 2), ["one two", "three"]);
        assert_eq!(wrapped("one two three four", width("one two"), 2), ["one two", "three …"]);
        assert_eq!(wrapped("", 100.0, 2), Vec::<String>::new());
    }
}
