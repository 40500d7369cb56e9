//! Operations of the tag Directory: users of a domain find each other.
//!
//! Begin with `HANDLERS`.

use kandy_sys::types::{DirectoryContact, DirectoryContacts};

use super::handler::Handler;
use crate::{
    protocol::{
        call::Call,
        listing::Progress,
        reply::{Outcome, Reply},
    },
    state::{State, User, UserNo},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("directory_list", Handler::User(|state, _, user| list(state, user, |_| true))),
    (
        "directory_search",
        Handler::User(|state, call, user| {
            search(state, call, user, |user, text| {
                has_name(user, text) || has_user_id(user, text) || has_phone_number(user, text)
            })
        }),
    ),
    ("directory_search_by_name", Handler::User(|state, call, user| search(state, call, user, has_name))),
    (
        "directory_search_by_phone_number",
        Handler::User(|state, call, user| search(state, call, user, has_phone_number)),
    ),
    ("directory_search_by_user_id", Handler::User(|state, call, user| search(state, call, user, has_user_id))),
];

/// The text of a search, which matches in any case and as a part.
struct Text {
    lower_case: String,
    /// The digits, if it can be a phone number.
    digits: Option<String>,
}

impl Text {
    fn new(text: &str) -> Self {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        // A text with other characters, such as a user id with digits, must not match phone numbers.
        let is_number = !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "+ -.()/".contains(c));
        Self { lower_case: text.to_lowercase(), digits: is_number.then_some(digits) }
    }

    fn is_in(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.lower_case)
    }
}

fn has_name(user: &User, text: &Text) -> bool {
    let name = [user.first_name(), user.last_name()].into_iter().flatten().collect::<Vec<_>>();
    text.is_in(&name.join(" "))
}

fn has_user_id(user: &User, text: &Text) -> bool {
    text.is_in(user.user_id())
}

fn has_phone_number(user: &User, text: &Text) -> bool {
    match (international_number(user), &text.digits) {
        (Some(number), Some(digits)) => number.contains(digits.as_str()),
        _ => false,
    }
}

/// The phone number of a user with its dialling code, digits alone.
fn international_number(user: &User) -> Option<String> {
    let number = user.phone_number()?;
    Some(format!("{}{number}", user.dialling_code().unwrap_or_default()))
}

fn search(state: &State, call: &Call, user: UserNo, is_found: fn(&User, &Text) -> bool) -> Outcome {
    let text = Text::new(call.require("search_string")?);
    list(state, user, move |user| is_found(user, &text))
}

/// Lists the users of the same domain that match, in the order of their creation.
fn list(state: &State, user: UserNo, is_wanted: impl Fn(&User) -> bool + Send + 'static) -> Outcome {
    let domain = state.users.domain_of(user);
    let empty = DirectoryContacts { contacts: Vec::new(), extra: kandy_sys::ExtraFields::default() };
    let (mut last, end) = (None, domain.and_then(|domain| state.domains.get(domain)?.last_user()));
    Reply::list(state, empty, move |state, page| {
        let (Some(domain), Some(end)) = (domain.and_then(|domain| state.domains.get(domain)), end) else {
            return Progress::Done;
        };
        let users = domain.users_after(last).map(|no| (no, no));
        page.fill(users, &mut last, end, |no| {
            state.users.get(no).filter(|user| is_wanted(user)).map(|user| describe(state, user))
        })
    })
}

fn describe(state: &State, user: &User) -> DirectoryContact {
    let text = |text: Option<&str>| text.map(str::to_owned);
    DirectoryContact {
        email: text(user.email()),
        full_user_id: Some(state.full_user_id(user)),
        user_first_name: text(user.first_name()),
        user_id: Some(user.user_id().into()),
        user_last_name: text(user.last_name()),
        user_phone_number: international_number(user).map(Into::into),
        fax: None,
        first_name: None,
        home_phone: None,
        last_name: None,
        mobile_phone: None,
        work_phone: None,
        extra: kandy_sys::ExtraFields::default(),
    }
}
