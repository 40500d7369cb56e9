//! What other programs write: CSV by its header, and cards.

use crate::fixture::Fixture;

/// Google Contacts until 2024, Google Contacts since, Outlook and Outlook.com: headers as these programs export them.
const GOOGLE_OLD: &str = "Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,\
    Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,\
    Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,Language,Photo,\
    Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,\
    Phone 2 - Type,Phone 2 - Value,Phone 3 - Type,Phone 3 - Value,Address 1 - Type,Address 1 - Formatted,\
    Address 1 - Street,Organization 1 - Type,Organization 1 - Name,Organization 1 - Title,Relation 1 - Type,\
    Relation 1 - Value,Website 1 - Type,Website 1 - Value,Event 1 - Type,Event 1 - Value,Custom Field 1 - Type,\
    Custom Field 1 - Value";
const GOOGLE_NEW: &str = "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,\
    Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,\
    Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,\
    Phone 2 - Label,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,\
    Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address,\
    Website 1 - Label,Website 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value";
const OUTLOOK: &str = "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,\
    Business Street 2,Business Street 3,Business City,Business State,Business Postal Code,Business Country/Region,\
    Home Street,Home Street 2,Home Street 3,Home City,Home State,Home Postal Code,Home Country/Region,Other Street,\
    Other Street 2,Other Street 3,Other City,Other State,Other Postal Code,Other Country/Region,Assistant's Phone,\
    Business Fax,Business Phone,Business Phone 2,Callback,Car Phone,Company Main Phone,Home Fax,Home Phone,Home Phone 2,\
    ISDN,Mobile Phone,Other Fax,Other Phone,Pager,Primary Phone,Radio Phone,TTY/TDD Phone,Telex,Account,Anniversary,\
    Assistant's Name,Billing Information,Birthday,Business Address PO Box,Categories,Children,Directory Server,\
    E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Type,E-mail 2 Display Name,E-mail 3 Address,\
    E-mail 3 Type,E-mail 3 Display Name,Gender,Government ID Number,Hobby,Home Address PO Box,Initials,\
    Internet Free Busy,Keywords,Language,Location,Manager's Name,Mileage,Notes,Office Location,Organizational ID Number,\
    Other Address PO Box,Priority,Private,Profession,Referred By,Sensitivity,Spouse,User 1,User 2,User 3,User 4,Web Page";
const OUTLOOK_COM: &str = "First Name,Middle Name,Last Name,Title,Suffix,Nickname,Given Yomi,Surname Yomi,\
    E-mail Address,E-mail 2 Address,E-mail 3 Address,Home Phone,Home Phone 2,Business Phone,Business Phone 2,Mobile Phone,\
    Car Phone,Other Phone,Primary Phone,Pager,Business Fax,Home Fax,Other Fax,Company Main Phone,Callback,Radio Phone,\
    Telex,TTY/TDD Phone,IMAddress,Job Title,Department,Company,Office Location,Manager's Name,Assistant's Name,\
    Assistant's Phone,Company Yomi,Business Street,Business City,Business State,Business Postal Code,\
    Business Country/Region,Home Street,Home City,Home State,Home Postal Code,Home Country/Region,Other Street,Other City,\
    Other State,Other Postal Code,Other Country/Region,Personal Web Page,Spouse,Schools,Hobby,Location,Web Page,Birthday,\
    Anniversary,Notes";

