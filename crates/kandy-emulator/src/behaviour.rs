//! What an operation does, and whom it lets in.

use crate::{
    answer::Outcome,
    authority,
    request::Call,
    state::{DomainNo, State, UserNo},
};

/// What an operation does, by whom it lets in.
#[derive(Clone, Copy)]
pub(crate) enum Behaviour {
    /// It looks at the credentials itself: a token operation, or one that takes them in two forms.
    Anyone(fn(&mut State, &Call) -> Outcome),
    /// An account access token.
    Account(fn(&mut State, &Call) -> Outcome),
    /// A domain access token.
    Domain(fn(&mut State, &Call, DomainNo) -> Outcome),
    /// A user access token.
    User(fn(&mut State, &Call, UserNo) -> Outcome),
}

impl Behaviour {
    pub(crate) fn run(self, state: &mut State, call: &Call) -> Outcome {
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
                let user = authority::user(state, call)?;
                run(state, call, user)
            }
        }
    }
}
