//! Prepares sections of Markdown for reading as text.

/// Returns the section with this heading, up to the next heading of its level: paragraphs and list items wrapped to a width, code
/// and tables as they are. Empty if there is none.
pub(super) fn section(document: &str, heading: &str, width: usize) -> String {
    let level = heading.bytes().take_while(|byte| *byte == b'#').count();
    let mut is_code = false;
    let lines = document.lines().skip_while(|line| *line != heading).enumerate().take_while(|(at, line)| {
        is_code ^= line.starts_with("```");
        let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
        *at == 0 || is_code || !(1..=level).contains(&hashes)
    });
    text(lines.map(|(_, line)| line), width)
}

/// Returns the text of lines of Markdown.
fn text<'a>(lines: impl Iterator<Item = &'a str>, width: usize) -> String {
    let mut text = String::new();
    let mut block = Block::default();
    let mut is_code = false;
    for line in lines {
        if line.starts_with("```") {
            block.end(&mut text, width);
            is_code = !is_code;
        } else if is_code {
            text.push_str("    ");
            text.push_str(line);
            text.push('\n');
        } else if line.trim().is_empty() || line.starts_with('|') || line.starts_with('#') {
            block.end(&mut text, width);
            text.push_str(line.trim_start_matches('#').trim_start());
            text.push('\n');
        } else {
            if indent(line) > 0 {
                block.end(&mut text, width);
            }
            block.add(line);
        }
    }
    block.end(&mut text, width);
    text
}

/// Returns the width of the mark of a list item that a line begins with, such as `* ` or `1. `.
fn indent(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match &line[digits..] {
        rest if digits > 0 && rest.starts_with(". ") => digits + 2,
        rest if digits == 0 && rest.starts_with("* ") => 2,
        _ => 0,
    }
}

/// A paragraph or a list item.
#[derive(Default)]
struct Block {
    words: Vec<String>,
    indent: usize,
}

impl Block {
    fn add(&mut self, line: &str) {
        if self.words.is_empty() {
            self.indent = indent(line);
        }
        self.words.extend(line.replace("**", "").split_whitespace().map(str::to_owned));
    }

    /// Writes the words in lines, those after the first one indented.
    fn end(&mut self, text: &mut String, width: usize) {
        let mut used = 0;
        for word in std::mem::take(&mut self.words) {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > width {
                text.push('\n');
                text.push_str(&" ".repeat(self.indent));
                used = self.indent;
            } else if used > 0 {
                text.push(' ');
                used += 1;
            }
            text.push_str(&word);
            used += length;
        }
        if used > 0 {
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
# Title
## One
A paragraph of **two**
lines.

* an item of
  several words
* another

```sh
# a comment, no heading
kandy  x
```
### Below
| a | b |
## Two
Other.
";

    #[test]
    fn section_ends_at_the_next_heading() {
        let text = section(DOCUMENT, "## One", 16);
        let wanted = "One\nA paragraph of\ntwo lines.\n\n* an item of\n  several words\n* another\n\n    \
                      # a comment, no heading\n    kandy  x\nBelow\n| a | b |\n";
        assert_eq!(text, wanted);
        assert_eq!(section(DOCUMENT, "### Below", 16), "Below\n| a | b |\n");
        assert_eq!(section(DOCUMENT, "## Two", 3), "Two\nOther.\n");
        assert_eq!(section(DOCUMENT, "## Three", 80), "");
    }
}
