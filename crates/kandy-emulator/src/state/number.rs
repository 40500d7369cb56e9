//! Numbers of domains and users: the keys of the trees. They are never sent to clients.

/// Numbers the domains in the order of their creation. None is given twice in a generation of the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct DomainNo(pub(super) u32);

/// Numbers the users in the order of their creation. None is given twice in a generation of the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct UserNo(pub(super) u32);
