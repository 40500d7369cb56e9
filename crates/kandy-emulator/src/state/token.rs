//! Access tokens: live, expired and revoked ones.
//!
//! Depends on `number`, `id`, `snapshot::tracked` and `limits`. Begin with `Tokens`.

use std::{collections::BTreeMap, ops::Bound};

use super::{
    number::{DomainNo, UserNo},
    snapshot::{SnapshotNo, Tracked},
};
use crate::{
    limits,
    state::id::{Id, Kind},
};

/// The owner of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenOwner {
    Account,
    Domain(DomainNo),
    User(UserNo),
}

impl TokenOwner {
    fn kind(self) -> Kind {
        match self {
            Self::Account => Kind::AccountToken,
            Self::Domain(_) => Kind::DomainToken,
            Self::User(_) => Kind::UserToken,
        }
    }
}

/// The status of a text as an access token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenStatus {
    Live(TokenOwner),
    Expired(TokenOwner),
    Revoked(TokenOwner),
    Unknown,
}

/// A token as the page shows it.
pub(crate) struct ListedToken {
    pub(crate) owner: TokenOwner,
    /// The prefix and the last four characters.
    pub(crate) masked: String,
    pub(crate) is_revoked: bool,
    pub(crate) expires: u64,
}

pub(super) struct Token {
    /// Numbers the tokens in the order of minting.
    pub(super) no: u64,
    pub(super) owner: TokenOwner,
    pub(super) expires: u64,
    pub(super) revoked: bool,
}

impl Token {
    pub(super) fn is_revoked(&self, revoked_before: u64) -> bool {
        self.revoked || self.no < revoked_before
    }

    fn is_live(&self, revoked_before: u64, now: u64) -> bool {
        !self.is_revoked(revoked_before) && now < self.expires
    }
}

/// The access tokens, expired and revoked ones among them.
#[derive(Default)]
pub(crate) struct Tokens {
    pub(super) next: u64,
    pub(super) by_id: BTreeMap<Id, Token>,
    /// Oldest first, to know which to forget.
    pub(super) by_age: BTreeMap<u64, Id>,
    /// All tokens with a lower number are revoked: revoking all is one write, not one for each token.
    pub(super) revoked_before: u64,
    pub(super) tracked: Tracked<u64>,
    /// What `revoked_before` was when each of the snapshots in progress was begun.
    pub(super) begun: BTreeMap<SnapshotNo, u64>,
}

impl Tokens {
    pub(crate) fn mint(&mut self, owner: TokenOwner, now: u64, expires: u64) -> String {
        self.forget(now, limits::TOKENS, limits::LIVE_TOKENS);
        let (id, no) = (Id::random(), self.next);
        self.tracked.created(|| no);
        self.by_id.insert(id, Token { no, owner, expires, revoked: false });
        self.by_age.insert(self.next, id);
        self.next += 1;
        owner.kind().write(id).into()
    }

    /// Forgets the oldest tokens to make room for one: dead ones from `most_dead` tokens on, live ones from `most_live`
    /// on.
    ///
    /// It stops at the first token that must stay, so that minting takes the same time among a million tokens. A dead
    /// token behind a live one stays, at most until that one expires: all have the same lifetime.
    fn forget(&mut self, now: u64, most_dead: usize, most_live: usize) {
        while self.by_age.len() >= most_dead
            && let is_full = self.by_age.len() >= most_live
            && let Some(oldest) = self.by_age.first_entry()
            && (is_full || !self.by_id.get(oldest.get()).is_some_and(|token| token.is_live(self.revoked_before, now)))
        {
            let (no, id) = oldest.remove_entry();
            if let Some(token) = self.by_id.remove(&id) {
                let begun = &self.begun;
                self.tracked.before_change(|| no, |snapshot, items| token.write(id, begun.get(&snapshot), items));
            }
        }
    }

    pub(crate) fn token_status(&self, token: &str, now: u64) -> TokenStatus {
        match self.find(token) {
            None => TokenStatus::Unknown,
            Some((_, token)) if token.is_revoked(self.revoked_before) => TokenStatus::Revoked(token.owner),
            Some((_, token)) if now >= token.expires => TokenStatus::Expired(token.owner),
            Some((_, token)) => TokenStatus::Live(token.owner),
        }
    }

    /// Whether a token is one of a user, if it is one at all.
    pub(crate) fn may_be_of_user(token: &str) -> bool {
        token.starts_with(Kind::UserToken.prefix())
    }

