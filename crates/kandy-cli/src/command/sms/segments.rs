//! What texts cost: the segments of each, and their sum.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use kandy::{SmsEncoding, SmsText};
use serde_json::{Map, Value, json};

use super::price::Price;
use crate::{
    bulk::{Figures, shown},
    output::OutputSchema,
};

/// The number of rows whose texts a dry run shows.
const PREVIEW: usize = 3;

/// The number of characters outside of GSM-7 that a table shows, the most frequent ones.
const MAX_CHARACTERS: usize = 10;

/// The number of characters of a text that a table shows; JSON has all.
const MAX_SHOWN: usize = 1000;

/// What a dry run of a list prints.
const LIST: OutputSchema = OutputSchema {
    name: "rows",
    operation: "",
    at: "",
    id: "",
    columns: &[
        "rows",
        "usable",
        "unusable",
        "recipients",
        "duplicates",
        "suppressed",
        "segments",
        "segments_with_replacements",
        "sms_by_segments",
        "sms_by_encoding",
        "non_gsm7",
        "price_per_segment",
        "price",
        "preview",
    ],
};

/// Sums up the texts of a list.
#[derive(Debug, Default)]
pub(super) struct ListFigures {
    price: Option<Price>,
    segments: u64,
    /// The segments if all suggested replacements are made.
    cheapest: u64,
    by_segments: BTreeMap<usize, u64>,
    gsm7: u64,
    ucs2: u64,
    /// How many texts have each of the characters that force UCS-2.
    non_gsm7: HashMap<char, u64>,
    /// The first rows: the line, the number, the text.
    preview: Vec<(u64, u64, SmsText)>,
}

impl ListFigures {
    pub(super) fn new(price: Option<Price>) -> Self {
        Self { price, ..Self::default() }
    }

    /// Returns the characters that force UCS-2, the most frequent ones first.
    fn characters(&self) -> Vec<(char, u64)> {
        let mut characters: Vec<_> = self.non_gsm7.iter().map(|(character, texts)| (*character, *texts)).collect();
        characters.sort_unstable_by_key(|(character, texts)| (Reverse(*texts), *character));
        characters
    }
}

impl Figures for ListFigures {
    fn schema(&self) -> OutputSchema {
        LIST
    }

    fn add(&mut self, line: u64, recipient: u64, text: &str) {
        let text = SmsText::new(text);
        self.segments += text.segments() as u64;
        *self.by_segments.entry(text.segments()).or_default() += 1;
        match text.encoding() {
            SmsEncoding::Gsm7 => self.gsm7 += 1,
            _ => self.ucs2 += 1,
        }
        for (_, character) in text.non_gsm7_chars() {
            *self.non_gsm7.entry(character).or_default() += 1;
        }
        self.cheapest += text.with_replacements().map_or(text.segments(), |text| text.segments()) as u64;
        if self.preview.len() < PREVIEW {
            self.preview.push((line, recipient, text));
        }
    }

    fn members(&self, is_json: bool) -> Map<String, Value> {
        let by_segments = self.by_segments.iter().map(|(segments, sms)| (segments.to_string(), *sms));
        let by_encoding = [(SmsEncoding::Gsm7, self.gsm7), (SmsEncoding::Ucs2, self.ucs2)];
        let by_encoding = by_encoding.into_iter().map(|(encoding, sms)| (encoding.to_string(), sms));
        let mut members = Map::new();
        members.insert("segments".into(), self.segments.into());
        if is_json || self.segments > 0 {
            members.insert("sms_by_segments".into(), counts(by_segments, is_json));
        }
        members.insert("sms_by_encoding".into(), counts(by_encoding, is_json));
        add_price(&mut members, self.price, self.segments);
        if is_json {
            let characters = self.characters().into_iter().map(|(character, texts)| (character.to_string(), texts));
            members.insert("non_gsm7".into(), counts(characters, true));
            members.insert("segments_with_replacements".into(), self.cheapest.into());
            members.insert("preview".into(), self.preview.iter().map(preview).collect());
            return members;
        }
        if !self.non_gsm7.is_empty() {
            let characters = self.characters().into_iter().take(MAX_CHARACTERS);
            members.insert("non_gsm7".into(), counts(characters.map(|(char, texts)| (named(char), texts)), false));
        }
        if self.cheapest < self.segments {
            members.insert("segments_with_replacements".into(), self.cheapest.into());
        }
        for (line, recipient, text) in &self.preview {
            let shown =
                text.as_str().char_indices().nth(MAX_SHOWN).map_or(text.as_str(), |(end, _)| &text.as_str()[..end]);
            let cut = if shown.len() < text.as_str().len() { "…" } else { "" };
            members.insert(format!("line {line}"), format!("+{recipient} ({}): {shown}{cut}", length(text)).into());
        }
        members
    }
}

