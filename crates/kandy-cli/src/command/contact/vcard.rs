//! Reads and writes cards: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
//!
//! Reading is tolerant, as cards of phones are: unknown properties are skipped. It never guesses at an encoding that it does
//! not know. The frame of a card, and its length, are checked by the reader of lists.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use percent_encoding::percent_decode_str;

use super::entry::{Entry, MOST, NewContact, PhoneKind};

/// The user name of a contact, which vCard has no property for.
const USER_NAME: &str = "X-KANDY-USER-NAME";

/// A property of a card.
struct Property<'a> {
    group: &'a str,
    name: String,
    /// Names in upper case, and values. vCard 2.1 has values without a name: `TEL;CELL`.
    parameters: Vec<(String, String)>,
    value: &'a str,
    is_2_1: bool,
}

/// Reads a card.
pub(super) fn read(card: &str) -> Result<Entry, String> {
    let lines = unfold(card);
    let properties: Vec<_> = lines.iter().filter_map(|line| Property::read(line)).collect();
    let is_2_1 = properties.iter().any(|property| property.name == "VERSION" && property.value.trim() == "2.1");
    let properties = properties.into_iter().map(|property| Property { is_2_1, ..property });
    let mut entry = Entry::default();
    let (mut phones, mut emails, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for property in properties {
        match &*property.name {
            USER_NAME => entry.user_name = entry.user_name.or(property.text()?),
            "FN" => entry.display_name = entry.display_name.or(property.text()?),
            "NICKNAME" => entry.nickname = entry.nickname.or(property.first(',')?),
            "ORG" => entry.organization = entry.organization.or(property.first(';')?),
            "N" if entry.first_name.is_none() && entry.last_name.is_none() => {
                let mut names = property.components(';')?.into_iter().map(|name| filled(&name));
                entry.last_name = names.next().flatten();
                entry.first_name = names.next().flatten();
            }
            "TEL" | "EMAIL" | "X-ABLABEL" if phones.len().max(emails.len()).max(labels.len()) == MOST => {
                entry.is_too_large = true;
                break;
            }
            "TEL" => phones.push(property),
            "EMAIL" => emails.push(property),
            "X-ABLABEL" => labels.push((property.group.to_ascii_uppercase(), property.text()?.unwrap_or_default())),
            _ => {}
        }
    }
    // Sorting is stable: of equally preferred ones the first remains first.
    phones.sort_by_key(|phone| phone.preference());
    emails.sort_by_key(|email| email.preference());
    for phone in phones {
        let label = labels.iter().find(|(group, _)| !group.is_empty() && group.eq_ignore_ascii_case(phone.group));
        let label = format!("{} {}", phone.types(), label.map_or("", |(_, label)| label));
        if let (Some(kind), Some(number)) = (PhoneKind::of_label(&label), phone.text()?) {
            entry.add_phone(kind, &phone_number(&number));
        }
    }
    for email in emails {
        let email = email.text()?.unwrap_or_default();
        entry.add_email(without_scheme(&email, "mailto:").unwrap_or(&email));
    }
    Ok(entry)
}

/// Joins folded lines, and those of quoted-printable text. Skips cards within the card.
fn unfold(card: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut depth, mut is_encoded, mut is_continued) = (0_usize, false, false);
    for line in card.lines() {
        match lines.last_mut() {
            Some(last) if is_continued => {
                last.truncate(last.len() - 1);
                last.push_str(line);
            }
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(&line[1..]),
            _ => {
                let is_frame = |name: &str| {
                    line.split_once(':').is_some_and(|(begin, of)| {
                        begin.trim().eq_ignore_ascii_case(name) && of.trim().eq_ignore_ascii_case("VCARD")
                    })
                };
                depth += usize::from(is_frame("BEGIN"));
                if depth <= 1 {
                    lines.push(line.to_owned());
                }
                depth = depth.saturating_sub(usize::from(is_frame("END")));
                // Of the first line of a property: its head may be folded only where no encoding follows.
                is_encoded = is_quoted_printable(line);
            }
        }
        is_continued = is_encoded && lines.last().is_some_and(|last| last.ends_with('='));
    }
    lines
}

