use kandy_sys::SmsEncoding::{Gsm7, Ucs2};
use proptest::prelude::*;

use super::*;

#[test]
fn characters_that_force_ucs2_are_listed_once() {
    for (text, expected) in [
        ("", &[][..]),
        ("Grüße, 5 € {}", &[]),
        ("ça va, ça va – là", &[(0, 'ç'), (15, '–')]),
        ("👍👍ы👍", &[(0, '👍'), (8, 'ы')]),
        ("a\tb`", &[(1, '\t'), (3, '`')]),
        ("e\u{301}", &[(1, '\u{301}')]),
    ] {
        let text = SmsText::new(text);
        assert_eq!(text.non_gsm7_chars().collect::<Vec<_>>(), expected, "{text}");
        assert_eq!(text.encoding(), if expected.is_empty() { Gsm7 } else { Ucs2 }, "{text}");
    }
}

#[test]
fn texts_with_replacements() {
    for (text, expected) in [
        ("“Don’t” – wait…", Some("\"Don't\" - wait...")),
        ("10\u{a0}€\u{2009}each", Some("10 € each")),
        ("a\tb\u{2028}c", Some("a b\nc")),
        ("\u{feff}Hello\u{200b}", Some("Hello")),
        ("• one\n• two", Some("* one\n* two")),
        ("oﬃce", Some("office")),
        // The same letters, composed by keyboards and decomposed by file systems.
        ("Cafe\u{301} Mu\u{308}nchen", Some("Café München")),
        ("ΚΑΛΗΜΕΡΑ", Some("KAΛHMEPA")),
        ("20 \u{212b}, 5 k\u{2126}", Some("20 Å, 5 kΩ")),
        // Nothing to replace.
        ("", None),
        ("Hello", None),
        // Something without a replacement stays, so the text stays in UCS-2.
        ("“Привет”", None),
        ("“ça”", None),
        ("It’s on 👍", None),
        ("👨\u{200d}👩\u{200d}👧", None),
        ("a\u{301}…", None),
        ("e\u{301}\u{301}", None),
        ("\u{301}e", None),
        // These would change their meaning.
        ("1½", None),
        ("10²", None),
        // Nothing would be left.
        ("\u{200b}", None),
    ] {
        let found = SmsText::new(text).with_replacements();
        assert_eq!(found.as_ref().map(SmsText::as_str), expected, "{text:?}");
        assert!(found.is_none_or(|found| found.encoding() == Gsm7), "{text:?}");
    }
}

#[test]
fn replacements_that_need_more_segments_are_not_made() {
    // Each takes one unit of 70, and three septets of 160.
    for (number, is_made) in [(1, true), (53, true), (54, false), (70, false), (102, true), (103, false)] {
        assert_eq!(SmsText::new("…".repeat(number)).with_replacements().is_some(), is_made, "{number}");
    }
}

#[test]
fn replacements_are_listed_once() {
    let text = SmsText::new("“Café” – “cafe\u{301}” – ы");
    let replacements: Vec<_> = text.replacements().collect();
    assert_eq!(replacements, [("“", "\""), ("”", "\""), ("–", "-"), ("e\u{301}", "é")]);
    assert_eq!(SmsText::new("Grüße").replacements().count(), 0);
}

#[test]
fn each_replacement_is_of_gsm7_and_replaces_what_is_not() {
    let mut found = 0;
    for first in '\0'..=char::MAX {
        let text = first.to_string();
        for (from, to) in replacements::parts(&text).filter_map(|(from, to)| Some((from, to?))) {
            assert!(from == text && !is_gsm7(first), "{from:?}");
            assert!(to.chars().all(is_gsm7), "{from:?} by {to:?}");
            found += 1;
        }
    }
    assert_eq!(found, 107, "the number of characters that have a replacement");
    let mut composed = String::new();
    for letter in 'A'..='z' {
        for accent in '\u{300}'..='\u{36f}' {
            let text = String::from_iter([letter, accent]);
            for (from, to) in SmsText::new(&*text).replacements().filter(|(from, _)| *from != "`") {
                assert_eq!(from, text);
                composed += to;
            }
        }
    }
    // All letters with an accent of the default alphabet, each once.
    assert_eq!(composed, "ÄÅÇÉÑÖÜàäåèéìñòöùü");
}

