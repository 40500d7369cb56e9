use kandy_sys::{DecodeError, Envelope, NoResult, types};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::canary;

/// How an answer of one type is looked at.
struct Reader {
    /// Whether it can be read.
    is_readable: fn(&[u8]) -> bool,
    /// What is wrong with it if it cannot.
    problem: fn(&[u8]) -> DecodeError,
}

impl Reader {
    const fn of<T: DeserializeOwned>() -> Self {
        Self {
            is_readable: |text| serde_json::from_slice::<Envelope<T>>(text).is_ok(),
            problem: Envelope::<T>::decode_error,
        }
    }
}

/// The types of all answers.
static READERS: &[Reader] = &[
    Reader::of::<NoResult>(),
    Reader::of::<types::AccountAccessToken>(),
    Reader::of::<types::AddressBook>(),
    Reader::of::<types::AddressBookHints>(),
    Reader::of::<types::AnonymousUser>(),
    Reader::of::<types::AnonymousUserByApiKey>(),
    Reader::of::<types::BillingStatus>(),
    Reader::of::<types::CallDetailRecordList>(),
    Reader::of::<types::CallHistory>(),
    Reader::of::<types::ConversationList>(),
    Reader::of::<types::ConversationMessages>(),
    Reader::of::<types::CountryCode>(),
    Reader::of::<types::DataChannelConfiguration>(),
    Reader::of::<types::DeviceCreated>(),
    Reader::of::<types::DeviceList>(),
    Reader::of::<types::DirectoryContacts>(),
    Reader::of::<types::DomainAccessToken>(),
    Reader::of::<types::DomainConfiguration>(),
    Reader::of::<types::DomainCreated>(),
    Reader::of::<types::DomainDetails>(),
    Reader::of::<types::DomainLimitedDetails>(),
    Reader::of::<types::DomainList>(),
    Reader::of::<types::Group>(),
    Reader::of::<types::GroupCreated>(),
    Reader::of::<types::GroupList>(),
    Reader::of::<types::HuntGroupAdminList>(),
    Reader::of::<types::HuntGroupList>(),
    Reader::of::<types::HuntGroupUserList>(),
    Reader::of::<types::LastSeenList>(),
    Reader::of::<types::NormalizedPhoneNumber>(),
    Reader::of::<types::PackageHistory>(),
    Reader::of::<types::PackageList>(),
    Reader::of::<types::PendingMessages>(),
    Reader::of::<types::PersonalContactCreated>(),
    Reader::of::<types::PersonalContactList>(),
    Reader::of::<types::ProvisionedUser>(),
    Reader::of::<types::Registration>(),
    Reader::of::<types::RolloverGroupDetails>(),
    Reader::of::<types::SessionCreated>(),
    Reader::of::<types::SessionDetails>(),
    Reader::of::<types::SessionList>(),
    Reader::of::<types::SmsHistory>(),
    Reader::of::<types::SpidrConfigurationDetails>(),
    Reader::of::<types::UserAccessToken>(),
    Reader::of::<Option<types::UserCreated>>(),
    Reader::of::<types::UserDetails>(),
    Reader::of::<types::UserLimitedDetails>(),
    Reader::of::<types::UserList>(),
    Reader::of::<types::UserPackageList>(),
    Reader::of::<types::UserProfile>(),
    Reader::of::<types::VerificationCodeChecked>(),
];

/// What is said of an answer that cannot be read.
///
/// * It says what is wrong.
/// * It repeats nothing of the answer but names.
pub fn problem(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let reader = &READERS[usize::from(*first) % READERS.len()];
    let says = |text: &[u8]| {
        let problem = (reader.problem)(text);
        canary::must_not_be_in(&problem.to_string(), text);
        let is_told = problem.reason != "it cannot be understood";
        assert!(
            is_told || (reader.is_readable)(text),
            "it is not said what is wrong with b\"{}\"",
            text.escape_ascii()
        );
    };
    says(text);
    // In the middle of whatever is there.
    let at = text.len() * usize::from(*first) / 256;
    says(&[&text[..at], canary::TEXT.as_bytes(), &text[at..]].concat());
    let Ok(mut value) = serde_json::from_slice::<Value>(text) else { return false };
    canary::fill(&mut value);
    says(value.to_string().as_bytes());
    if let Some(members) = value.as_object_mut() {
        members.insert("status".to_owned(), canary::TEXT.into());
        says(value.to_string().as_bytes());
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kandy_sys::{OPERATIONS, Operation, operation::ResponseKind};

    use super::*;

    #[test]
    fn no_result_type_is_forgotten() {
        let files = |operation: &&Operation| operation.response != ResponseKind::File;
        let results: BTreeSet<_> =
            OPERATIONS.iter().filter(files).map(|operation| format!("{:?}", operation.response)).collect();
        assert_eq!(READERS.len(), results.len(), "{results:?}");
    }
}
