//! Numbers of domains and users: the keys of the trees. The API never sends them; cursors of `/_emulator/objects` hold them.

/// Numbers the domains in the order of their creation. None is given twice in a generation of the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct DomainNo(pub(super) u32);

/// Numbers the users in the order of their creation. None is given twice in a generation of the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct UserNo(pub(super) u32);

impl From<u32> for DomainNo {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<DomainNo> for u32 {
    fn from(DomainNo(number): DomainNo) -> Self {
        number
    }
}

impl From<u32> for UserNo {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl From<UserNo> for u32 {
    fn from(UserNo(number): UserNo) -> Self {
        number
    }
}
