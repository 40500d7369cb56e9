//! A contact of a list: what cards and rows of CSV have in common, and how it becomes a contact of the service.

use kandy::{CreatePersonalContact, User};

/// The kind of a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PhoneKind {
    Home,
    Mobile,
    Work,
    Fax,
    /// Not known.
    Other,
}

impl PhoneKind {
    /// Returns the kind that a label names, such as `* Work Fax` of Google and `CELL` of vCard. `None` for what takes no
    /// calls.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        let label = label.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
        // First what a number is used for: a fax at work is a fax.
        Some(match () {
            () if has(&["pager", "modem", "telex"]) => return None,
            () if has(&["fax"]) => Self::Fax,
            () if has(&["mobile", "cell", "iphone"]) => Self::Mobile,
            () if has(&["work", "business"]) => Self::Work,
            () if has(&["home"]) => Self::Home,
            () => Self::Other,
        })
    }
}

/// The number of phone numbers, and of email addresses, that a contact of a list may have. More are no contact, and
/// comparing all of them would take long.
pub(super) const MOST: usize = 1000;

/// A contact of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) user_name: Option<String>,
    pub(super) nickname: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    /// The name as it is shown, where a list has one.
    pub(super) display_name: Option<String>,
    pub(super) organization: Option<String>,
    /// Phone numbers, preferred ones first.
    pub(super) phones: Vec<(PhoneKind, String)>,
    /// Email addresses, preferred ones first.
    pub(super) emails: Vec<String>,
    /// Whether there are more than [`MOST`] of either.
    pub(super) is_too_large: bool,
}

/// The fields of a contact of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NewContact {
    pub(super) user_name: String,
    pub(super) nickname: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) home_phone: Option<String>,
    pub(super) mobile_number: Option<String>,
    pub(super) business_number: Option<String>,
    pub(super) fax: Option<String>,
    pub(super) email: Option<String>,
    /// The phone numbers and email addresses that a contact has no room for.
    pub(super) left_out: usize,
}

impl Entry {
    /// Adds a phone number, unless the contact has it already as one of this kind.
    pub(super) fn add_phone(&mut self, kind: PhoneKind, number: &str) {
        let number = number.trim();
        if self.phones.len() == MOST {
            self.is_too_large = true;
        } else if !number.is_empty() && !self.phones.iter().any(|(of, known)| *of == kind && known == number) {
            self.phones.push((kind, number.to_owned()));
        }
    }

    /// Adds an email address, unless the contact has it already.
    pub(super) fn add_email(&mut self, email: &str) {
        let email = email.trim();
        if self.emails.len() == MOST {
            self.is_too_large = true;
        } else if !email.is_empty() && !self.emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
            self.emails.push(email.to_owned());
        }
    }

    /// Chooses the fields of a contact. With `domain`, a contact without a user name and an email address is named by its
    /// phone number, as the service names users who are created by phone number.
    pub(super) fn into_contact(self, domain: Option<&str>) -> Result<NewContact, String> {
        let Self { user_name, nickname, first_name, last_name, display_name, organization, phones, emails, .. } = self;
        if self.is_too_large {
            return Err(format!("it has more than {MOST} phone numbers or email addresses"));
        }
        let number = phones.iter().find(|(kind, _)| *kind != PhoneKind::Fax).map(|(_, number)| number.clone());
        let full_name: Vec<_> = [&first_name, &last_name].into_iter().flatten().map(String::as_str).collect();
        let full_name = Some(full_name.join(" ")).filter(|name| !name.is_empty());
        let email = emails.first().cloned();
        let names = [nickname, display_name, full_name, organization, email.clone(), number.clone()];
        let mut contact = NewContact { first_name, last_name, ..NewContact::default() };
        contact.nickname = names
            .into_iter()
            .flatten()
            .find(|name| !name.trim().is_empty())
            .ok_or("it has no name, no email address and no phone number")?;
        contact.user_name = match (user_name, &email, domain) {
            (Some(user_name), ..) => user_name,
            (None, Some(email), _) => email.clone(),
            (None, None, None) => {
                return Err("it has no user name, such as anna@example.com, and no email address to use as one; \
                            --user-name-from-phone uses the phone number"
                    .into());
            }
            (None, None, Some(domain)) => {
                let digits = number.as_deref().and_then(international).ok_or(
                    "it has no user name, no email address, and no phone number with + and the country code to use as one",
                )?;
                format!("{digits}@{domain}")
            }
        };
        contact.left_out = emails.len().saturating_sub(1);
        contact.email = email;
        contact.add_phones(phones);
        Ok(contact)
    }
}

