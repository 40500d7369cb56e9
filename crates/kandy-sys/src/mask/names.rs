//! Which names of members and parameters hold a credential: those of the spec, and unknown ones by the words in them.

use crate::{SECRET_FIELDS, credentials::OTHER_MEMBERS};

/// Words that mark a name as that of a credential if the spec does not know the name.
const WORDS: [&str; 6] = ["secret", "password", "token", "api_key", "apikey", "credential"];

/// Returns whether a member or a parameter with this name holds a credential.
///
/// The spec decides for the names that it knows: see [`SECRET_FIELDS`]. Any other name does if it contains `secret`,
/// `password`, `token`, `api_key`, `apikey` or `credential`, in any case.
///
/// ```
/// use kandy_sys::holds_credential;
///
/// assert!(holds_credential("user_api_secret") && holds_credential("validation_code"));
/// assert!(holds_credential("refreshToken"), "the spec does not know it, but it contains `token`");
/// assert!(!holds_credential("user_id"));
/// ```
pub fn holds_credential(name: &str) -> bool {
    if SECRET_FIELDS.binary_search(&name).is_ok() {
        return true;
    }
    if OTHER_MEMBERS.binary_search(&name).is_ok() {
        return false;
    }
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|sign| name.contains(sign))
}

/// Returns whether a name may be that of a credential, for logs, where masking too much does no harm.
///
/// It is true for every name that [`holds_credential`], and for every other name that contains `key`, `secret`, `token`,
/// `password`, `passwd`, `pwd` or `credential`, in any case.
///
/// ```
/// use kandy_sys::{holds_credential, may_hold_credential};
///
/// assert!(may_hold_credential("license_key") && !holds_credential("license_key"));
/// assert!(!may_hold_credential("user_id"));
/// ```
pub fn may_hold_credential(name: &str) -> bool {
    const WORDS: [&str; 7] = ["key", "secret", "token", "password", "passwd", "pwd", "credential"];
    let contains =
        |word: &str| name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    WORDS.into_iter().any(contains) || holds_credential(name)
}

/// Returns whether a word in a text announces a credential: a name of the spec, a word such as `pwd`, or a name whose last
/// part is `key`. Words are separated by `_` or `-`.
pub(super) fn announces_credential(word: &str) -> bool {
    const NAMES: [&str; 9] =
        ["pwd", "passwd", "passphrase", "passcode", "password", "secret", "token", "bearer", "authorization"];
    let word = word.to_ascii_lowercase().replace('-', "_");
    let last = word.rsplit('_').next().unwrap_or_default();
    NAMES.contains(&word.as_str())
        || last == "key"
        || last == "pwd"
        || word.ends_with("apikey")
        || holds_credential(&word)
        || word == "validation_code"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_matched_by_words() {
        for name in
            ["clientSecret", "PASSWORD", "token", "x-api_key", "apiKey", "turnCredentials", "old_user_password2"]
        {
            assert!(holds_credential(name), "{name}");
        }
        for name in ["", "id", "keyword", "pass", "Secre", "api-name"] {
            assert!(!holds_credential(name), "{name}");
        }
    }

    #[test]
    fn lists_of_names_are_sorted_and_disjoint() {
        assert!(SECRET_FIELDS.is_sorted() && OTHER_MEMBERS.is_sorted());
        assert!(SECRET_FIELDS.iter().all(|name| OTHER_MEMBERS.binary_search(name).is_err()));
        // Otherwise the second list would not change any result.
        assert!(OTHER_MEMBERS.iter().any(|name| WORDS.iter().any(|sign| name.to_ascii_lowercase().contains(sign))));
    }
}