/// Returns whether a line begins a property with quoted-printable text.
fn is_quoted_printable(line: &str) -> bool {
    let (head, _) = line.split_once(':').unwrap_or((line, ""));
    head.to_ascii_uppercase().contains("QUOTED-PRINTABLE")
}

impl<'a> Property<'a> {
    /// Splits a line; `None` if it has no value.
    fn read(line: &'a str) -> Option<Self> {
        // Values of parameters may be quoted, and have colons and semicolons then.
        let (head, value) = split_unquoted(line, ':')?;
        let mut parts = Vec::new();
        let mut rest = head;
        while let Some((part, after)) = split_unquoted(rest, ';') {
            parts.push(part);
            rest = after;
        }
        parts.push(rest);
        let (group, name) = parts[0].rsplit_once('.').unwrap_or(("", parts[0]));
        let parameters = parts[1..].iter().map(|part| {
            let (name, value) = part.split_once('=').unwrap_or(("TYPE", part));
            (name.trim().to_ascii_uppercase(), value.trim().replace('"', ""))
        });
        Some(Self {
            group: group.trim(),
            name: name.trim().to_ascii_uppercase(),
            parameters: parameters.collect(),
            value,
            is_2_1: false,
        })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the types of the property, as one text.
    fn types(&self) -> String {
        let types = self.parameters.iter().filter(|(name, _)| name == "TYPE");
        types.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",")
    }

    /// Returns the rank of the property among those of its name: 1 to 100 of vCard 4.0, or the type `pref`.
    fn preference(&self) -> u32 {
        let is_preferred = self.types().split(',').any(|kind| kind.trim().eq_ignore_ascii_case("pref"));
        let rank = self.parameter("PREF").and_then(|rank| rank.parse().ok());
        rank.unwrap_or(if is_preferred { 1 } else { u32::MAX })
    }

    /// Returns the value; `None` if it is blank.
    fn text(&self) -> Result<Option<String>, String> {
        Ok(filled(&self.decode(self.value)?))
    }

    /// Returns the first of the values that this character separates.
    fn first(&self, separator: char) -> Result<Option<String>, String> {
        Ok(self.components(separator)?.iter().find_map(|value| filled(value)))
    }

    /// Returns the values that this character separates.
    fn components(&self, separator: char) -> Result<Vec<String>, String> {
        let (mut parts, mut begin, mut is_escaped) = (Vec::new(), 0, false);
        for (at, c) in self.value.char_indices() {
            if c == separator && !is_escaped {
                parts.push(&self.value[begin..at]);
                begin = at + c.len_utf8();
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        parts.push(&self.value[begin..]);
        // Decoded after it is split, so that an encoded separator belongs to a value.
        parts.into_iter().map(|part| self.decode(part)).collect()
    }

    /// Decodes a value, or a part of one.
    fn decode(&self, value: &str) -> Result<String, String> {
        // vCard 2.1 may leave out the name of the parameter.
        let is = |known: &str| {
            self.parameter("ENCODING").is_some_and(|encoding| encoding.eq_ignore_ascii_case(known))
                || self.types().split(',').any(|kind| kind.eq_ignore_ascii_case(known))
        };
        if is("QUOTED-PRINTABLE") {
            let bytes = quoted_printable(value);
            let charset = self.parameter("CHARSET").unwrap_or("UTF-8");
            let encoding = Encoding::for_label_no_replacement(charset.as_bytes());
            let encoding = encoding.ok_or_else(|| format!("{} has the unknown charset {charset:?}", self.name))?;
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
            let text = text.ok_or_else(|| {
                let stated = if encoding == UTF_8 { "UTF-8" } else { encoding.name() };
                format!("{} is quoted-printable, but not {stated} as it says", self.name)
            })?;
            return Ok(self.unescape(&text));
        }
        if is("BASE64") || self.parameter("ENCODING").is_some_and(|encoding| encoding.eq_ignore_ascii_case("B")) {
            return Err(format!("{} is encoded as Base64, which is supported for photos only", self.name));
        }
        Ok(self.unescape(value))
    }

    /// Removes escapes. vCard 2.1 escapes the semicolon only.
    fn unescape(&self, value: &str) -> String {
        let mut text = String::with_capacity(value.len());
        let mut rest = value.chars();
        while let Some(c) = rest.next() {
            match (c, rest.clone().next()) {
                ('\\', Some('n' | 'N')) if !self.is_2_1 => text.push('\n'),
                ('\\', Some(escaped @ ('\\' | ',' | ':'))) if !self.is_2_1 => text.push(escaped),
                ('\\', Some(';')) => text.push(';'),
                _ => {
                    text.push(c);
                    continue;
                }
            }
            rest.next();
        }
        text
    }
}

/// Splits at the first of these characters that is not in quotes.
fn split_unquoted(text: &str, separator: char) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if c == separator && !is_quoted => return Some((&text[..at], &text[at + c.len_utf8()..])),
            _ => {}
        }
    }
    None
}