    /// Returns when a token expires.
    pub(crate) fn expires(&self, token: &str) -> Option<u64> {
        self.find(token).map(|(_, token)| token.expires)
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some((id, _)) = self.find(token)
            && let Some(token) = self.by_id.get_mut(&id)
        {
            let begun = &self.begun;
            self.tracked.before_change(|| token.no, |snapshot, items| token.write(id, begun.get(&snapshot), items));
            token.revoked = true;
        }
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tracked.changed();
        self.revoked_before = self.next;
    }

    /// How many are neither expired nor revoked, of owners that exist.
    pub(crate) fn count_live(&self, now: u64, exists: impl Fn(TokenOwner) -> bool) -> usize {
        self.by_id.values().filter(|token| token.is_live(self.revoked_before, now) && exists(token.owner)).count()
    }

    /// Those before one of them, newest first.
    pub(crate) fn before(&self, before: Option<u64>) -> impl Iterator<Item = (u64, ListedToken)> {
        let range = (Bound::Unbounded, before.map_or(Bound::Unbounded, Bound::Excluded));
        self.by_age.range(range).rev().filter_map(|(no, id)| {
            let token = self.by_id.get(id)?;
            let masked = format!("{}…{:04x}", token.owner.kind().prefix(), id.to_bits() & 0xffff);
            let is_revoked = token.is_revoked(self.revoked_before);
            Some((*no, ListedToken { owner: token.owner, masked, is_revoked, expires: token.expires }))
        })
    }

    fn find(&self, token: &str) -> Option<(Id, &Token)> {
        let kinds = [Kind::UserToken, Kind::DomainToken, Kind::AccountToken];
        let (kind, id) = kinds.into_iter().find_map(|kind| Some((kind, kind.read(token)?)))?;
        // The prefix is part of the token: with another one it is unknown.
        self.by_id.get(&id).filter(|token| token.owner.kind() == kind).map(|token| (id, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_and_are_revoked() {
        let mut tokens = Tokens::default();
        let token = tokens.mint(TokenOwner::Account, 0, 10);
        assert_eq!(tokens.token_status(&token, 9), TokenStatus::Live(TokenOwner::Account));
        assert_eq!(tokens.token_status(&token, 10), TokenStatus::Expired(TokenOwner::Account));
        tokens.revoke(&token);
        assert_eq!(tokens.token_status(&token, 9), TokenStatus::Revoked(TokenOwner::Account));
        assert_eq!(tokens.token_status(&token.replace("AAT", "DAT"), 9), TokenStatus::Unknown);
    }

    #[test]
    fn all_tokens_are_revoked_at_once() {
        let mut tokens = Tokens::default();
        let before = tokens.mint(TokenOwner::Account, 0, 10);
        tokens.revoke_all();
        let after = tokens.mint(TokenOwner::Account, 0, 10);
        assert_eq!(tokens.token_status(&before, 0), TokenStatus::Revoked(TokenOwner::Account));
        assert_eq!(tokens.token_status(&after, 0), TokenStatus::Live(TokenOwner::Account));
        assert_eq!(tokens.count_live(0, |_| true), 1);
    }

    #[test]
    fn only_dead_tokens_are_forgotten() {
        let mut tokens = Tokens::default();
        let live = tokens.mint(TokenOwner::Account, 0, 1000);
        for _ in 0..limits::TOKENS {
            tokens.mint(TokenOwner::Account, 0, 1);
        }
        assert_eq!(tokens.token_status(&live, 0), TokenStatus::Live(TokenOwner::Account));
        assert_eq!(tokens.by_age.len(), limits::TOKENS + 1);
        tokens.mint(TokenOwner::Account, 1000, 2000);
        assert_eq!(tokens.token_status(&live, 1000), TokenStatus::Unknown);
        assert_eq!((tokens.by_age.len(), tokens.by_id.len()), (limits::TOKENS, limits::TOKENS));
    }

    #[test]
    fn live_tokens_are_bounded_too() {
        let mut tokens = Tokens::default();
        let minted: Vec<_> = (0..20).map(|_| tokens.mint(TokenOwner::Account, 0, 1000)).collect();
        tokens.forget(0, 10, 21);
        assert_eq!(tokens.by_age.len(), 20, "none is dead");
        tokens.forget(0, 10, 20);
        assert_eq!((tokens.by_age.len(), tokens.by_id.len()), (19, 19), "there is room for one more");
        assert_eq!(tokens.token_status(&minted[0], 0), TokenStatus::Unknown, "the oldest");
        assert_eq!(tokens.token_status(&minted[1], 0), TokenStatus::Live(TokenOwner::Account));
        tokens.forget(1000, 10, 20);
        assert_eq!(tokens.by_age.len(), 9, "all are dead");
    }

    const _: () = assert!(limits::TOKENS < limits::LIVE_TOKENS, "dead tokens go first");
}
