//! Users and their profiles.
//!
//! Depends on `number`, `numbered`, `packed_texts`, `id`, `hash_index` and `snapshot::tracked`. Begin with `Users`.

use std::ops::Bound;

use super::{
    hash_index::HashIndex,
    number::{DomainNo, UserNo},
    numbered::Numbered,
    packed_texts::PackedTexts,
    snapshot::Tracked,
};
use crate::state::id::{CredentialText, Id, Kind};

/// A user to create. The user id must not be taken.
#[derive(Default)]
pub(crate) struct NewUser {
    pub(crate) user_id: Box<str>,
    pub(crate) password: Box<str>,
    pub(crate) phone_number: Option<Box<str>>,
    pub(crate) dialling_code: Option<&'static str>,
    pub(crate) first_name: Option<Box<str>>,
    pub(crate) last_name: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
    /// Ids of API key, API secret and first device; random where there is none. None may be taken.
    pub(crate) key: Option<Id>,
    pub(crate) secret: Option<Id>,
    pub(crate) device: Option<Id>,
}

/// The profile of a user: the last value of each field.
#[derive(Default)]
pub(crate) struct Profile {
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) status_text: Option<String>,
    pub(crate) image_details: Option<String>,
    pub(crate) user_data: Option<String>,
}

pub(crate) struct User {
    pub(crate) domain: DomainNo,
    /// User id, password, phone number, dialling code, first and last name, and email.
    pub(super) texts: PackedTexts<7>,
    pub(super) key: Id,
    pub(super) secret: Id,
    /// Zero for a user who was never seen.
    pub(crate) last_seen: u64,
    /// Allocated when it is first set: most users have none.
    pub(crate) profile: Option<Box<Profile>>,
}

impl User {
    /// A user with this key and secret, who was never seen.
    pub(super) fn new(domain: DomainNo, new: &NewUser, key: Id, secret: Id) -> Self {
        let NewUser { user_id, password, phone_number, dialling_code, first_name, last_name, email, .. } = new;
        let texts = PackedTexts::new([
            Some(user_id),
            Some(password),
            phone_number.as_deref(),
            *dialling_code,
            first_name.as_deref(),
            last_name.as_deref(),
            email.as_deref(),
        ]);
        Self { domain, texts, key, secret, last_seen: 0, profile: None }
    }

    pub(crate) fn user_id(&self) -> &str {
        self.texts.get(0).unwrap_or_default()
    }

    pub(crate) fn password(&self) -> &str {
        self.texts.get(1).unwrap_or_default()
    }

    pub(crate) fn phone_number(&self) -> Option<&str> {
        self.texts.get(2)
    }

    pub(crate) fn dialling_code(&self) -> Option<&str> {
        self.texts.get(3)
    }

    pub(crate) fn first_name(&self) -> Option<&str> {
        self.texts.get(4)
    }

    pub(crate) fn last_name(&self) -> Option<&str> {
        self.texts.get(5)
    }

    pub(crate) fn email(&self) -> Option<&str> {
        self.texts.get(6)
    }

    pub(crate) fn key(&self) -> CredentialText {
        Kind::UserKey.write(self.key)
    }

    pub(crate) fn secret(&self) -> CredentialText {
        Kind::UserSecret.write(self.secret)
    }
}

#[derive(Default)]
pub(crate) struct Users {
    pub(super) next: u32,
    /// Boxed, so that unused places are small.
    pub(super) by_no: Numbered<UserNo, Box<User>>,
    pub(super) by_key: HashIndex<UserNo>,
    /// By domain and user id.
    pub(super) by_name: HashIndex<UserNo>,
    pub(super) tracked: Tracked<UserNo>,
}

impl Users {
    /// An empty set that continues the numbers of another one.
    pub(super) fn none_after(others: &Self) -> Self {
        Self { next: others.next, ..Self::default() }
    }

    pub(super) fn create(&mut self, domain: DomainNo, new: &NewUser) -> UserNo {
        let no = UserNo(self.next);
        self.next += 1;
        let (key, secret) = (new.key.unwrap_or_else(Id::random), new.secret.unwrap_or_else(Id::random));
        let user = User::new(domain, new, key, secret);
        self.tracked.created(|| no);
        self.by_key.insert(key, no);
        self.by_name.insert((domain, user.user_id()), no);
        self.by_no.insert(no, Box::new(user));
        no
    }

    pub(crate) fn get(&self, no: UserNo) -> Option<&User> {
        self.by_no.get(no).map(Box::as_ref)
    }

    /// Those after one of them, in the order of their creation.
    pub(crate) fn after(&self, after: Option<UserNo>) -> impl Iterator<Item = (UserNo, &User)> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_no.after(after).map(|(no, user)| (no, user.as_ref()))
    }

    pub(crate) fn domain_of(&self, no: UserNo) -> Option<DomainNo> {
        self.get(no).map(|user| user.domain)
    }

    /// Whether a user has this API key.
    pub(crate) fn has_key(&self, key: Id) -> bool {
        self.find(key).is_some()
    }

    pub(super) fn by_key(&self, key: &str) -> Option<UserNo> {
        self.find(Kind::UserKey.read(key)?)
    }

    /// The user with an API key.
    fn find(&self, key: Id) -> Option<UserNo> {
        self.by_key.candidates(key).find(|no| self.get(*no).is_some_and(|user| user.key == key))
    }

    /// The user of a domain that has this user id.
    pub(crate) fn by_name(&self, domain: DomainNo, user_id: &str) -> Option<UserNo> {
        let is_named = |user: &User| user.domain == domain && user.user_id() == user_id;
        self.by_name.candidates((domain, user_id)).find(|no| self.get(*no).is_some_and(is_named))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_no.len()
    }

    /// Sets the time at which a user was last seen.
    pub(crate) fn touch_last_seen(&mut self, no: UserNo, now: u64) {
        if let Some(user) = self.by_no.get_mut(no) {
            self.tracked.before_change(|| no, |_, items| user.write(no, items));
            user.last_seen = now;
        }
    }

    /// The profile of a user, to be changed.
    pub(crate) fn profile_mut(&mut self, no: UserNo) -> Option<&mut Profile> {
        let user = self.by_no.get_mut(no)?;
        self.tracked.before_change(|| no, |_, items| user.write(no, items));
        Some(user.profile.get_or_insert_default())
    }

    pub(super) fn remove(&mut self, no: UserNo) -> Option<Box<User>> {
        let user = self.by_no.remove(no)?;
        self.tracked.before_change(|| no, |_, items| user.write(no, items));
        self.by_key.remove(user.key, no);
        self.by_name.remove((user.domain, user.user_id()), no);
        Some(user)
    }
}
