//! The columns of contact lists: those of `kandy contact export`, of Google Contacts and of Outlook.

use super::entry::{Entry, PhoneKind};
use crate::bulk::{Columns, Fields};

/// The columns of an export, in its order: the fields of the API.
pub(super) const EXPORTED: [&str; 9] = [
    "contact_user_name",
    "contact_nickname",
    "contact_first_name",
    "contact_last_name",
    "contact_home_phone",
    "contact_mobile_number",
    "contact_business_number",
    "contact_fax",
    "contact_email",
];

/// Columns with phone numbers of one kind: those of the API, and of Outlook.
const PHONES: [(&str, PhoneKind); 16] = [
    ("contact_home_phone", PhoneKind::Home),
    ("contact_mobile_number", PhoneKind::Mobile),
    ("contact_business_number", PhoneKind::Work),
    ("contact_fax", PhoneKind::Fax),
    ("home phone", PhoneKind::Home),
    ("home phone 2", PhoneKind::Home),
    ("mobile phone", PhoneKind::Mobile),
    ("business phone", PhoneKind::Work),
    ("business phone 2", PhoneKind::Work),
    ("company main phone", PhoneKind::Work),
    ("business fax", PhoneKind::Fax),
    ("home fax", PhoneKind::Fax),
    ("other fax", PhoneKind::Fax),
    ("primary phone", PhoneKind::Other),
    ("other phone", PhoneKind::Other),
    ("car phone", PhoneKind::Other),
];

/// Columns with an email address: those of the API, and of Outlook.
const EMAILS: [&str; 4] = ["contact_email", "e-mail address", "e-mail 2 address", "e-mail 3 address"];

/// Column pairs of Google with a label and a value.
const LABELED_PHONES: [[&str; 2]; 9] = [
    ["phone 1 - label", "phone 1 - value"],
    ["phone 2 - label", "phone 2 - value"],
    ["phone 3 - label", "phone 3 - value"],
    ["phone 4 - label", "phone 4 - value"],
    ["phone 5 - label", "phone 5 - value"],
    ["phone 6 - label", "phone 6 - value"],
    ["phone 7 - label", "phone 7 - value"],
    ["phone 8 - label", "phone 8 - value"],
    ["phone 9 - label", "phone 9 - value"],
];
const LABELED_EMAILS: [[&str; 2]; 6] = [
    ["e-mail 1 - label", "e-mail 1 - value"],
    ["e-mail 2 - label", "e-mail 2 - value"],
    ["e-mail 3 - label", "e-mail 3 - value"],
    ["e-mail 4 - label", "e-mail 4 - value"],
    ["e-mail 5 - label", "e-mail 5 - value"],
    ["e-mail 6 - label", "e-mail 6 - value"],
];

/// Separates several values in one column of Google.
const SEPARATOR: &str = " ::: ";

