//! Directory, profiles, presence, contacts and token revocation, against the emulator.

use std::time::Duration;

use kandy::{AddressBookEntry, FullUserId, HintType};

use crate::support::emulator::{TestDomain, client, first_device};

#[tokio::test]
async fn searches_the_directory_and_reads_presence() -> kandy::Result<()> {
    let TestDomain { emulator, domain, .. } = TestDomain::start().await;
    domain.create_user("russ").await?;
    domain.create_user("anna").first_name("Anna").last_name("Doe").await?;
    let (russ, anna) = (domain.user("russ"), domain.user("anna"));
    anna.set_profile().status_text("Out for lunch").await?;

    let found = russ.search_directory_by_name("doe").await?.pop().expect("one");
    assert_eq!((found.first_name.as_deref(), russ.directory().await?.len()), (Some("Anna"), 2));
    let name: FullUserId = found.full_user_id.expect("in the response");
    let profile = russ.profile(name.user_id(), name.domain_name().unwrap_or_default()).await?;
    assert_eq!((profile.status_text.as_deref(), profile.first_name), (Some("Out for lunch"), None));
    assert_eq!(anna.limited_details().await?.full_user_id.as_ref(), Some(&name));

    assert!(russ.last_seen([&name]).await?.users[0].is_online());
    emulator.advance(Duration::from_secs(10));
    let list = russ.last_seen([&name, &"russ@example.com".into()]).await?;
    assert_eq!(list.users.iter().map(kandy::LastSeen::is_online).collect::<Vec<_>>(), [false, true]);
    assert!(domain.last_seen([name]).await?.users[0].seen_before >= Some(Duration::from_secs(10)));
    Ok(())
}

#[tokio::test]
async fn manages_contacts_and_address_books() -> kandy::Result<()> {
    let TestDomain { emulator: _emulator, domain, .. } = TestDomain::start().await;
    domain.create_user("russ").await?;
    let anna = domain.create_user_by_phone("4055671234", "US").await?.full_user_id.expect("in the response");
    let russ = domain.user("russ");

    let id = russ.create_contact(&anna, "anna").mobile_number("+14055671234").await?;
    let contact = russ.contacts().await?.pop().expect("one");
    assert_eq!((contact.contact_id.as_ref(), contact.user_name.as_deref()), (Some(&id), Some(anna.as_str())));
    assert_eq!((contact.nickname.as_deref(), contact.mobile_number.as_deref()), (Some("anna"), Some("+14055671234")));
    russ.delete_contact(&id).await?;
    assert!(russ.delete_contact(&id).await.is_err_and(|error| error.is_not_found()));
    assert!(russ.contacts().await?.is_empty());

    let phone = first_device(&russ).await?;
    let number = russ.normalize_phone_number("(405) 567-1234", "US").await?.extra["phone_number"].to_string();
    let anna = AddressBookEntry::new([number.trim_matches('"')]).first_name("Anna");
    phone.upload_address_book([anna, AddressBookEntry::new(["+491234567"])]).await?;
    let book = phone.address_book().await?;
    assert_eq!((&book[0].hint_type, &book[1].hint_type), (&Some(HintType::Community), &Some(HintType::None)));
    assert_eq!(phone.address_book_hints().await?.extra["contacts"].as_array().map(Vec::len), Some(2));
    assert_eq!(russ.device_address_book().device_id(phone.id()).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn revokes_a_leaked_token() -> kandy::Result<()> {
    let TestDomain { emulator, domain, .. } = TestDomain::start().await;
    let password = domain.create_user("russ").await?.password.expect("in the response");
    let russ = domain.user("russ");
    let leaked = russ.access_token().await?;
    assert!(russ.revoke_access_token().password("wrong123").await.is_err_and(|error| error.is_unauthorized()));
    russ.revoke_access_token().password(password).await?;
    let kandy = client(&emulator);
    assert!(kandy.user_with_token(&leaked).devices().await.is_err_and(|error| error.is_unauthorized()));
    assert_eq!(russ.devices().await?.len(), 1, "the handle mints a new token");
    assert_ne!(russ.access_token().await?, leaked);
    Ok(())
}
