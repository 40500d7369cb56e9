use super::*;

/// The default alphabet of 3GPP TS 23.038 (section 6.2.1), by position. U+001B is the escape to the extension table.
#[rustfmt::skip] // A table.
const ALPHABET: [u32; 128] = [
    0x40, 0xa3, 0x24, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0x0a, 0xd8, 0xf8, 0x0d, 0xc5, 0xe5,
    0x394, 0x5f, 0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0x1b, 0xc6, 0xe6, 0xdf, 0xc9,
    0x20, 0x21, 0x22, 0x23, 0xa4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f,
    0xa1, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
    0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xc4, 0xd6, 0xd1, 0xdc, 0xa7,
    0xbf, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
    0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0xe4, 0xf6, 0xf1, 0xfc, 0xe0,
];

/// The characters of the extension table (section 6.2.1.1), each after an escape.
const EXTENSION: [char; 10] = ['\u{c}', '^', '{', '}', '\\', '[', '~', ']', '|', '€'];

/// Returns encoding, units, segments and what remains of the last one.
fn length(text: &str) -> (SmsEncoding, usize, usize, usize) {
    let length = SmsLength::of(text);
    (length.encoding(), length.units(), length.segments(), length.remaining())
}

#[test]
fn each_character_of_the_alphabet_is_one_septet() {
    for (position, code) in ALPHABET.into_iter().enumerate() {
        let character = char::from_u32(code).expect("a character");
        let text = character.to_string();
        if position == 0x1b {
            assert_eq!(length(&text), (SmsEncoding::Ucs2, 1, 1, 69), "the escape is no character");
            continue;
        }
        assert_eq!(length(&text), (SmsEncoding::Gsm7, 1, 1, 159), "{position:#x} {character:?}");
        assert_eq!(length(&text.repeat(160)), (SmsEncoding::Gsm7, 160, 1, 0), "{position:#x} {character:?}");
        assert_eq!(length(&text.repeat(161)), (SmsEncoding::Gsm7, 161, 2, 145), "{position:#x} {character:?}");
    }
}

#[test]
fn each_character_of_the_extension_table_is_two_septets() {
    for character in EXTENSION {
        let text = character.to_string();
        assert_eq!(length(&text), (SmsEncoding::Gsm7, 2, 1, 158), "{character:?}");
        assert_eq!(length(&text.repeat(80)), (SmsEncoding::Gsm7, 160, 1, 0), "{character:?}");
        // 76 fit into a segment, and leave one septet empty.
        assert_eq!(length(&text.repeat(81)), (SmsEncoding::Gsm7, 162, 2, 143), "{character:?}");
    }
}

#[test]
fn no_other_character_is_in_gsm7() {
    let table: Vec<char> = ALPHABET.into_iter().filter(|code| *code != 0x1b).filter_map(char::from_u32).collect();
    for character in '\0'..=char::MAX {
        let expected = match (table.contains(&character), EXTENSION.contains(&character)) {
            (true, false) => Some(1),
            (false, true) => Some(2),
            (false, false) => None,
            (true, true) => panic!("{character:?} is in both tables"),
        };
        assert_eq!(SmsEncoding::Gsm7.units_of(character), expected, "{character:?}");
        assert_eq!(SmsEncoding::Ucs2.units_of(character), Some(character.len_utf16()), "{character:?}");
    }
}

#[test]
fn lengths_at_the_limits() {
    use SmsEncoding::{Gsm7, Ucs2};
    let cases = [
        ("".to_owned(), (Gsm7, 0, 0, 160)),
        ("a".repeat(159), (Gsm7, 159, 1, 1)),
        ("a".repeat(160), (Gsm7, 160, 1, 0)),
        ("a".repeat(161), (Gsm7, 161, 2, 145)),
        ("a".repeat(305), (Gsm7, 305, 2, 1)),
        ("a".repeat(306), (Gsm7, 306, 2, 0)),
        ("a".repeat(307), (Gsm7, 307, 3, 152)),
        ("a".repeat(459), (Gsm7, 459, 3, 0)),
        ("a".repeat(460), (Gsm7, 460, 4, 152)),
        ("a".repeat(255 * 153), (Gsm7, 39_015, 255, 0)),
        ("ы".repeat(69), (Ucs2, 69, 1, 1)),
        ("ы".repeat(70), (Ucs2, 70, 1, 0)),
        ("ы".repeat(71), (Ucs2, 71, 2, 63)),
        ("ы".repeat(134), (Ucs2, 134, 2, 0)),
        ("ы".repeat(135), (Ucs2, 135, 3, 66)),
        // One character outside of GSM-7 makes all of them UCS-2, wherever it is.
        (format!("{}ы", "a".repeat(69)), (Ucs2, 70, 1, 0)),
        (format!("ы{}", "a".repeat(70)), (Ucs2, 71, 2, 63)),
        // Two septets across the end of the only segment, and of a joined one, which then ends a septet early.
        (format!("{}€", "a".repeat(158)), (Gsm7, 160, 1, 0)),
        (format!("{}€", "a".repeat(159)), (Gsm7, 161, 2, 145)),
        (format!("{}€{}", "a".repeat(151), "a".repeat(153)), (Gsm7, 306, 2, 0)),
        (format!("{}€{}", "a".repeat(152), "a".repeat(151)), (Gsm7, 305, 2, 0)),
        (format!("{}€{}", "a".repeat(152), "a".repeat(152)), (Gsm7, 306, 3, 152)),
        (format!("{}€", "a".repeat(305)), (Gsm7, 307, 3, 151)),
        // A surrogate pair across the 70th and the 67th unit.
        (format!("{}👍", "a".repeat(68)), (Ucs2, 70, 1, 0)),
        (format!("{}👍", "a".repeat(69)), (Ucs2, 71, 2, 63)),
        (format!("{}👍{}", "a".repeat(65), "a".repeat(67)), (Ucs2, 134, 2, 0)),
        (format!("{}👍{}", "a".repeat(66), "a".repeat(65)), (Ucs2, 133, 2, 0)),
        (format!("{}👍{}", "a".repeat(66), "a".repeat(66)), (Ucs2, 134, 3, 66)),
        // A flag is two pairs, a family three pairs and two joiners. Only the pairs are kept whole.
        ("🇩🇪".to_owned(), (Ucs2, 4, 1, 66)),
        ("👨\u{200d}👩\u{200d}👧".to_owned(), (Ucs2, 8, 1, 62)),
        ("👨\u{200d}👩\u{200d}👧".repeat(9), (Ucs2, 72, 2, 62)),
        // Lines, and what is no line to GSM-7.
        ("a\r\nb\n".to_owned(), (Gsm7, 5, 1, 155)),
        ("a\u{c}b".to_owned(), (Gsm7, 4, 1, 156)),
        ("a\tb".to_owned(), (Ucs2, 3, 1, 67)),
        ("\0".to_owned(), (Ucs2, 1, 1, 69)),
        ("e\u{301}".to_owned(), (Ucs2, 2, 1, 68)),
        ("\u{10ffff}".to_owned(), (Ucs2, 2, 1, 68)),
    ];
    for (text, expected) in cases {
        assert_eq!(length(&text), expected, "{text:?}");
    }
}

