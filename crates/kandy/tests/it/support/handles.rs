//! One handle of each kind, with a static token, and parameters that several tests use.

use kandy::{Account, Conversation, Device, Domain, Group, HuntGroup, Kandy, NewHuntGroup, Session, User};

/// The parameters of a new hunt group.
pub(crate) const NEW_HUNT_GROUP: NewHuntGroup<'static> = NewHuntGroup {
    name: "support",
    kind: "roundrobin",
    pilot_uri_address: "support@example.com",
    overflow_dest: "operator@example.com",
    anonymous_uri: "anonymous@example.com",
};

pub(crate) fn account(kandy: &Kandy) -> Account {
    kandy.account_with_token("AAT-token")
}

pub(crate) fn domain(kandy: &Kandy) -> Domain {
    kandy.domain_with_token("DAK-key", "DAT-token")
}

pub(crate) fn user(kandy: &Kandy) -> User {
    kandy.user_with_token("UAT-token")
}

pub(crate) fn device(kandy: &Kandy) -> Device {
    user(kandy).device("A149EBB9A69D4E66B62D26FBDEF440C5")
}

pub(crate) fn group(kandy: &Kandy) -> Group {
    user(kandy).group("834f42eb5a1144a3b679f2d0be20112c")
}

pub(crate) fn session(kandy: &Kandy) -> Session {
    user(kandy).session("0af3")
}

pub(crate) fn hunt_group(kandy: &Kandy) -> HuntGroup {
    domain(kandy).hunt_group("support")
}

pub(crate) fn conversation(kandy: &Kandy) -> Conversation {
    user(kandy).conversation("anna@example.com")
}
