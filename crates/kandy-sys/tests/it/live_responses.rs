//! The shapes of live responses and of the documentation, each decoded into its type, including those that disagree.

use kandy_sys::{
    ContentType, Envelope, HintType, MessageType, Status, Text,
    types::{
        self, AddressBook, DeviceList, DomainCreated, DomainDetails, DomainList, Group, PendingMessages,
        UserAccessToken, UserCreated, UserDetails, UserList,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn envelope<T: DeserializeOwned>(response: &Value) -> Envelope<T> {
    serde_json::from_str(&response.to_string()).unwrap_or_else(|error| panic!("{error}: {response}"))
}

/// Decodes a success with this result.
fn result<T: DeserializeOwned>(result: Value) -> T {
    envelope(&json!({"status": 0, "message": "success", "result": result})).into_result().expect("a success")
}

fn text(text: &Option<Text>) -> Option<&str> {
    text.as_ref().map(Text::as_str)
}

#[test]
fn result_before_status() {
    let response = r#"{"result":{"user_access_token":"UAT1"},"status":0,"message":"success"}"#;
    let Envelope::Success(success) = serde_json::from_str::<Envelope<UserAccessToken>>(response).expect(response)
    else {
        panic!("a success");
    };
    assert_eq!(success.message, "success");
    assert!(success.status_description.is_none());
    assert_eq!(success.result.user_access_token.expect("a token").expose(), "UAT1");
}

#[test]
fn status_description_is_an_object_or_a_text() {
    let described = |description: Value| {
        let response = json!({"status": 0, "message": "success", "status_description": description,
            "result": {"user_access_token": "UAT1"}});
        let Envelope::Success(success) = envelope::<UserAccessToken>(&response) else {
            panic!("a success");
        };
        assert!(success.result.user_access_token.is_some(), "{response}");
        success.status_description.map(|d| (d.code.and_then(|code| code.as_i64()), d.message))
    };
    let completed = || Some("The request completed successfully".to_owned());
    let live = json!({"code": 2000, "message": "The request completed successfully"});
    assert_eq!(described(live), Some((Some(2000), completed())));
    let in_text = json!({"code": "2000", "message": "The request completed successfully"});
    assert_eq!(described(in_text), Some((Some(2000), completed())));
    assert_eq!(described(json!("The request completed successfully")), Some((None, completed())));
    assert_eq!(described(json!({"code": null, "message": null})), Some((None, None)));
    assert_eq!(described(json!(null)), None);
}

#[test]
fn fault_has_no_result() {
    let response = json!({"message": "failed to register user on compass", "status": 1});
    let fault = envelope::<UserCreated>(&response).into_result().expect_err("a fault");
    assert_eq!(fault.status, Status::INTERNAL_SERVER_ERROR);
    assert_eq!(fault.message, "failed to register user on compass");
}

#[test]
fn unknown_status_is_a_fault() {
    for (status, number) in [(json!(4711), 4711), (json!("4711"), 4711), (json!(-1), -1), (json!(2001), 2001)] {
        let fault =
            envelope::<DomainCreated>(&json!({"status": status, "message": "?"})).into_result().expect_err("a fault");
        assert_eq!(fault.status, Status(number));
    }
}

#[test]
fn deletion_has_its_own_message() {
    for message in ["Domain Deleted", "User Deleted", "Device Deleted"] {
        let response = envelope::<kandy_sys::NoResult>(&json!({"status": 0, "message": message}));
        assert_eq!((response.status(), response.message()), (Status::OK, message));
    }
}

#[test]
fn created_domain_has_credentials_and_optional_names() {
    let live: DomainCreated = result(json!({"domain_api_key": "668a9a13", "domain_api_secret": "95aa28a2"}));
    assert_eq!(live.domain_api_key.expect("a key").expose(), "668a9a13");
    assert_eq!(live.domain_api_secret.expect("a secret").expose(), "95aa28a2");
    let documented: DomainCreated = result(json!({"domain_name": "test.com", "project_name": "test domain"}));
    assert_eq!(documented.domain_name.as_deref(), Some("test.com"));
    assert!(documented.domain_api_key.is_none());
}

#[test]
fn domain_numbers_are_strings() {
    let domains: DomainList = result(json!({"domains": [
        {"domain_api_key": "668a9a13", "account_number": "00000012", "number_of_users": "41",
         "next_recurring_payment": "2015-01-19"},
        {"account_number": 12, "number_of_users": 41},
    ]}));
    let domains = domains.domains;
    assert_eq!(text(&domains[0].account_number), Some("00000012"));
    assert_eq!(text(&domains[1].account_number), Some("12"));
    for domain in &domains {
        assert_eq!(domain.number_of_users.as_ref().and_then(|number| number.as_i64()), Some(41));
    }
    assert_eq!(domains[0].next_recurring_payment.as_deref(), Some("2015-01-19"));

    let details: DomainDetails = result(json!({"domain": {"domain_name": "domain.com"}}));
    assert_eq!(details.domain.expect("a domain").domain_name.as_deref(), Some("domain.com"));
}

#[test]
fn created_user_has_credentials_or_no_result() {
    let live: UserCreated = result(json!({
        "user_id": "bob", "user_password": "b0e4c71d674744", "full_user_id": "bob@example.gmail.com",
        "domain_name": "example.gmail.com", "user_api_key": "UAK5c", "user_api_secret": "UAS6c",
    }));
    assert_eq!(text(&live.user_id), Some("bob"));
    assert_eq!(live.full_user_id.as_deref(), Some("bob@example.gmail.com"));
    assert_eq!(live.user_password.expect("a password").expose(), "b0e4c71d674744");
    assert_eq!(live.user_api_key.expect("a key").expose(), "UAK5c");

    let documented = envelope::<Option<UserCreated>>(&json!({"status": 0, "message": "success"})).into_result();
    assert_eq!(documented, Ok(None));
    let null = json!({"status": 0, "message": "success", "result": null});
    assert_eq!(envelope::<Option<UserCreated>>(&null).into_result(), Ok(None));
}

#[test]
fn numeric_user_id_is_a_text_or_a_number() {
    let users: UserList = result(json!({"users": [
        {"user_id": "13524096582", "user_phone_number": "3524096582", "user_country_code": "1", "user_password": ""},
        {"user_id": 13_524_096_582_u64, "user_phone_number": 3_524_096_582_u64, "user_country_code": 1,
         "user_password": 12_345_678},
        {"user_id": "russ", "user_country_code": "US", "user_password": null, "seen_by_nobody": {"deep": [1]}},
    ]}));
    let users = users.users;
    for user in &users[..2] {
        assert_eq!(text(&user.user_id), Some("13524096582"));
        assert_eq!(text(&user.user_phone_number), Some("3524096582"));
        assert_eq!(text(&user.user_country_code), Some("1"));
    }
    assert!(users[0].user_password.as_ref().is_some_and(|password| password.is_empty()));
    assert_eq!(users[1].user_password.as_ref().map(|password| password.expose()), Some("12345678"));
    assert!(users[2].user_password.is_none());
    assert_eq!(text(&users[2].user_country_code), Some("US"));
}

#[test]
fn user_details_are_an_object_or_a_list_of_one() {
    let user = json!({"user_id": "russ", "full_user_id": "russ@domain.com"});
    let live: UserDetails = result(json!({"user": user}));
    let documented: UserDetails = result(json!({"users": [user]}));
    assert!(live.users.is_none() && documented.user.is_none());
    assert_eq!(live.user, documented.users.expect("users").pop());
    assert_eq!(text(&live.user.expect("a user").user_id), Some("russ"));
}

#[test]
fn device_has_two_spellings() {
    let devices: DeviceList = result(json!({"devices": [
        {"id": "A149EBB9A69D4E66B62D26FBDEF440C5", "nativeID": "353897050000000", "family": "Windows",
         "name": "Windows Phone 8", "osVersion": "8.0.10328.78", "clientVersion": "102001",
         "registrationTimestamp": "2016-12-10T18:30:53.597"},
        {"device_id": "4d405f6d", "device_native_id": "12345678901234", "device_family": "iphone",
         "device_name": "iphone6", "client_sw_version": "0102001", "device_os_version": "8.0"},
        {"id": "15hexdigits", "nativeID": 353_897_050_000_000_u64, "osVersion": 8.5, "clientVersion": 1},
    ]}));
    let [live, documented, numbers] = &devices.devices[..] else {
        panic!("three devices");
    };
    assert_eq!(live.id.as_deref(), Some("A149EBB9A69D4E66B62D26FBDEF440C5"));
    assert_eq!(text(&live.native_id), Some("353897050000000"));
    assert_eq!(text(&live.os_version), Some("8.0.10328.78"));
    assert_eq!(text(&live.client_version), Some("102001"));
    assert_eq!(live.registration_timestamp.as_deref(), Some("2016-12-10T18:30:53.597"));
    assert_eq!((live.family.as_deref(), live.name.as_deref()), (Some("Windows"), Some("Windows Phone 8")));
    assert!(live.device_id.is_none());

    assert_eq!(documented.device_id.as_deref(), Some("4d405f6d"));
    assert_eq!(text(&documented.device_native_id), Some("12345678901234"));
    assert_eq!(documented.device_family.as_deref(), Some("iphone"));
    assert_eq!(documented.device_name.as_deref(), Some("iphone6"));
    assert_eq!(text(&documented.client_sw_version), Some("0102001"));
    assert_eq!(text(&documented.device_os_version), Some("8.0"));
    assert!(documented.id.is_none());

    assert_eq!(text(&numbers.native_id), Some("353897050000000"));
    assert_eq!((text(&numbers.os_version), text(&numbers.client_version)), (Some("8.5"), Some("1")));
}

#[test]
fn contact_hints_are_an_open_set() {
    let book: AddressBook = result(json!({"contacts": [
        {"number": "+14055671234", "contactId": "", "deviceId": "3d405f6d", "firstName": "John", "lastName": "Doe",
         "hintType": "none"},
        {"number": 14_055_671_234_u64, "contactId": 7, "hintType": "community"},
        {"hintType": "friend of a friend"},
    ]}));
    let contacts = book.contacts;
    assert_eq!((text(&contacts[0].number), text(&contacts[0].contact_id)), (Some("+14055671234"), Some("")));
    assert_eq!((text(&contacts[1].number), text(&contacts[1].contact_id)), (Some("14055671234"), Some("7")));
    let hints: Vec<_> = contacts.into_iter().map(|contact| contact.hint_type.expect("a hint")).collect();
    assert_eq!(hints, [HintType::None, HintType::Community, HintType::Other("friend of a friend".into())]);
}

#[test]
fn pending_messages_have_two_spellings_and_two_clocks() {
    let pending: PendingMessages = result(json!({"server_timestamp": 1_489_312_345_678_u64, "messages": [
        {"messageType": "chat", "contentType": "text", "destination": "user1@domain.com",
         "sender": {"user_id": "972542205066", "domain_name": "domain.com", "full_user_id": "972542205066@domain.com"},
         "UUID": "bcd2fa75-2c3c-4fdf-97d0-8b0a48f622f0", "timestamp": "1400510413000",
         "message": {"mimeType": "text/plain", "text": "let's meet tonight"}},
        {"messageType": "chat", "content_type": "text", "UUID": "bcd2fa752c3c4fdf97d08b0a48f622f0",
         "timestamp": "1400510413", "message": {"mimeType": "text/plain", "text": "let's meet tonight"}},
    ]}));
    assert_eq!(pending.server_timestamp.and_then(|clock| clock.as_millis()), Some(1_489_312_345_678));
    let [live, documented] = &pending.messages[..] else {
        panic!("two messages");
    };
    assert_eq!(live.content_type, Some(ContentType::Text));
    assert_eq!(live.sender.as_ref().and_then(|sender| text(&sender.user_id)), Some("972542205066"));
    assert!(live.extra.is_empty());
    // One spelling has a field; the other one is an extra field.
    assert_eq!(documented.content_type, None);
    assert_eq!(documented.extra["content_type"], "text");
    for message in [live, documented] {
        assert_eq!(message.timestamp.as_ref().and_then(|moment| moment.as_millis()), Some(1_400_510_413_000));
        assert_eq!(message.message.as_ref().expect("content")["text"], "let's meet tonight");
    }
}

#[test]
fn events_keep_extra_fields() {
    let pending: PendingMessages = result(json!({"messages": [
        {"messageType": "chatRemoteAck", "timestamp": "1400510413", "UUID": "080eccac08d54c9a949058f3a633a30c"},
        {"messageType": "chatGroupBoot", "group_id": "834f", "booted": ["bert@domain.com"]},
        {"messageType": "chatGroupLeave", "group_id": "834f", "leaver": "bert@domain.com"},
        {"messageType": "brandNew", "contentType": "hologram", "anything": {"at": ["all"]}},
    ]}));
    assert!(pending.server_timestamp.is_none());
    let [ack, boot, leave, new] = &pending.messages[..] else {
        panic!("four events");
    };
    assert_eq!(ack.message_type, Some(MessageType::ChatRemoteAck));
    assert_eq!(ack.uuid.as_deref(), Some("080eccac08d54c9a949058f3a633a30c"));
    assert_eq!((boot.group_id.as_deref(), &boot.extra["booted"]), (Some("834f"), &json!(["bert@domain.com"])));
    assert_eq!(
        (&leave.message_type, &leave.extra["leaver"]),
        (&Some(MessageType::ChatGroupLeave), &json!("bert@domain.com"))
    );
    assert_eq!(new.message_type, Some(MessageType::Other("brandNew".into())));
    assert_eq!(new.content_type, Some(ContentType::Other("hologram".into())));
    assert_eq!(new.extra["anything"], json!({"at": ["all"]}));
}

#[test]
fn group_mixes_numbers_and_strings() {
    let group: Group = result(json!({
        "group_id": "834f42eb5a1144a3b679f2d0be20112c", "group_name": "asd", "group_image": {}, "max_members": "50",
        "owners": [{"full_user_id": "admin1@kandy.com", "muted": false}], "creation_time": 1_426_176_529_057_u64,
        "members": [{"full_user_id": "member1@kandy.com", "muted": false}, {"full_user_id": "member2@kandy.com", "muted": true}],
        "muted": false,
    }));
    assert_eq!(group.max_members.and_then(|number| number.as_i64()), Some(50));
    assert_eq!(group.creation_time.and_then(|moment| moment.as_millis()), Some(1_426_176_529_057));
    assert!(group.group_image.is_some_and(|image| image.is_empty()));
    assert_eq!(group.owners.map(|owners| owners.len()), Some(1));
    let muted: Vec<_> = group.members.into_iter().flatten().map(|member| member.muted).collect();
    assert_eq!(muted, [Some(false), Some(true)]);
}

/// A success without its result, or without the list that was asked for, is no response.
#[test]
fn missing_list_is_an_error() {
    fn assert_missing_list_fails<T: DeserializeOwned>(list: &str) {
        for (result, path) in [
            (json!({}), format!("result.{list}")),
            (json!({ list: null }), format!("result.{list}")),
            (json!({ list: {} }), format!("result.{list}")),
            (json!({ "other": [] }), format!("result.{list}")),
            (Value::Null, "result".to_owned()),
        ] {
            let response = json!({"status": 0, "message": "success", "result": result}).to_string();
            assert!(serde_json::from_str::<Envelope<T>>(&response).is_err(), "{response}");
            assert_eq!(Envelope::<T>::read(response.as_bytes()).err().expect(&response).path, path, "{response}");
        }
        let response = r#"{"status": 0, "message": "success"}"#;
        assert_eq!(
            Envelope::<T>::read(response.as_bytes()).err().expect(response).to_string(),
            "at `result`: it is missing"
        );
        let empty = json!({"status": 0, "result": { list: [] }}).to_string();
        assert!(serde_json::from_str::<Envelope<T>>(&empty).is_ok(), "{empty}");
    }
    assert_missing_list_fails::<UserList>("users");
    assert_missing_list_fails::<DomainList>("domains");
    assert_missing_list_fails::<DeviceList>("devices");
    assert_missing_list_fails::<AddressBook>("contacts");
    assert_missing_list_fails::<PendingMessages>("messages");
    assert_missing_list_fails::<types::GroupList>("groups");
    assert_missing_list_fails::<types::SessionList>("sessions");
    assert_missing_list_fails::<types::ConversationList>("conversations");
    assert_missing_list_fails::<types::ConversationMessages>("messages");
    assert_missing_list_fails::<types::PersonalContactList>("contacts");
    assert_missing_list_fails::<types::DirectoryContacts>("contacts");
    assert_missing_list_fails::<types::LastSeenList>("users");
    assert_missing_list_fails::<types::PackageList>("packages");
    assert_missing_list_fails::<types::CallHistory>("calls");
    assert_missing_list_fails::<types::SmsHistory>("smss");
    assert_missing_list_fails::<types::PackageHistory>("packages");
}

/// Anything else may be null or missing, in an response and in what it lists.
#[test]
fn nulls_decode() {
    fn all<T: DeserializeOwned + PartialEq + std::fmt::Debug>(members: &[&str]) {
        let nulls: Value = members.iter().map(|member| ((*member).to_owned(), Value::Null)).collect();
        assert_eq!(result::<T>(nulls.clone()), result::<T>(json!({})), "{nulls}");
    }
    all::<UserDetails>(&["user", "users"]);
    all::<UserCreated>(&["user_id", "user_password", "full_user_id", "domain_name", "user_api_key", "user_api_secret"]);
    all::<DomainDetails>(&["domain"]);
    all::<Group>(&[
        "group_id",
        "group_name",
        "group_image",
        "max_members",
        "owners",
        "creation_time",
        "members",
        "muted",
    ]);

    let pending: PendingMessages = result(json!({"messages": [
        {"messageType": null, "contentType": null, "sender": null, "UUID": null, "timestamp": null, "message": null},
    ]}));
    let message = &pending.messages[0];
    assert!(message.message_type.is_none() && message.sender.is_none() && message.extra.is_empty());
    let devices: DeviceList = result(json!({"devices": [{"id": null, "nativeID": null, "clientVersion": null}]}));
    assert_eq!(devices.devices, [kandy_sys::types::Device::default()]);
}