#[test]
fn texts_are_values() {
    let text = SmsText::new("Grüße");
    assert_eq!((format!("{text}!"), format!("{text:>6}"), text.as_ref()), ("Grüße!".into(), " Grüße".into(), "Grüße"));
    assert_eq!(String::from(text.clone()), "Grüße");
    assert_eq!(serde_json::to_string(&text).expect("JSON"), r#""Grüße""#);
    assert_eq!(serde_json::from_str::<SmsText>(r#""Grüße""#).expect("a text"), text);
    assert_eq!(HashSet::from([text.clone(), text.clone(), "Hello".into()]).len(), 2);
}

/// Texts with much that is counted by its own rule.
fn texts() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &["a", "€", "]", "ы", "👍", "…", "–", "’", "e\u{301}", "\u{200d}", "ç", "\r\n"];
    prop_oneof![
        prop::collection::vec((prop::sample::select(PARTS), 0_usize..90), 0..5)
            .prop_map(|parts| parts.into_iter().map(|(part, number)| part.repeat(number)).collect()),
        prop::collection::vec(prop::sample::select(PARTS), 0..250).prop_map(|parts| parts.concat()),
        // In GSM-7, which the others seldom are.
        prop::collection::vec(prop::sample::select(&PARTS[..3]), 0..500).prop_map(|parts| parts.concat()),
        ".{0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_have_room_for_the_text_and_none_is_empty(text in texts()) {
        let sms = SmsText::new(&*text);
        let (encoding, units, segments) = (sms.encoding(), sms.units(), sms.segments());
        let units_of = |character| encoding.units_of(character).expect("in the encoding");
        prop_assert_eq!(units, text.chars().map(units_of).sum::<usize>());
        let joined = encoding.units_of_joined_segment();
        match segments {
            0 => prop_assert!(text.is_empty()),
            1 => prop_assert_eq!(units + sms.remaining(), encoding.units_of_one_segment()),
            _ => {
                prop_assert!(units > encoding.units_of_one_segment());
                // All but the last are full, except for one unit that a character of two does not fit into.
                prop_assert!(units + sms.remaining() <= segments * joined);
                prop_assert!(units + sms.remaining() > segments * joined - segments);
                prop_assert!(sms.remaining() < joined);
            }
        }
    }

    #[test]
    fn what_remains_can_be_added(text in texts()) {
        let sms = SmsText::new(&*text);
        let one = if sms.encoding() == Gsm7 { "a" } else { "ы" };
        let full = SmsText::new(text.clone() + &one.repeat(sms.remaining()));
        prop_assert_eq!((full.encoding(), full.remaining()), (sms.encoding(), 0));
        prop_assert_eq!(full.segments(), sms.segments().max(1));
        prop_assert_eq!(SmsText::new(full.to_string() + one).segments(), full.segments() + 1);
    }

    #[test]
    fn a_longer_text_never_needs_fewer_segments(text in texts(), more in texts()) {
        let (shorter, longer) = (SmsText::new(&*text), SmsText::new(text.clone() + &more));
        prop_assert!(longer.segments() >= shorter.segments());
    }

    #[test]
    fn replacements_never_need_more_segments(text in texts()) {
        let sms = SmsText::new(&*text);
        prop_assert_eq!(sms.as_str(), &*text, "kept unchanged");
        if let Some(replaced) = sms.with_replacements() {
            prop_assert_eq!(replaced.encoding(), Gsm7);
            prop_assert!((1..=sms.segments()).contains(&replaced.segments()));
            prop_assert_eq!(replaced.with_replacements(), None, "once is enough");
        }
        for (from, to) in sms.replacements() {
            prop_assert!(text.contains(from) && from != to);
        }
    }
}