/// The columns of all three. Google had `Given Name` and `- Type` until 2024, and has `First Name` and `- Label` since.
/// What a contact of the service has no field for is ignored.
pub(super) const COLUMNS: Columns = Columns {
    used: &[
        &["contact_user_name", "user_name"],
        &["contact_nickname", "nickname"],
        &["contact_first_name", "first_name", "first name", "given name"],
        &["contact_last_name", "last_name", "last name", "family name"],
        &["name", "file as"],
        &["company", "organization name", "organization 1 - name"],
        &["contact_home_phone", "home_phone"],
        &["contact_mobile_number", "mobile_number"],
        &["contact_business_number", "business_number"],
        &["contact_fax", "fax"],
        &["contact_email", "email"],
        &["home phone"],
        &["home phone 2"],
        &["mobile phone"],
        &["business phone"],
        &["business phone 2"],
        &["company main phone"],
        &["business fax"],
        &["home fax"],
        &["other fax"],
        &["primary phone"],
        &["other phone"],
        &["car phone"],
        &["e-mail address"],
        &["e-mail 2 address"],
        &["e-mail 3 address"],
        &["phone 1 - label", "phone 1 - type"],
        &["phone 1 - value"],
        &["phone 2 - label", "phone 2 - type"],
        &["phone 2 - value"],
        &["phone 3 - label", "phone 3 - type"],
        &["phone 3 - value"],
        &["phone 4 - label", "phone 4 - type"],
        &["phone 4 - value"],
        &["phone 5 - label", "phone 5 - type"],
        &["phone 5 - value"],
        &["phone 6 - label", "phone 6 - type"],
        &["phone 6 - value"],
        &["phone 7 - label", "phone 7 - type"],
        &["phone 7 - value"],
        &["phone 8 - label", "phone 8 - type"],
        &["phone 8 - value"],
        &["phone 9 - label", "phone 9 - type"],
        &["phone 9 - value"],
        &["e-mail 1 - label", "e-mail 1 - type"],
        &["e-mail 1 - value"],
        &["e-mail 2 - label", "e-mail 2 - type"],
        &["e-mail 2 - value"],
        &["e-mail 3 - label", "e-mail 3 - type"],
        &["e-mail 3 - value"],
        &["e-mail 4 - label", "e-mail 4 - type"],
        &["e-mail 4 - value"],
        &["e-mail 5 - label", "e-mail 5 - type"],
        &["e-mail 5 - value"],
        &["e-mail 6 - label", "e-mail 6 - type"],
        &["e-mail 6 - value"],
    ],
    required: &[],
    ignored: &[
        // Of an export, and of rejected rows.
        "contact_id",
        "image_id",
        "error",
        // Google.
        "additional name",
        "middle name",
        "yomi name",
        "given name yomi",
        "additional name yomi",
        "family name yomi",
        "phonetic *",
        "name prefix",
        "name suffix",
        "initials",
        "short name",
        "maiden name",
        "birthday",
        "gender",
        "location",
        "billing information",
        "directory server",
        "mileage",
        "occupation",
        "hobby",
        "sensitivity",
        "priority",
        "subject",
        "notes",
        "language",
        "photo",
        "group membership",
        "labels",
        "organization *",
        "address *",
        "website *",
        "event *",
        "relation *",
        "custom field *",
        "im *",
        "jot *",
        "calendar link *",
        "external id *",
        // Outlook and Outlook.com.
        "title",
        "suffix",
        "given yomi",
        "surname yomi",
        "company yomi",
        "department",
        "job title",
        "business street*",
        "business city",
        "business state",
        "business postal code",
        "business country*",
        "business address*",
        "home street*",
        "home city",
        "home state",
        "home postal code",
        "home country*",
        "home address*",
        "other street*",
        "other city",
        "other state",
        "other postal code",
        "other country*",
        "other address*",
        "assistant's *",
        "callback",
        "isdn",
        "pager",
        "radio phone",
        "telex",
        "tty/tdd phone",
        "account",
        "anniversary",
        "categories",
        "children",
        "contact type",
        "contact subtype",
        "e-mail type",
        "e-mail display name",
        "e-mail 2 type",
        "e-mail 2 display name",
        "e-mail 3 type",
        "e-mail 3 display name",
        "government id number",
        "imaddress",
        "internet free busy",
        "keywords",
        "manager's name",
        "office location",
        "organizational id number",
        "personal web page",
        "private",
        "profession",
        "referred by",
        "schools",
        "spouse",
        "user 1",
        "user 2",
        "user 3",
        "user 4",
        "web page",
    ],
    ids: &["contact_user_name"],
};

/// Returns the contact of a row.
pub(super) fn entry(fields: &Fields) -> Entry {
    let text = |name| fields.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut entry = Entry {
        user_name: text("contact_user_name"),
        nickname: text("contact_nickname"),
        first_name: text("contact_first_name"),
        last_name: text("contact_last_name"),
        display_name: text("name"),
        organization: text("company"),
        ..Entry::default()
    };
    for (name, kind) in PHONES {
        fields.get(name).into_iter().for_each(|number| entry.add_phone(kind, number));
    }
    for name in EMAILS {
        fields.get(name).into_iter().for_each(|email| entry.add_email(email));
    }
    for (label, number) in labeled(fields, &LABELED_PHONES) {
        if let Some(kind) = PhoneKind::of_label(label) {
            entry.add_phone(kind, number);
        }
    }
    for (_, email) in labeled(fields, &LABELED_EMAILS) {
        entry.add_email(email);
    }
    entry
}

/// Returns values with their labels, those whose label begins with an asterisk first: Google marks the preferred one so.
fn labeled<'a>(fields: &'a Fields, pairs: &[[&str; 2]]) -> Vec<(&'a str, &'a str)> {
    let mut values = Vec::new();
    for [label, value] in pairs {
        let label = fields.get(label).unwrap_or_default();
        let value = fields.get(value).unwrap_or_default();
        values.extend(value.split(SEPARATOR).map(|value| (label, value)));
    }
    values.sort_by_key(|(label, _)| !label.starts_with('*'));
    values
}
