//! Generates `credentials.rs`: the names of members that hold credentials, and the rule for new passwords.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    Error,
    lower::{Lowered, PasswordRule},
    render,
};

const SECRET_FIELDS_DOC: &str = "\
The names of all members and parameters of the spec that hold credentials, sorted.

[`holds_credential`](crate::holds_credential) looks names up here, and matches unknown names by the words in them.
[`mask_json`](crate::mask_json) masks the values.

```
assert!(kandy_sys::SECRET_FIELDS.contains(&\"user_password\"));
assert!(!kandy_sys::SECRET_FIELDS.contains(&\"user_id\"));
```";

const NEW_PASSWORD_DOC: &str = "\
The rule for the password of a new user, from the schema `NewPassword` of the spec.

```
assert!(kandy_sys::NEW_PASSWORD.check(\"b0e4c71d674744\").is_ok());
assert!(kandy_sys::NEW_PASSWORD.check(\"password\").is_err());
```";

pub(crate) fn generate(lowered: &Lowered) -> Result<String, Error> {
    let (secret, other) = (&lowered.names.secret, &lowered.names.other);
    let password_rule = lowered.password_rule.as_ref().map(password_rule);
    render::tokens(quote! {
        #[doc = #SECRET_FIELDS_DOC]
        pub const SECRET_FIELDS: &[&str] = &[#(#secret),*];

        /// The names of all other members and parameters, sorted.
        pub(crate) static OTHER_MEMBERS: &[&str] = &[#(#other),*];

        #password_rule
    })
}

fn password_rule(rule: &PasswordRule) -> TokenStream {
    let PasswordRule { min_length, max_length, min_letters, min_digits, symbols } = rule;
    quote! {
        #[doc = #NEW_PASSWORD_DOC]
        pub const NEW_PASSWORD: crate::PasswordRule = crate::PasswordRule {
            min_length: #min_length,
            max_length: #max_length,
            min_letters: #min_letters,
            min_digits: #min_digits,
            symbols: #symbols,
        };
    }
}