impl NewContact {
    /// Puts each number into the field of its kind, and those of unknown kind into one that is left.
    fn add_phones(&mut self, phones: Vec<(PhoneKind, String)>) {
        let (other, known): (Vec<_>, Vec<_>) = phones.into_iter().partition(|(kind, _)| *kind == PhoneKind::Other);
        let named: Vec<_> = known.iter().map(|(_, number)| number.clone()).collect();
        let other = other.into_iter().filter(|(_, number)| !named.contains(number));
        for (kind, number) in known.into_iter().chain(other) {
            let field = match kind {
                PhoneKind::Home => &mut self.home_phone,
                PhoneKind::Mobile => &mut self.mobile_number,
                PhoneKind::Work => &mut self.business_number,
                PhoneKind::Fax => &mut self.fax,
                PhoneKind::Other if self.mobile_number.is_none() => &mut self.mobile_number,
                PhoneKind::Other if self.home_phone.is_none() => &mut self.home_phone,
                PhoneKind::Other => &mut self.business_number,
            };
            match field {
                None => *field = Some(number),
                Some(_) => self.left_out += 1,
            }
        }
    }

    /// Returns the call that creates the contact.
    pub(super) fn call(self, user: &User) -> CreatePersonalContact {
        let Self { user_name, nickname, first_name, last_name, home_phone, .. } = self;
        let Self { mobile_number, business_number, fax, email, .. } = self;
        let mut call = user.create_contact(user_name, nickname);
        if let Some(first_name) = first_name {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = last_name {
            call = call.last_name(last_name);
        }
        if let Some(home_phone) = home_phone {
            call = call.home_phone(home_phone);
        }
        if let Some(mobile_number) = mobile_number {
            call = call.mobile_number(mobile_number);
        }
        if let Some(business_number) = business_number {
            call = call.business_number(business_number);
        }
        if let Some(fax) = fax {
            call = call.fax(fax);
        }
        if let Some(email) = email {
            call = call.email(email);
        }
        call
    }
}

/// Returns the digits of a number in international format with `+`.
fn international(number: &str) -> Option<String> {
    let rest = number.strip_prefix('+')?;
    let is_punctuation = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    let digits: String = rest.chars().filter(|c| !is_punctuation(*c)).collect();
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(phones: &[(PhoneKind, &str)]) -> Entry {
        let mut entry = Entry { nickname: Some("n".into()), user_name: Some("a@b.c".into()), ..Entry::default() };
        phones.iter().for_each(|(kind, number)| entry.add_phone(*kind, number));
        entry
    }

    #[test]
    fn numbers_go_where_they_belong() {
        use PhoneKind::{Fax, Home, Mobile, Other, Work};

        // The numbers, and those at home, mobile, at work and for fax, and how many are left out.
        for (phones, expected, left_out) in [
            (&[(Home, "1"), (Mobile, "2"), (Work, "3"), (Fax, "4")][..], ["1", "2", "3", "4"], 0),
            (&[(Other, "1"), (Other, "2"), (Other, "3"), (Other, "4")], ["2", "1", "3", ""], 1),
            (&[(Other, "1"), (Mobile, "2"), (Other, "2")], ["1", "2", "", ""], 0),
            // One number of two kinds is two, and twice the same of one kind is one.
            (&[(Home, "1"), (Mobile, "1"), (Mobile, "1"), (Mobile, "2")], ["1", "1", "", ""], 1),
            (&[(Fax, " "), (Fax, " 1 ")], ["", "", "", "1"], 0),
        ] {
            let contact = entry(phones).into_contact(None).unwrap();
            let fields = [&contact.home_phone, &contact.mobile_number, &contact.business_number, &contact.fax];
            assert_eq!(fields.map(|field| field.as_deref().unwrap_or_default()), expected, "{phones:?}");
            assert_eq!(contact.left_out, left_out, "{phones:?}");
        }
    }

    #[test]
    fn numbers_become_user_names() {
        for (number, expected) in [
            ("+1 (405) 567-1234", Some("14055671234@example.com")),
            ("+49.151/23456789", Some("4915123456789@example.com")),
            ("4055671234", None),
            ("+1405567", Some("1405567@example.com")),
            ("+140556", None),
            ("+1234567890123456", None),
            ("+1405567CALL", None),
            ("+1 405 567 1234 ext. 5", None),
        ] {
            let entry =
                Entry { user_name: None, ..entry(&[(PhoneKind::Fax, "+14055670000"), (PhoneKind::Other, number)]) };
            let contact = entry.clone().into_contact(Some("example.com"));
            assert_eq!(contact.ok().as_ref().map(|contact| &*contact.user_name), expected, "{number}");
            assert!(entry.into_contact(None).is_err(), "{number}");
        }
    }
}
