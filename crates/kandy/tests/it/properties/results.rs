//! Texts that a result is made of in a test are serialised and read again unchanged.

use std::fmt::Debug;

use kandy::{
    Configuration, CreatedDevice, CreatedDomain, CreatedGroup, CreatedSession, DeviceDetails, DomainDetails, Exposed,
    GroupDetails, SessionDetails, UserDetails,
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{for_all, texts};

/// The arguments of the constructors of results. `new` is the name of all of them.
pub(super) const ARGUMENTS: &[&str] = &[
    "new.access_token",
    "new.api_key",
    "new.api_secret",
    "new.device_id",
    "new.full_user_id",
    "new.group_id",
    "new.name",
    "new.session_id",
];

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let json = serde_json::to_string(value).map_err(|error| TestCaseError::fail(error.to_string()))?;
    let read: T = serde_json::from_str(&json).map_err(|error| TestCaseError::fail(format!("{json}: {error}")))?;
    prop_assert_eq!(&read, value);
    Ok(())
}

#[test]
fn results_made_of_any_text_are_read_again() {
    for_all(texts(), |text| {
        check(&UserDetails::new(&text))?;
        check(&DeviceDetails::new(&text))?;
        check(&CreatedDevice::new(&text))?;
        check(&GroupDetails::new(&text))?;
        check(&CreatedGroup::new(&text))?;
        check(&SessionDetails::new(&text))?;
        check(&CreatedSession::new(&text))?;
        // Their credentials are left out, so empty ones are compared.
        check(&DomainDetails::new(&text, ""))?;
        check(&CreatedDomain::new(&text, "", ""))?;
        check(&Configuration::new(""))?;
        let domain = CreatedDomain::new("example.com", text.as_str(), text.as_str());
        prop_assert_eq!((domain.api_key.expose(), domain.api_secret.expose()), (text.as_str(), text.as_str()));
        check(&Exposed(domain.api_key))?;
        check(&Exposed(domain.api_secret))?;
        check(&Exposed(Configuration::new(text.as_str()).access_token))
    });
}
