//! Tests of the reader and the writer of cards.

use proptest::prelude::*;

use super::*;

fn card(properties: &[&str]) -> String {
    format!("BEGIN:VCARD\r\n{}\r\nEND:VCARD\r\n", properties.join("\r\n"))
}

/// The examples of RFC 6350, RFC 2426 and the vCard 2.1 specification, and what phones and address books write.
#[test]
fn phone_numbers_are_read() {
    use PhoneKind::{Fax, Home, Mobile, Other, Work};

    for (property, expected) in [
        // vCard 2.1: types without a name.
        ("TEL;CELL:+1 405 567 1235", Some((Mobile, "+1 405 567 1235"))),
        ("TEL;HOME;VOICE:4055671234", Some((Home, "4055671234"))),
        ("TEL;WORK;FAX:4055671237", Some((Fax, "4055671237"))),
        ("TEL;X-Custom(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=41):1234", Some((Other, "1234"))),
        // vCard 3.0, also of Apple, with groups.
        ("TEL;TYPE=CELL,VOICE:+14055671235", Some((Mobile, "+14055671235"))),
        ("tel;type=cell;type=VOICE;type=pref:+14055671235", Some((Mobile, "+14055671235"))),
        ("item1.TEL;type=IPHONE:1", Some((Mobile, "1"))),
        ("TEL;type=PAGER:1", None),
        ("TEL:1", Some((Other, "1"))),
        // vCard 4.0: URIs and quoted parameters.
        (
            "TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5555",
            Some((Home, "+1-555-555-5555 ext. 5555")),
        ),
        ("TEL;VALUE=uri;TYPE=work:TEL:+1%20555", Some((Work, "+1 555"))),
        ("TEL;TYPE=\"x:y;work\":1", Some((Work, "1"))),
        ("TEL;TYPE=cell: ", None),
        ("TEL", None),
    ] {
        let entry = read(&card(&["VERSION:3.0", property])).unwrap();
        let phones: Vec<_> = entry.phones.iter().map(|(kind, number)| (*kind, number.as_str())).collect();
        assert_eq!(phones, expected.into_iter().collect::<Vec<_>>(), "{property}");
    }
}

#[test]
fn texts_are_decoded() {
    for (version, property, nickname) in [
        ("3.0", "NICKNAME:Ann\\, the\\; first\\\\second\\nline", "Ann, the; first\\second\nline"),
        ("4.0", "NICKNAME:Ann,Annie", "Ann"),
        ("2.1", "NICKNAME:C:\\new\\; x", "C:\\new; x"),
        ("2.1", "NICKNAME;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=B6rg=2C x", "Jörg, x"),
        ("2.1", "NICKNAME;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=F6rg", "Jörg"),
        // Soft line ends, in the middle of a character, and one that looks like a property.
        ("2.1", "NICKNAME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=\r\n=B6rg =\r\nEND:VCARD", "Jörg END:VCARD"),
        ("2.1", "NICKNAME;ENCODING=QUOTED-PRINTABLE:a=zz", "a=zz"),
        // Folded lines, by blanks and by tabs.
        ("3.0", "NICKNAME:An\r\n na \r\n\t Maria", "Anna  Maria"),
        ("4.0", "NICK\r\n NAME:Anna", "Anna"),
        ("4.0", "NICKNAME;ALTID=1;LANGUAGE=\"x:y\":Anna", "Anna"),
        ("4.0", "a.b.NICKNAME:Anna", "Anna"),
        ("3.0", "NICKNAME:\r\nNICKNAME: Anna ", "Anna"),
    ] {
        let version = format!("VERSION:{version}");
        let entry = read(&card(&[&version, property])).unwrap();
        assert_eq!(entry.nickname.as_deref(), Some(nickname), "{property}");
    }
    for (property, said) in [
        ("NICKNAME;ENCODING=QUOTED-PRINTABLE:=FF", "not UTF-8"),
        ("NICKNAME;ENCODING=QUOTED-PRINTABLE;CHARSET=KOI9:=41", "unknown charset \"KOI9\""),
        ("NICKNAME;ENCODING=b:QW5u", "Base64"),
    ] {
        let error = read(&card(&["VERSION:2.1", property])).unwrap_err();
        assert!(error.contains(said) && error.starts_with("NICKNAME"), "{property}: {error}");
    }
}

