//! The names that credentials go by, for those who show what is sent or answered.

use quote::quote;

use crate::{Error, lower::Lowered, render};

const DOC: &str = "\
The names of all members and parameters of the spec that hold credentials, in order.

[`holds_credential`](crate::holds_credential) knows by them what must not be shown, and by what a name that is not in the
spec looks like; [`mask_json`](crate::mask_json) hides it.

```
assert!(kandy_sys::SECRET_FIELDS.contains(&\"user_password\"));
assert!(!kandy_sys::SECRET_FIELDS.contains(&\"user_id\"));
```";

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let (secret, other) = (&lowered.names.secret, &lowered.names.other);
    render::tokens(quote! {
        #[doc = #DOC]
        pub const SECRET_FIELDS: &[&str] = &[#(#secret),*];

        /// The names of all others, in order.
        pub(crate) static OTHER_MEMBERS: &[&str] = &[#(#other),*];
    })
}
