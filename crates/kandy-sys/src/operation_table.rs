//! Lookups in the operation table: by id, and by position. It depends on the types in `operation` and on the generated
//! table.

use crate::{
    OPERATIONS,
    operation::{Credential, Operation},
};

impl Operation {
    /// Returns the operation with this id.
    ///
    /// ```
    /// let operation = kandy_sys::Operation::find("user_list").expect("part of the API");
    /// assert_eq!(operation.path, "/domains/users");
    /// assert!(kandy_sys::Operation::find("no_such_operation").is_none());
    /// ```
    pub fn find(id: &str) -> Option<&'static Self> {
        let at = OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok()?;
        OPERATIONS.get(at)
    }

    /// Returns the operation with this id at compile time, for constants. An unknown id does not compile there.
    ///
    /// ```
    /// const USERS: &kandy_sys::Operation = kandy_sys::Operation::named("user_list");
    /// assert_eq!(USERS.path, "/domains/users");
    /// ```
    ///
    /// # Panics
    ///
    /// If no operation has the id.
    pub const fn named(id: &str) -> &'static Self {
        let mut at = 0;
        while at < OPERATIONS.len() {
            if is_equal(OPERATIONS[at].id.as_bytes(), id.as_bytes()) {
                return &OPERATIONS[at];
            }
            at += 1;
        }
        panic!("no operation has this id")
    }

    /// Returns the index in the table. All operations are elements of the table, so the address determines the index.
    pub(crate) fn position(&'static self) -> usize {
        (std::ptr::from_ref(self).addr() - OPERATIONS.as_ptr().addr()) / size_of::<Self>()
    }

    /// Returns the credential that `key` usually holds: the first of [`credentials`](Self::credentials).
    pub fn credential(&self) -> Credential {
        self.credentials[0]
    }
}

/// Compares two byte strings. `==` is not available in a `const fn`.
const fn is_equal(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_at_its_position() {
        for (at, operation) in OPERATIONS.iter().enumerate() {
            assert_eq!(operation.position(), at);
            assert_eq!(Operation::named(operation.id).position(), at);
            assert_eq!(Operation::find(operation.id).map(Operation::position), Some(at));
        }
    }
}
