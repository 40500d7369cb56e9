//! The function of an operation, with the credential that it takes.
//!
//! Depends on `authority` and `last_seen`. Begin with `Handler::run`.

use super::{authority, last_seen};
use crate::{
    protocol::{call::Call, reply::Outcome},
    state::{DomainNo, State, UserNo},
};

/// The function of an operation, by the credential that [`run`](Handler::run) checks before it.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// None: the function checks credentials itself, as a token operation, or one that takes them in two forms.
    Anyone(fn(&mut State, &Call) -> Outcome),
    /// An account access token.
    Account(fn(&mut State, &Call) -> Outcome),
    /// A domain access token.
    Domain(fn(&mut State, &Call, DomainNo) -> Outcome),
    /// A user access token.
    User(fn(&mut State, &Call, UserNo) -> Outcome),
}

impl Handler {
    /// Runs the function, and sets the time at which the calling user was last seen: before the function, because a refused
    /// request counts too (`presence::requests_update_last_seen`).
    pub(crate) fn run(self, state: &mut State, call: &Call) -> Outcome {
        if !matches!(self, Self::User(_)) {
            last_seen::touch_last_seen(state, call);
        }
        match self {
            Self::Anyone(run) => run(state, call),
            Self::Account(run) => {
                authority::account(state, call)?;
                run(state, call)
            }
            Self::Domain(run) => {
                let domain = authority::domain(state, call)?;
                run(state, call, domain)
            }
            Self::User(run) => {
                // One search for the token: it is the one that `touch_last_seen` would search for again.
                let user = authority::user(state, call)?;
                last_seen::touch(state, user);
                run(state, call, user)
            }
        }
    }
}
