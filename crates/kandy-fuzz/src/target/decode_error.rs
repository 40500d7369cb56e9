//! The target `decode_error`.

use kandy_sys::{DecodeError, Envelope, NoResult, types};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::canary;

/// Returns the error of a text that does not decode as the response type.
type ErrorOf = fn(&[u8]) -> Option<DecodeError>;

const fn error_of<T: DeserializeOwned>() -> ErrorOf {
    |text| Envelope::<T>::read(text).err()
}

/// The types of all responses.
static RESPONSE_TYPES: &[ErrorOf] = &[
    error_of::<NoResult>(),
    error_of::<types::AccountAccessToken>(),
    error_of::<types::AddressBook>(),
    error_of::<types::AddressBookHints>(),
    error_of::<types::AnonymousUser>(),
    error_of::<types::AnonymousUserByApiKey>(),
    error_of::<types::BillingStatus>(),
    error_of::<types::CallDetailRecordList>(),
    error_of::<types::CallHistory>(),
    error_of::<types::ConversationList>(),
    error_of::<types::ConversationMessages>(),
    error_of::<types::CountryCode>(),
    error_of::<types::DataChannelConfiguration>(),
    error_of::<types::DeviceCreated>(),
    error_of::<types::DeviceList>(),
    error_of::<types::DirectoryContacts>(),
    error_of::<types::DomainAccessToken>(),
    error_of::<types::DomainConfiguration>(),
    error_of::<types::DomainCreated>(),
    error_of::<types::DomainDetails>(),
    error_of::<types::DomainLimitedDetails>(),
    error_of::<types::DomainList>(),
    error_of::<types::Group>(),
    error_of::<types::GroupCreated>(),
    error_of::<types::GroupList>(),
    error_of::<types::HuntGroupAdminList>(),
    error_of::<types::HuntGroupList>(),
    error_of::<types::HuntGroupUserList>(),
    error_of::<types::LastSeenList>(),
    error_of::<types::NormalizedPhoneNumber>(),
    error_of::<types::PackageHistory>(),
    error_of::<types::PackageList>(),
    error_of::<types::PendingMessages>(),
    error_of::<types::PersonalContactCreated>(),
    error_of::<types::PersonalContactList>(),
    error_of::<types::ProvisionedUser>(),
    error_of::<types::Registration>(),
    error_of::<types::RolloverGroupDetails>(),
    error_of::<types::SessionCreated>(),
    error_of::<types::SessionDetails>(),
    error_of::<types::SessionList>(),
    error_of::<types::SmsHistory>(),
    error_of::<types::SpidrConfigurationDetails>(),
    error_of::<types::UserAccessToken>(),
    error_of::<Option<types::UserCreated>>(),
    error_of::<types::UserDetails>(),
    error_of::<types::UserLimitedDetails>(),
    error_of::<types::UserList>(),
    error_of::<types::UserPackageList>(),
    error_of::<types::UserProfile>(),
    error_of::<types::VerificationCodeChecked>(),
];

/// The error of a response that does not decode.
///
/// * It has a reason.
/// * It contains nothing of the response but names.
pub fn decode_error(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let error_of = RESPONSE_TYPES[usize::from(*first) % RESPONSE_TYPES.len()];
    let check = |text: &[u8]| {
        if let Some(error) = error_of(text) {
            canary::must_not_be_in(&error.to_string(), text);
            let has_reason = error.reason != "it cannot be understood";
            assert!(has_reason, "there is no reason for b\"{}\"", text.escape_ascii());
        }
    };
    check(text);
    // A canary at any position of the text.
    let at = text.len() * usize::from(*first) / 256;
    check(&[&text[..at], canary::TEXT.as_bytes(), &text[at..]].concat());
    let Ok(mut value) = serde_json::from_slice::<Value>(text) else { return false };
    canary::fill(&mut value);
    check(value.to_string().as_bytes());
    if let Some(members) = value.as_object_mut() {
        members.insert("status".to_owned(), canary::TEXT.into());
        check(value.to_string().as_bytes());
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kandy_sys::{OPERATIONS, Operation, operation::ResponseKind};

    use super::*;

    #[test]
    fn every_result_type_is_tested() {
        let files = |operation: &&Operation| operation.response != ResponseKind::File;
        let results: BTreeSet<_> =
            OPERATIONS.iter().filter(files).map(|operation| format!("{:?}", operation.response)).collect();
        assert_eq!(RESPONSE_TYPES.len(), results.len(), "{results:?}");
    }
}