#[test]
fn names_preferences_and_labels_are_read() {
    let entry = read(&card(&[
        "VERSION:3.0",
        "N:Doe\\;Roe;Anna,Maria;Middle;Dr.;",
        "FN:Anna Doe",
        "ORG:Example\\, Inc.;Sales",
        "item1.TEL:1",
        "item1.X-ABLabel:_$!<WorkFAX>!$_",
        "item2.TEL;type=pref:2",
        "item2.X-ABLabel:Mobile",
        "TEL;TYPE=home:3",
        "EMAIL;TYPE=INTERNET:first@example.com",
        "EMAIL;PREF=2:second@example.com",
        "EMAIL;TYPE=INTERNET,PREF:mailto:third@example.com",
        "EMAIL:FIRST@example.com",
        "X-KANDY-USER-NAME:anna@example.com",
        "AGENT:",
        "BEGIN:VCARD",
        "FN:Somebody Else",
        "TEL:4",
        "END:VCARD",
        "no property",
        "NOTE:\u{1b}[2J",
    ]))
    .unwrap();
    let text = |text: &str| Some(text.to_owned());
    let expected = Entry {
        user_name: text("anna@example.com"),
        nickname: None,
        first_name: text("Anna,Maria"),
        last_name: text("Doe;Roe"),
        display_name: text("Anna Doe"),
        organization: text("Example, Inc."),
        phones: vec![(PhoneKind::Mobile, "2".into()), (PhoneKind::Fax, "1".into()), (PhoneKind::Home, "3".into())],
        is_too_large: false,
        emails: ["third@example.com", "second@example.com", "first@example.com"].map(str::to_owned).into(),
    };
    assert_eq!(entry, expected);
    assert_eq!(read(&card(&["VERSION:4.0"])), Ok(Entry::default()));
    assert_eq!(read(""), Ok(Entry::default()));
}

/// Cards of a size that the reader of lists allows, and that would take long if values were compared with each other.
#[test]
fn hostile_cards_are_read_or_refused_at_once() {
    const SIZE: usize = 1 << 20;
    let many = |line: &dyn Fn(usize) -> String| (0..SIZE / 16).map(line).collect::<Vec<_>>().join("\r\n");
    for (name, property, is_refused) in [
        ("numbers", many(&|at| format!("TEL:{at}")), true),
        ("addresses", many(&|at| format!("EMAIL:{at}")), true),
        ("labels", many(&|at| format!("i{at}.X-ABLABEL:x")), true),
        ("groups", many(&|at| format!("i{at}.TEL:{at}")), true),
        ("folds", many(&|_| " =".to_owned()), false),
        ("encoded folds", format!("NOTE;QUOTED-PRINTABLE:=\r\n{}", many(&|_| "=".to_owned())), false),
        ("separators", format!("N:{}", ";".repeat(SIZE)), false),
        ("parameters", format!("TEL{}:1", ";TYPE=x".repeat(SIZE / 8)), false),
        ("escapes", format!("NICKNAME:{}", "\\".repeat(SIZE)), false),
    ] {
        let entry = read(&card(&["VERSION:3.0", "FN:Anna", "X-KANDY-USER-NAME:a@b.c", &property]));
        let contact = entry.and_then(|entry| entry.into_contact(None));
        assert_eq!(contact.as_ref().is_err_and(|error| error.contains("more than 1000")), is_refused, "{name}");
        assert_eq!(contact.is_err(), is_refused, "{name}");
    }
}

/// Any text that a user may have typed.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z+=@;,:\\\\\"' \u{e9}\u{1f600}\n]{0,100}", "\\PC{0,40}"]
}

proptest! {
    #[test]
    fn written_cards_are_read(texts in prop::array::uniform9(any_text())) {
        // Blanks at the ends are no part of a value.
        let texts = texts.map(|text| text.trim().to_owned());
        let given = |at: usize| Some(texts[at].clone()).filter(|text| !text.is_empty());
        let contact = NewContact {
            user_name: format!("u{}", texts[0]),
            nickname: format!("n{}", texts[1]),
            first_name: given(2),
            last_name: given(3),
            home_phone: given(4),
            mobile_number: given(5),
            business_number: given(6),
            fax: given(7),
            email: given(8).filter(|email| !email.to_lowercase().starts_with("mailto:")),
            left_out: 0,
        };
        let written = write(&contact);
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        let read = read(&written).and_then(|entry| entry.into_contact(None));
        prop_assert_eq!(read, Ok(contact));
    }

    #[test]
    fn no_card_panics(text in "[BEGIND:VCARTL;=\\\\\" \r\n\tQUOPX,.%0-9\u{e9}-]{0,200}") {
        drop(read(&text));
        drop(read(&card(&["VERSION:2.1", &text])));
        drop(read(&card(&[&format!("TEL;ENCODING=QUOTED-PRINTABLE:{text}"), &format!("N:{text}")])));
    }
}
