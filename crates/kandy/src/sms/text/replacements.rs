//! Replacements in GSM-7 for what it does not have, by meaning or by shape. Depends on nothing. Begin with [`parts`].

use std::iter;

/// Splits a text into its parts: a character or a letter with its accent, each with its replacement if it has one.
pub(super) fn parts(text: &str) -> impl Iterator<Item = (&str, Option<&'static str>)> {
    let mut rest = text;
    iter::from_fn(move || {
        let mut characters = rest.chars();
        let first = characters.next()?;
        let composed = characters.clone().next().and_then(|accent| composed(first, accent));
        if composed.is_some() {
            characters.next();
        }
        let (part, after) = rest.split_at(rest.len() - characters.as_str().len());
        rest = after;
        Some((part, composed.or_else(|| replacement(first))))
    })
}

/// Returns the letter of GSM-7 that is canonically equivalent to a letter and a combining accent, as Unicode defines it.
fn composed(letter: char, accent: char) -> Option<&'static str> {
    // Grave, acute, tilde, diaeresis, ring above, cedilla.
    Some(match (letter, accent) {
        ('a', '\u{300}') => "à",
        ('e', '\u{300}') => "è",
        ('i', '\u{300}') => "ì",
        ('o', '\u{300}') => "ò",
        ('u', '\u{300}') => "ù",
        ('E', '\u{301}') => "É",
        ('e', '\u{301}') => "é",
        ('N', '\u{303}') => "Ñ",
        ('n', '\u{303}') => "ñ",
        ('A', '\u{308}') => "Ä",
        ('a', '\u{308}') => "ä",
        ('O', '\u{308}') => "Ö",
        ('o', '\u{308}') => "ö",
        ('U', '\u{308}') => "Ü",
        ('u', '\u{308}') => "ü",
        ('A', '\u{30a}') => "Å",
        ('a', '\u{30a}') => "å",
        ('C', '\u{327}') => "Ç",
        _ => return None,
    })
}

/// Returns the replacement of one character that GSM-7 does not have.
///
/// Left out is what changes the meaning: `1½` would become `11/2`, and `10²` would become `102`.
fn replacement(character: char) -> Option<&'static str> {
    Some(match character {
        // Single quotes and what is typed as one: the prime, the acute accent, the backquote, apostrophes as letters.
        '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' | 'ʼ' | 'ʻ' | 'ʹ' | 'ˈ' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | '〝' | '〞' => "\"",
        '‹' => "<",
        '›' => ">",
        // Hyphen, no-break hyphen, figure dash, en dash, em dash, horizontal bar, hyphen bullet, minus.
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => "-",
        '…' => "...",
        '‥' => "..",
        // The tab, the no-break space, spaces of other widths.
        '\t' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        // Vertical tab, next line, line and paragraph separator.
        '\u{b}' | '\u{85}' | '\u{2028}' | '\u{2029}' => "\n",
        // Soft hyphen, zero-width spaces and joiners, byte order mark, marks of direction. What is left of the text is
        // GSM-7, which has no letters that are joined or written from right to left.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202c}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => "",
        '•' | '‣' | '◦' | '▪' | '●' | '∙' | '∗' => "*",
        '·' => ".",
        '⁄' | '∕' => "/",
        '×' => "x",
        '¦' => "|",
        '©' => "(C)",
        '®' => "(R)",
        '™' => "TM",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        // Signs that are canonically equivalent to letters: ohm, kelvin, angstrom.
        '\u{2126}' => "Ω",
        '\u{212a}' => "K",
        '\u{212b}' => "Å",
        // GSM-7 has only those Greek capitals whose shape is not that of a Latin one.
        'Α' => "A",
        'Β' => "B",
        'Ε' => "E",
        'Ζ' => "Z",
        'Η' => "H",
        'Ι' => "I",
        'Κ' => "K",
        'Μ' => "M",
        'Ν' => "N",
        'Ο' => "O",
        'Ρ' => "P",
        'Τ' => "T",
        'Υ' => "Y",
        'Χ' => "X",
        _ => return None,
    })
}
