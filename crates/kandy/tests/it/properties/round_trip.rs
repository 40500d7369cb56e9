//! Texts that the emulator stores are returned unchanged.

use std::cell::Cell;

use kandy::{Error, MessageContent};
use kandy_emulator::NewGroup;
use proptest::prelude::*;
use serde_json::Value;

use super::{for_all, texts};
use crate::support::emulator::TestDomain;

/// The texts of one case, and its number.
#[derive(Clone, Debug)]
struct Case {
    number: u32,
    texts: [String; 8],
}

/// Stores the texts and reads them back. Returns how many of the two names that may be refused were accepted.
async fn round_trip(test: &TestDomain, case: &Case) -> Result<usize, TestCaseError> {
    let TestDomain { emulator, account, domain, .. } = test;
    let Case { number, texts: [name, first, last, email, device, family, text, source] } = case;
    let stored = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let fail = |error: Error| TestCaseError::fail(error.to_string());
    let mut accepted = 0;

    // Domain names are stored in lower case.
    if let Ok(created) = account.create_domain(name.as_str()).project_name(first).await {
        let domains = account.domains().await.map_err(fail)?;
        let listed = domains.into_iter().find(|domain| domain.api_key == created.api_key).expect("in the list");
        prop_assert_eq!(listed.name, name.to_ascii_lowercase());
        prop_assert_eq!(listed.project_name, stored(first));
        accepted += 1;
    }

    let user_id = match domain.create_user(name.as_str()).await {
        Ok(created) => {
            accepted += 1;
            prop_assert_eq!(created.user_id.as_ref().map(kandy::UserId::as_str), Some(name.as_str()));
            created.user_id.expect("compared")
        }
        Err(_) => format!("user-{number}").into(),
    };
    let named = format!("named-{number}");
    let created = domain.create_user(&*named).first_name(first).last_name(last).email(email);
    let created = created.await.map_err(fail)?;
    let details = domain.user_details(created.api_key.expect("a key")).await.map_err(fail)?;
    prop_assert_eq!((details.first_name, details.last_name), (stored(first), stored(last)));
    prop_assert_eq!((details.email, details.user_id.as_str()), (stored(email), &*named));
    let listed = domain.users().await.map_err(fail)?;
    prop_assert!(listed.iter().any(|user| user.user_id.as_str() == named && user.first_name == stored(first)));
    prop_assert_eq!(listed.iter().any(|user| user.user_id == user_id), !user_id.as_str().starts_with("user-"));

    let user = domain.user(&*named);
    let native_id = format!("1{device}");
    let created = user.create_device(&*native_id).family(family).name(device).os_version(family);
    let device_id = created.await.map_err(fail)?.device_id;
    let devices = user.devices().await.map_err(fail)?;
    let listed = devices.into_iter().find(|device| device.device_id == device_id).expect("in the list");
    prop_assert_eq!((listed.native_id, listed.name), (Some(native_id), stored(device)));
    prop_assert_eq!((listed.family, listed.os_version), (stored(family), stored(family)));

    let phone = user.device(device_id);
    let (text, source) = (format!("{text}."), format!("from {source}."));
    phone.send_sms("+12245556666", &text).from(&source).await.map_err(fail)?;
    let sms = emulator.sms().pop().expect("the last");
    prop_assert_eq!((&sms.text, sms.source.as_ref()), (&text, Some(&source)));

    let to = format!("{named}@example.com");
    let sent =
        phone.send_message(&*to, MessageContent::plain(&text).field(&source, text.as_str())).await.map_err(fail)?;
    let group = emulator.create_group(NewGroup::new(&text).owner(&*to).member("anna@example.com"));
    let group = domain.user("anna").group(group.expect("both users exist"));
    let details = group.details().await.map_err(fail)?;
    prop_assert_eq!(details.name.as_ref(), Some(&text));
    group.send_message(&*text).await.map_err(fail)?;
    let pending = phone.pending_messages().await.map_err(fail)?.messages;
    prop_assert_eq!(pending.len(), 2);
    prop_assert_eq!(pending[0].id.as_ref(), Some(&sent));
    for message in &pending {
        prop_assert_eq!(message.content.as_ref().and_then(MessageContent::text), Some(&*text));
    }
    let fields = pending[0].content.as_ref().map(MessageContent::fields);
    prop_assert_eq!(fields.and_then(|fields| fields.get(&source)), Some(&Value::from(text)));
    Ok(accepted)
}

#[test]
fn emulator_returns_stored_texts_unchanged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let test = runtime.block_on(TestDomain::start());
    runtime.block_on(test.domain.create_user("anna").into_future()).expect("created");
    let (number, accepted) = (Cell::new(0), Cell::new(0));
    for_all(prop::array::uniform8(texts()), |texts| {
        number.set(number.get() + 1);
        let case = Case { number: number.get(), texts };
        let names = runtime.block_on(round_trip(&test, &case))?;
        accepted.set(accepted.get() + names);
        Ok(())
    });
    assert!(accepted.get() > 0, "the emulator accepted no name");
}
