//! The target `decode_error`.

use kandy_sys::{DecodeError, Envelope, NoResult, types};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::canary;

/// The decoder of one response type.
struct ResponseType {
    /// Whether a text decodes.
    decodes: fn(&[u8]) -> bool,
    /// The error of a text that does not decode.
    decode_error: fn(&[u8]) -> DecodeError,
}

impl ResponseType {
    const fn of<T: DeserializeOwned>() -> Self {
        Self {
            decodes: |text| serde_json::from_slice::<Envelope<T>>(text).is_ok(),
            decode_error: Envelope::<T>::decode_error,
        }
    }
}

/// The types of all responses.
static RESPONSE_TYPES: &[ResponseType] = &[
    ResponseType::of::<NoResult>(),
    ResponseType::of::<types::AccountAccessToken>(),
    ResponseType::of::<types::AddressBook>(),
    ResponseType::of::<types::AddressBookHints>(),
    ResponseType::of::<types::AnonymousUser>(),
    ResponseType::of::<types::AnonymousUserByApiKey>(),
    ResponseType::of::<types::BillingStatus>(),
    ResponseType::of::<types::CallDetailRecordList>(),
    ResponseType::of::<types::CallHistory>(),
    ResponseType::of::<types::ConversationList>(),
    ResponseType::of::<types::ConversationMessages>(),
    ResponseType::of::<types::CountryCode>(),
    ResponseType::of::<types::DataChannelConfiguration>(),
    ResponseType::of::<types::DeviceCreated>(),
    ResponseType::of::<types::DeviceList>(),
    ResponseType::of::<types::DirectoryContacts>(),
    ResponseType::of::<types::DomainAccessToken>(),
    ResponseType::of::<types::DomainConfiguration>(),
    ResponseType::of::<types::DomainCreated>(),
    ResponseType::of::<types::DomainDetails>(),
    ResponseType::of::<types::DomainLimitedDetails>(),
    ResponseType::of::<types::DomainList>(),
    ResponseType::of::<types::Group>(),
    ResponseType::of::<types::GroupCreated>(),
    ResponseType::of::<types::GroupList>(),
    ResponseType::of::<types::HuntGroupAdminList>(),
    ResponseType::of::<types::HuntGroupList>(),
    ResponseType::of::<types::HuntGroupUserList>(),
    ResponseType::of::<types::LastSeenList>(),
    ResponseType::of::<types::NormalizedPhoneNumber>(),
    ResponseType::of::<types::PackageHistory>(),
    ResponseType::of::<types::PackageList>(),
    ResponseType::of::<types::PendingMessages>(),
    ResponseType::of::<types::PersonalContactCreated>(),
    ResponseType::of::<types::PersonalContactList>(),
    ResponseType::of::<types::ProvisionedUser>(),
    ResponseType::of::<types::Registration>(),
    ResponseType::of::<types::RolloverGroupDetails>(),
    ResponseType::of::<types::SessionCreated>(),
    ResponseType::of::<types::SessionDetails>(),
    ResponseType::of::<types::SessionList>(),
    ResponseType::of::<types::SmsHistory>(),
    ResponseType::of::<types::SpidrConfigurationDetails>(),
    ResponseType::of::<types::UserAccessToken>(),
    ResponseType::of::<Option<types::UserCreated>>(),
    ResponseType::of::<types::UserDetails>(),
    ResponseType::of::<types::UserLimitedDetails>(),
    ResponseType::of::<types::UserList>(),
    ResponseType::of::<types::UserPackageList>(),
    ResponseType::of::<types::UserProfile>(),
    ResponseType::of::<types::VerificationCodeChecked>(),
];

/// The error of a response that does not decode.
///
/// * It has a reason.
/// * It contains nothing of the response but names.
pub fn decode_error(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let response_type = &RESPONSE_TYPES[usize::from(*first) % RESPONSE_TYPES.len()];
    let check = |text: &[u8]| {
        let error = (response_type.decode_error)(text);
        canary::must_not_be_in(&error.to_string(), text);
        let has_reason = error.reason != "it cannot be understood";
        assert!(has_reason || (response_type.decodes)(text), "there is no reason for b\"{}\"", text.escape_ascii());
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
