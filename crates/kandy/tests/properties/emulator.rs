//! What the emulator takes comes back from it as it was given.

use std::cell::Cell;

use kandy::{Domain, Error, Kandy, MessageContent};
use kandy_emulator::{Emulator, NewGroup};
use proptest::prelude::*;
use serde_json::Value;

use crate::{for_all, texts};

/// The texts of one story.
#[derive(Clone, Debug)]
struct Story {
    number: u32,
    texts: [String; 8],
}

/// Tells a story to the emulator, and answers how many of the two names that it may refuse it took.
async fn comes_back(
    kandy: &Kandy,
    emulator: &Emulator,
    domain: &Domain,
    story: &Story,
) -> Result<usize, TestCaseError> {
    let Story { number, texts: [name, first, last, email, device, family, text, source] } = story;
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let fail = |error: Error| TestCaseError::fail(error.to_string());
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let mut taken = 0;

    // Names of domains are kept in lower case.
    if let Ok(created) = account.create_domain(name.as_str()).project_name(first).await {
        let domains = account.domains().await.map_err(fail)?;
        let listed = domains.into_iter().find(|domain| domain.api_key == created.api_key).expect("in the list");
        prop_assert_eq!(listed.name, name.to_ascii_lowercase());
        prop_assert_eq!(listed.project_name, given(first));
        taken += 1;
    }

    let user_id = match domain.create_user(name.as_str()).await {
        Ok(created) => {
            taken += 1;
            prop_assert_eq!(created.user_id.as_ref().map(kandy::UserId::as_str), Some(name.as_str()));
            created.user_id.expect("compared")
        }
        Err(_) => format!("user-{number}").into(),
    };
    let named = format!("named-{number}");
    let created = domain.create_user(&*named).first_name(first).last_name(last).email(email);
    let created = created.await.map_err(fail)?;
    let details = domain.user_details(created.api_key.expect("a key")).await.map_err(fail)?;
    prop_assert_eq!((details.first_name, details.last_name), (given(first), given(last)));
    prop_assert_eq!((details.email, details.user_id.as_str()), (given(email), &*named));
    let listed = domain.users().await.map_err(fail)?;
    prop_assert!(listed.iter().any(|user| user.user_id.as_str() == named && user.first_name == given(first)));
    prop_assert_eq!(listed.iter().any(|user| user.user_id == user_id), !user_id.as_str().starts_with("user-"));

    let user = domain.user(&*named);
    let native_id = format!("1{device}");
    let created = user.create_device(&*native_id).family(family).name(device).os_version(family);
    let device_id = created.await.map_err(fail)?.device_id;
    let devices = user.devices().await.map_err(fail)?;
    let listed = devices.into_iter().find(|device| device.device_id == device_id).expect("in the list");
    prop_assert_eq!((listed.native_id, listed.name), (Some(native_id), given(device)));
    prop_assert_eq!((listed.family, listed.os_version), (given(family), given(family)));

    let phone = user.device(device_id);
    let (text, source) = (format!("{text}."), format!("from {source}."));
    phone.send_sms("+12245556666", &text).from(&source).await.map_err(fail)?;
    let sms = emulator.sms().pop().expect("the last");
    prop_assert_eq!((&sms.text, sms.source.as_ref()), (&text, Some(&source)));

    let to = format!("{named}@example.com");
    let sent =
        phone.send_message(&*to, MessageContent::plain(&text).field(&source, text.as_str())).await.map_err(fail)?;
    let group = emulator.create_group(NewGroup::new(&text).owner(&*to).member("anna@example.com"));
    let group = domain.user("anna").group(group.expect("both are there"));
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
    Ok(taken)
}

#[test]
fn what_the_emulator_takes_comes_back_as_it_was_given() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let domain = runtime.block_on(async {
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let created = account.create_domain("example.com").await.expect("created");
        let domain = kandy.domain(created.api_key, created.api_secret);
        domain.create_user("anna").await.expect("created");
        domain
    });
    let (number, taken) = (Cell::new(0), Cell::new(0));
    for_all(prop::array::uniform8(texts()), |texts| {
        number.set(number.get() + 1);
        let story = Story { number: number.get(), texts };
        let names = runtime.block_on(comes_back(&kandy, &emulator, &domain, &story))?;
        taken.set(taken.get() + names);
        Ok(())
    });
    assert!(taken.get() > 0, "the emulator took no name");
}