/// Decodes quoted-printable text. What is no escape stays as it is.
fn quoted_printable(text: &str) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (text, mut bytes, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < text.len() {
        match text[at..] {
            [b'=', high, low, ..] if hex(high).is_some() && hex(low).is_some() => {
                bytes.push(16 * hex(high).unwrap_or_default() + hex(low).unwrap_or_default());
                at += 3;
            }
            _ => {
                bytes.push(text[at]);
                at += 1;
            }
        }
    }
    bytes
}

/// Returns the trimmed text, unless it is blank.
fn filled(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let begin = text.get(..scheme.len())?;
    begin.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
}

/// Returns the number of a `tel:` URI (RFC 3966), with its extension. Other values are numbers as they are.
fn phone_number(value: &str) -> String {
    let Some(uri) = without_scheme(value, "tel:") else { return value.to_owned() };
    let mut parts = uri.split(';');
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let number = decoded(parts.next().unwrap_or_default());
    match parts.find_map(|part| without_scheme(part, "ext=")) {
        Some(extension) => format!("{number} ext. {}", decoded(extension)),
        None => number,
    }
}

/// Writes a contact as a card of vCard 3.0, which all common programs read.
pub(super) fn write(contact: &NewContact) -> String {
    let NewContact { user_name, nickname, first_name, last_name, home_phone, .. } = contact;
    let NewContact { mobile_number, business_number, fax, email, .. } = contact;
    let first_name = first_name.as_deref().unwrap_or_default();
    let last_name = last_name.as_deref().unwrap_or_default();
    let full_name = [first_name, last_name].join(" ");
    let full_name = [full_name.trim(), nickname, user_name].into_iter().find(|name| !name.is_empty()).unwrap_or("-");
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let mut add = |name: &str, value: &str| fold(&mut card, &format!("{name}:{value}"));
    add("N", &format!("{};{};;;", escape(last_name), escape(first_name)));
    add("FN", &escape(full_name));
    for (name, value) in [
        ("NICKNAME", Some(nickname)),
        ("TEL;TYPE=home", home_phone.as_ref()),
        ("TEL;TYPE=cell", mobile_number.as_ref()),
        ("TEL;TYPE=work", business_number.as_ref()),
        ("TEL;TYPE=fax", fax.as_ref()),
        ("EMAIL", email.as_ref()),
        (USER_NAME, Some(user_name)),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            add(name, &escape(value));
        }
    }
    card.push_str("END:VCARD\r\n");
    card
}

/// Escapes a value. A line end of any kind becomes `\n`, so a value cannot end its property.
fn escape(value: &str) -> Cow<'_, str> {
    if !value.contains(['\\', ',', ';', '\n', '\r']) {
        return value.into();
    }
    let value = value.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n").into()
}

/// Appends a line, folded after at most 75 bytes, between characters.
fn fold(card: &mut String, line: &str) {
    const MOST: usize = 75;
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > MOST {
            card.push_str("\r\n ");
            length = 1;
        }
        card.push(c);
        length += c.len_utf8();
    }
    card.push_str("\r\n");
}

#[cfg(test)]
#[path = "vcard_tests.rs"]
mod tests;