/// Returns the length of a text: `1 segment, GSM-7`.
pub(super) fn length(text: &SmsText) -> String {
    let noun = if text.segments() == 1 { "segment" } else { "segments" };
    format!("{} {noun}, {}", text.segments(), text.encoding())
}

/// Returns which characters make a text expensive, and what would make it cheaper; `None` for a text in GSM-7.
pub(super) fn advice(text: &SmsText) -> Option<String> {
    let characters: Vec<_> = text.non_gsm7_chars().take(MAX_CHARACTERS).map(|(_, char)| named(char)).collect();
    if characters.is_empty() {
        return None;
    }
    let mut advice = format!("not in GSM-7: {}", characters.join(", "));
    if let Some(cheaper) = text.with_replacements() {
        advice.push_str(&format!("; with replacements: {} ({})", shown(cheaper.as_str()), length(&cheaper)));
    }
    Some(advice)
}

/// Returns what a dry run of one SMS prints as JSON about its text.
pub(super) fn of_one(text: &SmsText, price: Option<Price>) -> Map<String, Value> {
    let characters: Map<_, _> =
        text.non_gsm7_chars().map(|(at, character)| (character.to_string(), at.into())).collect();
    let replaced = text.with_replacements();
    let mut members = Map::new();
    members.insert("encoding".into(), text.encoding().as_str().into());
    members.insert("units".into(), text.units().into());
    members.insert("segments".into(), text.segments().into());
    members.insert("remaining".into(), text.remaining().into());
    members.insert("non_gsm7".into(), characters.into());
    members.insert("with_replacements".into(), replaced.map(|text| text.as_str().to_owned()).into());
    add_price(&mut members, price, text.segments() as u64);
    members
}

/// Returns the lines about the text of one SMS: its length and price, and what makes it expensive.
pub(super) fn lines(text: &SmsText, members: &Map<String, Value>) -> Vec<String> {
    let price =
        members.get("price").and_then(Value::as_str).map(|price| format!(", price {price}")).unwrap_or_default();
    let free = format!("{} of {} units free", text.remaining(), text.units() + text.remaining());
    let length = format!("{} ({free}){price}", length(text));
    [Some(length), advice(text)].into_iter().flatten().collect()
}

/// Adds the price of this many segments, if one segment has a price: as text, because many readers of JSON make a binary
/// fraction of a number.
fn add_price(members: &mut Map<String, Value>, price: Option<Price>, segments: u64) {
    if let Some(price) = price {
        members.insert("price_per_segment".into(), price.to_string().into());
        members.insert("price".into(), price.times(segments).to_string().into());
    }
}

fn preview((line, recipient, text): &(u64, u64, SmsText)) -> Value {
    json!({
        "line": line, "destination": format!("+{recipient}"), "text": text.as_str(), "segments": text.segments(),
        "encoding": text.encoding().as_str(),
    })
}

/// Returns counts by name: an object, or a text such as `1: 20, 2: 3`.
fn counts(counts: impl Iterator<Item = (String, u64)>, is_json: bool) -> Value {
    match is_json {
        true => counts.map(|(name, count)| (name, Value::from(count))).collect(),
        false => counts.map(|(name, count)| format!("{name}: {count}")).collect::<Vec<_>>().join(", ").into(),
    }
}

/// Returns a character with its number, because many look alike, and some cannot be seen.
fn named(character: char) -> String {
    format!("{} U+{:04X}", character.escape_debug(), u32::from(character))
}