/// Returns CSV with this header, and one row with these values.
fn csv_of(header: &str, values: &[(&str, &str)]) -> String {
    let columns: Vec<_> = header.split(',').map(str::trim).collect();
    for (column, _) in values {
        assert!(columns.contains(column), "{column}");
    }
    let value = |column: &&str| values.iter().find(|(name, _)| name == column).map_or("", |(_, value)| *value);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    writer.write_record(columns.iter().map(value)).unwrap();
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn headers_of_other_programs_are_read() {
    for (name, contents, expected) in [
        (
            "old Google",
            csv_of(
                GOOGLE_OLD,
                &[
                    ("Name", "Anna Maria Doe"),
                    ("Given Name", "Anna"),
                    ("Additional Name", "Maria"),
                    ("Family Name", "Doe"),
                    ("Notes", "two\nlines"),
                    ("Group Membership", "* myContacts ::: Friends"),
                    ("E-mail 1 - Type", "Other"),
                    ("E-mail 1 - Value", "other@example.com"),
                    ("E-mail 2 - Type", "* Home"),
                    ("E-mail 2 - Value", "anna@example.com"),
                    ("Phone 1 - Type", "Work Fax"),
                    ("Phone 1 - Value", "+14055671237"),
                    ("Phone 2 - Type", "Mobile"),
                    ("Phone 2 - Value", "+1 405-567-1235 ::: +14055671299"),
                    ("Phone 3 - Type", "Pager"),
                    ("Phone 3 - Value", "999"),
                ],
            ),
            [
                "anna@example.com",
                "Anna Maria Doe",
                "Anna",
                "Doe",
                "",
                "+1 405-567-1235",
                "",
                "+14055671237",
                "anna@example.com",
            ],
        ),
        (
            "new Google",
            "\u{feff}".to_owned()
                + &csv_of(
                    GOOGLE_NEW,
                    &[
                        ("First Name", "Jörg"),
                        ("Last Name", "Müller"),
                        ("Labels", "* myContacts"),
                        ("E-mail 1 - Label", "* "),
                        ("E-mail 1 - Value", "joerg@example.com"),
                        ("Phone 1 - Label", "Home"),
                        ("Phone 1 - Value", "+14055671234"),
                        ("Phone 2 - Label", ""),
                        ("Phone 2 - Value", "0313786565"),
                    ],
                ),
            [
                "joerg@example.com",
                "Jörg Müller",
                "Jörg",
                "Müller",
                "+14055671234",
                "0313786565",
                "",
                "",
                "joerg@example.com",
            ],
        ),
        (
            "Outlook",
            csv_of(
                OUTLOOK,
                &[
                    ("Company", "Example, Inc."),
                    ("Business Phone", "+14055671236"),
                    ("Home Phone", "(405) 567-1234"),
                    ("Mobile Phone", "+14055671235"),
                    ("Business Fax", "+14055671237"),
                    ("E-mail Address", "info@example.com"),
                    ("E-mail Type", "SMTP"),
                    ("Birthday", "0/0/00"),
                ],
            ),
            [
                "info@example.com",
                "Example, Inc.",
                "",
                "",
                "(405) 567-1234",
                "+14055671235",
                "+14055671236",
                "+14055671237",
                "info@example.com",
            ],
        ),
        (
            "Outlook.com",
            csv_of(
                OUTLOOK_COM,
                &[
                    ("First Name", "Anna"),
                    ("Nickname", "annie"),
                    ("E-mail Address", "a@example.com"),
                    ("Primary Phone", "1"),
                ],
            ),
            ["a@example.com", "annie", "Anna", "", "", "1", "", "", "a@example.com"],
        ),
        (
            "Outlook, semicolons and CRLF",
            "First Name;Last Name;E-mail Address\r\nAnna;Doe;a@example.com\r\n".to_owned(),
            ["a@example.com", "Anna Doe", "Anna", "Doe", "", "", "", "", "a@example.com"],
        ),
    ] {
        assert_eq!(Fixture::imported("list.csv", contents), expected, "{name}");
    }
}

#[test]
fn cards_are_read() {
    let utf_16 = |text: &str| "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let photo = "A".repeat(3 << 20);
    for (name, contents, expected) in [
        (
            "2.1 of a phone",
            b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\r\n\
              FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg=20M=C3=\r\n=BCller\r\nTEL;CELL:+14055671235\r\n\
              EMAIL;HOME:joerg@example.com\r\nEND:VCARD\r\n"
                .to_vec(),
            ["joerg@example.com", "Jörg Müller", "Jörg", "Müller", "", "+14055671235", "", "", "joerg@example.com"],
        ),
        (
            "3.0 with groups and a photo",
            format!(
                "BEGIN:VCARD\nVERSION:3.0\nPHOTO;ENCODING=b;TYPE=JPEG:{photo}\nN:Doe;Anna;;;\nFN:Anna Doe\n\
                 item1.EMAIL;type=INTERNET:anna@exam\n ple.com\nitem1.X-ABLabel:_$!<Home>!$_\nitem2.TEL:+14055671236\n\
                 item2.X-ABLabel:_$!<Work>!$_\nEND:VCARD"
            )
            .into_bytes(),
            ["anna@example.com", "Anna Doe", "Anna", "Doe", "", "", "+14055671236", "", "anna@example.com"],
        ),
        (
            "4.0 in UTF-16",
            utf_16("BEGIN:VCARD\rVERSION:4.0\rFN:Anna\rTEL;VALUE=uri;TYPE=\"home,voice\":tel:+1-405-567-1234\rEMAIL:a@example.com\rEND:VCARD\r"),
            ["a@example.com", "Anna", "", "", "+1-405-567-1234", "", "", "", "a@example.com"],
        ),
        (
            "without a name",
            b"BEGIN:VCARD\nVERSION:3.0\nTEL;TYPE=fax:1\nX-KANDY-USER-NAME:anna@example.com\nEMAIL:b@example.com\nEND:VCARD\n".to_vec(),
            ["anna@example.com", "b@example.com", "", "", "", "", "", "1", "b@example.com"],
        ),
    ] {
        assert_eq!(Fixture::imported("list.vcf", contents), expected, "{name}");
    }
}
