//! Responses in all forms that sources show are decoded.

use kandy::{ContentType, MessageType};

use crate::support::mock_server::{MockServer, json_response};

/// Starts a server that responds to every request with this result.
async fn respond_with(result: &str) -> MockServer {
    let body = format!(r#"{{"result": {result}, "status": 0, "message": "success", "more": [1]}}"#);
    MockServer::respond_with(move |_| json_response(200, &body)).await
}

#[tokio::test]
async fn user_as_an_object_or_a_list_of_one() {
    let user = r#"{"user_id": 13524096582, "domain_name": "example.com", "user_country_code": 1, "user_password": ""}"#;
    for result in [format!(r#"{{"user": {user}}}"#), format!(r#"{{"users": [{user}], "user": null}}"#)] {
        let server = respond_with(&result).await;
        let details = server.kandy.domain_with_token("DAK-key", "DAT").user_details("UAK").await.expect(&result);
        assert_eq!(details.full_user_id().as_str(), "13524096582@example.com");
        assert_eq!(details.country_code.as_deref(), Some("1"));
        assert!(details.password.is_none());
    }
    let server = respond_with(r#"{"users": []}"#).await;
    let error = server.kandy.domain_with_token("DAK-key", "DAT").user_details("UAK").await.expect_err("no user");
    assert!(error.to_string().contains("`result.user`"), "{error}");
}

#[tokio::test]
async fn devices_in_both_spellings() {
    let live = r#"{"id": "A149", "nativeID": 353897, "family": "Windows", "name": "Phone", "osVersion": "8", "clientVersion": "102001"}"#;
    let documented = r#"{"device_id": "A149", "device_native_id": "353897", "device_family": "Windows",
        "device_name": "Phone", "device_os_version": "8", "client_sw_version": "102001"}"#;
    let server = respond_with(&format!(r#"{{"devices": [{live}, {documented}]}}"#)).await;
    let devices = server.kandy.user_with_token("UAT").devices().await.expect("two devices");
    assert_eq!(format!("{:?}", devices[0]), format!("{:?}", devices[1]));
    assert_eq!(devices[0].native_id.as_deref(), Some("353897"));

    let server = respond_with(r#"{"devices": [{"id": "A149"}, {"name": "Phone"}]}"#).await;
    let error = server.kandy.user_with_token("UAT").devices().await.expect_err("no id");
    assert!(error.to_string().contains("`result.devices[1].id`"), "{error}");
}

#[tokio::test]
async fn created_user_with_and_without_credentials() {
    let full = r#"{"user_id": "bob", "user_password": "b0e4c71d674744", "full_user_id": "bob@example.com",
        "domain_name": "example.com", "user_api_key": "UAK", "user_api_secret": "UAS"}"#;
    let server = respond_with(full).await;
    let created = server.kandy.domain_with_token("DAK", "DAT").create_user("bob").await.expect("created");
    assert_eq!(created.password.map(|password| password.expose().to_owned()).as_deref(), Some("b0e4c71d674744"));
    assert!(created.api_key.is_some() && created.api_secret.is_some());

    let server = respond_with("null").await;
    let domain = server.kandy.domain_with_token("DAK", "DAT");
    let created = domain.create_user("bob").await.expect("created");
    assert_eq!(created.user_id, Some("bob".into()));
    let created = domain.create_user_by_phone("3524096582", "US").await.expect("created");
    assert_eq!(created.user_id, None);
}

#[tokio::test]
async fn pending_messages_of_all_kinds() {
    let server = respond_with(
        r#"{"server_timestamp": 1489312345678, "messages": [
            {"messageType": "chat", "content_type": "image", "UUID": "bcd2fa752c3c4fdf97d08b0a48f622f0", "timestamp": "1400510413",
             "sender": {"user_id": "russ", "domain_name": "example.com"}, "message": {"mimeType": "image/png", "content_uuid": "1"}},
            {"messageType": "chatRemoteAck", "UUID": "odd id", "timestamp": 1400510413000},
            {"messageType": "chatGroupBoot", "group_id": "834f", "booted": ["anna@example.com"], "sender": null},
            {"messageType": "newKind"},
            {}
        ]}"#,
    )
    .await;
    let device = server.kandy.user_with_token("UAT").device("A149");
    let pending = device.pending_messages().await.expect("messages");
    assert_eq!(pending.server_timestamp.and_then(|t| t.as_millis()), Some(1_489_312_345_678));
    let [image, ack, boot, new, empty] = &pending.messages[..] else { panic!("five messages") };
    assert_eq!(image.sender.as_ref().map(|sender| sender.as_str()), Some("russ@example.com"));
    assert_eq!(image.content.as_ref().map(|content| content.content_type()), Some(&ContentType::Image));
    assert_eq!(image.timestamp, Some("1400510413".into()));
    assert_eq!(
        ack.timestamp.as_ref().and_then(|t| t.as_millis()),
        image.timestamp.as_ref().and_then(|t| t.as_millis())
    );
    assert_eq!(boot.message_type, Some(MessageType::ChatGroupBoot));
    assert_eq!(boot.extra["booted"][0], "anna@example.com");
    assert_eq!(new.message_type, Some(MessageType::Other("newKind".to_owned())));
    assert!(empty.id.is_none() && empty.content.is_none());

    // Ids in any format that the service sends can be deleted.
    let ids: Vec<_> = pending.messages.into_iter().filter_map(|message| message.id).collect();
    device.delete_messages(ids).await.expect("deleted");
}

/// An empty list would hide that the response has another format.
#[tokio::test]
async fn a_missing_list_is_an_error() {
    let nulls = r#"{"users": null, "devices": null, "domains": null, "contacts": null, "messages": null, "groups": null,
        "sessions": null, "conversations": null}"#;
    let objects = nulls.replace("null", "{}");
    for result in ["", "null", "{}", r#"{"other": []}"#, nulls, &objects] {
        let member = if result.is_empty() { String::new() } else { format!(r#", "result": {result}"#) };
        let body = format!(r#"{{"status": 0, "message": "success"{member}}}"#);
        let server = MockServer::respond_with(move |_| json_response(200, &body)).await;
        let user = server.kandy.user_with_token("UAT");
        let domain = server.kandy.domain_with_token("DAK", "DAT");
        let device = user.device("A149");
        for (list, error) in [
            ("domains", server.kandy.account_with_token("AAT").domains().await.err()),
            ("users", domain.users().await.err()),
            ("users", domain.users().stream().try_next().await.err()),
            ("devices", user.devices().await.err()),
            ("contacts", user.contacts().await.err()),
            ("contacts", user.directory().await.err()),
            ("contacts", user.search_directory("anna").await.err()),
            ("contacts", user.device_address_book().await.err()),
            ("users", user.last_seen(["anna@example.com"]).await.err()),
            ("groups", user.groups().await.err()),
            ("sessions", user.sessions().await.err()),
            ("conversations", user.conversations().await.err()),
            ("contacts", device.address_book().await.err()),
            ("messages", device.pending_messages().await.err()),
            ("messages", device.messages().stream().try_next().await.err()),
        ] {
            let error = error.unwrap_or_else(|| panic!("{list} in {result:?} is no error"));
            let kandy::Error::Decode(error) = &error else { panic!("{error}") };
            let path = if ["", "null"].contains(&result) { "result".to_owned() } else { format!("result.{list}") };
            assert_eq!(error.path(), path, "{error}: {result}");
        }
    }
    for result in ["", "null"] {
        let member = if result.is_empty() { String::new() } else { format!(r#", "result": {result}"#) };
        let body = format!(r#"{{"status": 0, "message": "success"{member}}}"#);
        let server = MockServer::respond_with(move |_| json_response(200, &body)).await;
        let user = server.kandy.user_with_token("UAT");
        for error in [
            user.group("834f").details().await.err(),
            user.limited_details().await.err(),
            user.billing_status().await.err(),
            user.profile("anna", "example.com").await.err(),
        ] {
            let error = error.expect("no result");
            assert!(error.to_string().contains("at `result`: it is missing"), "{error}");
        }
        // A call that returns nothing needs no result.
        user.device("A149").delete_messages(["bcd2fa752c3c4fdf97d08b0a48f622f0"]).await.expect("deleted");
    }
}

#[tokio::test]
async fn empty_lists_are_empty() {
    let server =
        respond_with(r#"{"users": [], "devices": [], "domains": [], "contacts": [], "messages": [], "groups": []}"#)
            .await;
    let user = server.kandy.user_with_token("UAT");
    assert!(server.kandy.account_with_token("AAT").domains().await.expect("a list").is_empty());
    assert!(server.kandy.domain_with_token("DAK", "DAT").users().await.expect("a list").is_empty());
    assert!(user.devices().await.expect("a list").is_empty() && user.groups().await.expect("a list").is_empty());
    assert!(user.contacts().await.expect("a list").is_empty() && user.directory().await.expect("a list").is_empty());
    assert!(user.device("A149").pending_messages().await.expect("a list").messages.is_empty());
    assert!(user.group("834f").details().await.expect("details").members.is_empty());
}

#[tokio::test]
async fn personal_contacts_in_both_spellings() {
    let prefixed = r#"{"contact_id": "9e01", "contact_user_name": "anna@example.com", "contact_nickname": "anna",
        "contact_first_name": "Anna", "contact_last_name": "Doe", "contact_home_phone": 14055671234,
        "contact_mobile_number": "1", "contact_business_number": "2", "contact_fax": "3",
        "contact_email": "anna@example.org", "token": "canary"}"#;
    let plain = r#"{"contact_id": "9e01", "name": "anna@example.com", "nickname": "anna", "first_name": "Anna",
        "last_name": "Doe", "home_phone": "14055671234", "mobile_number": 1, "business_number": "2", "fax": "3",
        "email": "anna@example.org", "contact_email": null, "token": "canary"}"#;
    let server = respond_with(&format!(r#"{{"contacts": [{prefixed}, {plain}]}}"#)).await;
    let contacts = server.kandy.user_with_token("UAT").contacts().await.expect("two contacts");
    assert_eq!(format!("{:?}", contacts[0]), format!("{:?}", contacts[1]));
    assert_eq!(contacts[0].home_phone.as_deref(), Some("14055671234"));
    assert_eq!(contacts[0].extra["token"], "canary");
    assert!(!format!("{contacts:?}").contains("canary"), "an unknown field may be a credential");
}

#[tokio::test]
async fn missing_required_fields_are_errors() {
    let server = respond_with("{}").await;
    let user = server.kandy.user_with_token("UAT");
    let error = user.create_contact("anna@example.com", "anna").await.expect_err("no id");
    assert!(error.to_string().contains("`result.contact_id`") && error.may_have_been_applied(), "{error}");
    let error = user.limited_details().await.expect_err("no user");
    assert!(error.to_string().contains("`result.user`"), "{error}");
    let error = user.spidr_configuration().await.expect_err("no configuration");
    assert!(error.to_string().contains("`result.spidr_configuration`"), "{error}");
    let error = user.rollover_group("support").await.expect_err("no group");
    assert!(error.to_string().contains("`result.group`"), "{error}");
    // These have no required fields.
    assert!(user.billing_status().await.expect("a response").extra.is_empty());
    assert!(user.profile("anna", "example.com").await.expect("a response").first_name.is_none());
    assert!(user.data_channel_configuration().await.expect("a response").host.is_none());
}

#[tokio::test]
async fn created_domain_without_credentials_is_an_error() {
    let server = respond_with(r#"{"domain_name": "example.com", "domain_api_key": "DAK"}"#).await;
    let error = server.kandy.account_with_token("AAT").create_domain("example.com").await.expect_err("no secret");
    assert!(error.to_string().contains("`result.domain_api_secret`"), "{error}");
    assert!(error.may_have_been_applied());
}