/// Texts that counters of other projects got wrong, as their users reported: the count of characters, of UTF-8 bytes, a
/// plain division, the units of one encoding in the other, and Ç for ç.
#[test]
fn texts_that_others_count_wrong() {
    use SmsEncoding::{Gsm7, Ucs2};
    let cases = [
        // 306 septets, but only 76 brackets fit into a segment.
        ("]".repeat(153), (Gsm7, 306, 3, 151)),
        // The bracket moves to the second segment, and the last character to a third.
        (format!("{}[{}", "a".repeat(152), "a".repeat(152)), (Gsm7, 306, 3, 152)),
        // 160 characters, 161 septets.
        (format!("{}\\", "a".repeat(159)), (Gsm7, 161, 2, 145)),
        // In UCS-2 the characters of the extension table are one unit each.
        (format!("this is a {}😘", "]".repeat(75)), (Ucs2, 87, 2, 47)),
        (format!("{}∞{}", "|".repeat(40), "^".repeat(29)), (Ucs2, 70, 1, 0)),
        // 35 emoji are 70 units; 67 of them fill 134 units, but only 33 fit into a segment.
        ("🐳".repeat(35), (Ucs2, 70, 1, 0)),
        ("😎".repeat(67), (Ucs2, 134, 3, 65)),
        ("😎".repeat(70), (Ucs2, 140, 3, 59)),
        // 100 characters in 200 bytes of UTF-8 are 100 septets.
        ("ü".repeat(100), (Gsm7, 100, 1, 60)),
        ("façade".to_owned(), (Ucs2, 6, 1, 64)),
        ("FAÇADE".to_owned(), (Gsm7, 6, 1, 154)),
        ("`".to_owned(), (Ucs2, 1, 1, 69)),
        // A combining low line under each letter.
        ("I\u{333}F\u{333}".to_owned(), (Ucs2, 4, 1, 66)),
    ];
    for (text, expected) in cases {
        assert_eq!(length(&text), expected, "{text:?}");
    }
}

/// Counts segments in another way: cuts the units at the size of a segment, and before a character that the cut splits.
fn segments_by_cutting(text: &str, encoding: SmsEncoding) -> usize {
    let units = text.chars().flat_map(|character| {
        let units = encoding.units_of(character).expect("in the encoding");
        (0..units).map(|unit| unit == 0)
    });
    let begins_character: Vec<bool> = units.collect();
    if begins_character.len() <= encoding.units_of_one_segment() {
        return usize::from(!begins_character.is_empty());
    }
    let (mut segments, mut rest) = (0, &begins_character[..]);
    while !rest.is_empty() {
        let mut end = rest.len().min(encoding.units_of_joined_segment());
        while end < rest.len() && !rest[end] {
            end -= 1;
        }
        (segments, rest) = (segments + 1, &rest[end..]);
    }
    segments
}

#[test]
fn characters_of_two_units_at_each_position() {
    for (one, two, encoding) in [("a", "€", SmsEncoding::Gsm7), ("ы", "👍", SmsEncoding::Ucs2)] {
        for total in 0..330 {
            for number in [0, 1, 2, 3, 7] {
                for at in (0..=total).step_by(if total < 80 { 1 } else { 11 }) {
                    let text = [one.repeat(at), two.repeat(number), one.repeat(total - at)].concat();
                    assert_eq!(SmsLength::of(&text).units(), total + 2 * number);
                    let expected = segments_by_cutting(&text, encoding);
                    assert_eq!(SmsLength::of(&text).segments(), expected, "{number} at {at} of {total}");
                }
            }
        }
    }
}

#[test]
fn names_are_the_same_in_json() {
    for (encoding, name) in [(SmsEncoding::Gsm7, "GSM-7"), (SmsEncoding::Ucs2, "UCS-2")] {
        assert_eq!((encoding.to_string().as_str(), encoding.as_str()), (name, name));
        let json = serde_json::to_string(&encoding).expect("JSON");
        assert_eq!(json, format!("{name:?}"));
        assert_eq!(serde_json::from_str::<SmsEncoding>(&json).expect("the same"), encoding);
    }
}
