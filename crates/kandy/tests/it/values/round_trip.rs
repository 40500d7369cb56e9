//! Results that tests make, fields that results have, and credentials.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use kandy::{
    AccessToken, Account, AnonymousUser, ApiKey, ApiSecret, Configuration, ConversationMessages, CreatedDomain,
    CreatedUser, DeviceDetails, Domain, DomainDetails, Exposed, GroupDetails, GroupImage, GroupMember, LastSeen,
    LastSeenList, MessageContent, Participant, PendingMessage, PendingMessages, Registration, Secret, SessionDetails,
    SpidrApi, SpidrConfiguration, SpidrIceServer, SpidrMedia, SpidrVersion, UploadedContent, User, UserDetails,
    UserProfile,
};
use kandy_checkout::expect_root;
use serde_json::{Value, json};

use super::{IsValue, name_of, round_trip};

#[track_caller]
fn assert_round_trip<T: IsValue>(value: T, expected: Value) -> T {
    let (json, read) = round_trip(&value);
    assert_eq!(json, expected);
    assert_eq!(read, value);
    value
}

/// Names of fields as `types.rs` of kandy-sys has them from the spec.
#[test]
fn results_made_in_tests_have_the_names_of_the_api() {
    let mut user = UserDetails::new("russ@example.com");
    user.email = Some("russ@example.org".to_owned());
    user.country_code = Some("1".to_owned());
    let expected = json!({
        "user_id": "russ", "full_user_id": "russ@example.com", "domain_name": "example.com",
        "user_email": "russ@example.org", "user_country_code": "1",
    });
    assert_round_trip(user, expected);

    let mut device = DeviceDetails::new("A149");
    device.native_id = Some("353897".to_owned());
    device.client_sw_version = Some("102001".to_owned());
    assert_round_trip(device, json!({"id": "A149", "nativeID": "353897", "clientVersion": "102001"}));

    let mut member = GroupMember::default();
    member.full_user_id = Some("anna@example.com".into());
    let mut group = GroupDetails::new("834f");
    group.members = vec![member];
    group.max_members = Some(10);
    let mut image = kandy::ExtraFields::default();
    image.insert("content_uuid".to_owned(), "5c1d".into());
    group.image = Some(image);
    let expected = json!({
        "group_id": "834f", "members": [{"full_user_id": "anna@example.com"}], "max_members": 10,
        "group_image": {"content_uuid": "5c1d"},
    });
    assert_round_trip(group, expected);

    let mut participant = Participant::default();
    participant.participant_type = Some("admin".into());
    participant.extra.insert("colour".to_owned(), "red".into());
    let mut session = SessionDetails::new("0af3");
    session.participants = vec![participant];
    assert_round_trip(session, json!({"session_id": "0af3", "participants": [{"type": "admin", "colour": "red"}]}));

    let mut api = SpidrApi::default();
    api.rest_port = Some(443);
    let mut version = SpidrVersion::default();
    (version.fcs_api, version.use_proxy) = (Some(api), Some(false));
    let mut configuration = SpidrConfiguration::default();
    configuration.versions = vec![version];
    configuration.ice_servers = vec!["stun:a".to_owned()];
    let expected = json!({"versions": [{"fcsApi": {"restPort": 443}, "useProxy": "false"}], "ICE_servers": ["stun:a"]});
    assert_round_trip(configuration, expected);

    let mut profile = UserProfile::default();
    profile.user_data = Some(r#"{"a":1}"#.to_owned());
    assert_round_trip(profile, json!({"user_data": r#"{"a":1}"#}));

    let uploaded = UploadedContent::new("5c1d", "friends.png", "image/png").length(20480);
    let file = json!({"content_uuid": "5c1d", "content_name": "friends.png", "file_length_bytes": 20480});
    assert_round_trip(GroupImage::from(&uploaded), file.clone());
    let mut expected = file;
    expected["mimeType"] = "image/png".into();
    assert_round_trip(uploaded, expected);

    assert_round_trip(
        MessageContent::plain("Hello"),
        json!({"contentType": "text", "message": {"mimeType": "text/plain", "text": "Hello"}}),
    );
}

#[test]
fn messages_of_every_form_are_read_again() {
    let mut message = PendingMessage::default();
    message.id = Some("bcd2fa75-2c3c-4fdf-97d0-8b0a48f622f0".into());
    message.sender = Some("russ@example.com".into());
    message.content = Some("Hello".into());
    message.extra.insert("booted".to_owned(), json!([1]));
    let expected = json!({
        "UUID": "bcd2fa75-2c3c-4fdf-97d0-8b0a48f622f0",
        "sender": {"full_user_id": "russ@example.com", "user_id": "russ", "domain_name": "example.com"},
        "contentType": "text", "message": {"mimeType": "text/plain", "text": "Hello"}, "booted": [1],
    });
    let message = assert_round_trip(message, expected);

    // Messages that an inbox cannot decode are kept whole.
    for json in [r#"{"UUID": 7, "message": 1, "more": null}"#, r#""{""#, "[]", "1", r#"{"timestamp": {}}"#] {
        let odd: PendingMessage = serde_json::from_str(json).expect(json);
        assert!(odd.undecodable.is_some(), "{json}");
        let odd = assert_round_trip(odd, serde_json::from_str(json).expect("JSON"));
        let mut list = PendingMessages::default();
        list.messages = vec![message.clone(), odd.clone()];
        let (_, read) = round_trip(&list);
        assert_eq!(read, list, "{json}");
        let mut conversation = ConversationMessages::default();
        conversation.messages = vec![odd];
        conversation.extra.insert("total".to_owned(), 1.into());
        let (_, read) = round_trip(&conversation);
        assert_eq!(read, conversation, "{json}");
    }
}

#[test]
fn lists_are_iterated() {
    let mut list = PendingMessages::default();
    list.messages = vec![PendingMessage::default(); 2];
    assert_eq!((&list).into_iter().count(), 2);
    assert_eq!(list.into_iter().count(), 2);
    let mut list = LastSeenList::default();
    list.users = vec![LastSeen::default(); 2];
    assert_eq!((&list).into_iter().count(), 2);
    assert_eq!(list.into_iter().count(), 2);
    let mut list = ConversationMessages::default();
    list.messages = vec![PendingMessage::default(); 2];
    assert_eq!((&list).into_iter().count(), 2);
    assert_eq!(list.into_iter().count(), 2);
}

#[test]
fn the_time_since_a_user_was_seen_is_read_again() {
    for (seen, now, before) in [
        (json!(1_449_034_486_563_i64), json!("1449034496562"), Some(9_999)),
        (json!("1449034499999"), json!(1_449_034_496_562_i64), Some(0)),
        (json!("never"), json!(1_449_034_496_562_i64), None),
    ] {
        let json = json!({"server_timestamp": now, "users": [{"full_user_id": "anna@example.com", "last_seen": seen}]});
        let list: LastSeenList = serde_json::from_value(json.clone()).expect("a list");
        assert_eq!(list.users[0].seen_before, before.map(Duration::from_millis));
        let list = assert_round_trip(list, json);
        let (_, alone) = round_trip(&list.users[0]);
        assert_eq!(alone, list.users[0]);
    }
}

#[test]
fn credentials_are_read_and_never_written() {
    #[track_caller]
    fn check<T: IsValue>(json: Value, kept: Value) -> T {
        let value: T = serde_json::from_value(json).expect("a value");
        assert!(!format!("{value:?}").contains("canary"), "{value:?}");
        assert_eq!(round_trip(&value).0, kept);
        value
    }
    let name = json!({"domain_name": "example.com"});
    let keys = json!({"domain_name": "example.com", "domain_api_key": "canary", "domain_api_secret": "canary"});
    let domain: DomainDetails = check(keys.clone(), name.clone());
    assert_eq!((domain.api_key.expose(), domain.api_secret.as_ref().map(|it| it.expose())), ("canary", Some("canary")));
    let created: CreatedDomain = check(keys, name.clone());
    assert_eq!((created.api_key.expose(), created.api_secret.expose()), ("canary", "canary"));
    let stored: CreatedDomain = serde_json::from_value(name).expect("a stored one");
    assert!(stored.api_key.is_empty() && stored.api_secret.is_empty());

    let user = json!({"user_id": "russ", "full_user_id": "russ@example.com"});
    let mut keys = user.clone();
    for name in ["user_api_key", "user_api_secret", "user_password"] {
        keys[name] = "canary".into();
    }
    let created: CreatedUser = check(keys.clone(), user.clone());
    assert!(created.api_key.is_some() && created.api_secret.is_some() && created.password.is_some());
    let details: UserDetails = check(keys, user);
    assert!(details.api_key.is_some() && details.api_secret.is_some() && details.password.is_some());
    let anonymous = json!({"user_access_token": "canary", "user_password": "canary", "expires": 1});
    let anonymous: AnonymousUser = check(anonymous, json!({"expires": 1}));
    assert!(anonymous.access_token.is_some());
    // Of an unknown form, so that the token is an unknown field, too.
    let odd = json!({"full_user_id": ["a"], "user_access_token": "canary"});
    check::<AnonymousUser>(odd, json!({"full_user_id": ["a"]}));
    check::<Registration>(
        json!({"user_access_token": "canary", "nested": {"refreshToken": "canary"}}),
        json!({"nested": {}}),
    );
    let configuration: Configuration = check(json!({"domain_access_token": "canary"}), json!({}));
    assert_eq!(configuration.access_token.expose(), "canary");
    let media = json!({"iceserver": [{"url": "turn:a", "credential": "canary"}]});
    let media: SpidrMedia = check(media, json!({"iceserver": [{"url": "turn:a"}]}));
    assert_eq!(media.ice_servers[0].credential.as_ref().map(Secret::expose), Some("canary"));
    check::<SpidrIceServer>(json!({"credential": "canary"}), json!({}));
}

#[test]
fn an_exposed_credential_is_written_and_read() {
    #[track_caller]
    fn check<T>(credential: T)
    where
        Exposed<T>: IsValue,
    {
        let (json, read) = round_trip(&Exposed(credential));
        assert_eq!(json, "canary");
        assert!(!format!("{read:?}").contains("canary"));
    }
    check(Secret::from("canary"));
    check(ApiKey::<Account>::from("canary"));
    check(ApiSecret::<Domain>::from("canary"));
    check(AccessToken::<User>::from("canary"));
}

#[cfg(feature = "push")]
#[test]
fn events_are_serialised_as_frames() {
    use kandy::{ChannelEvent, SessionEvent};

    // Frames as one client family reads them.
    for frame in [
        json!({"message_type": "notification", "message": {"message_type": "gofetch"}}),
        json!({"message_type": "notification", "message": {"messageType": "chat", "UUID": "a1", "more": 1}}),
        json!({"message_type": "notification", "message": {"message_type": "incomingCall", "call_id": "7", "x": 1}}),
        json!({"message_type": "sessionData", "session_id": "0af3", "full_user_id": "a@b", "payload": [1], "x": 1}),
        json!({"message_type": "sessionNotification", "payload": {"message_type": "sessionBoot", "session_id": "1"}}),
        json!({"message_type": "new", "more": {"a": null}}),
    ] {
        let event: ChannelEvent = serde_json::from_value(frame.clone()).expect("an event");
        let event = assert_round_trip(event, frame.clone());
        assert_ne!(event, ChannelEvent::Unknown(kandy::ExtraFields::default()));
        if let ChannelEvent::Session(event) = event {
            assert_round_trip::<SessionEvent>(event, frame);
        }
    }
    let untyped = ChannelEvent::Message(Box::default());
    assert_eq!(round_trip(&untyped).1, untyped);
    let secret: ChannelEvent = serde_json::from_value(json!({"message_type": "new", "token": "canary"})).expect("one");
    assert_eq!(round_trip(&secret).0, json!({"message_type": "new"}));
    let state = ChannelEvent::State(kandy::ChannelState::Connected);
    assert_eq!(state, state.clone());
    assert!(serde_json::to_string(&state).is_err(), "a state is not of the service");
}

/// The types of fields, each with a value.
fn field_types() -> BTreeSet<&'static str> {
    [
        name_of::<GroupImage>(),
        name_of::<GroupMember>(),
        name_of::<LastSeen>(),
        name_of::<Participant>(),
        name_of::<PendingMessage>(),
        name_of::<SpidrApi>(),
        name_of::<SpidrIceServer>(),
        name_of::<SpidrMedia>(),
        name_of::<SpidrVersion>(),
    ]
    .into()
}

/// Data types that are no results, each with a reason.
const NO_RESULTS: &[(&str, &str)] = &[
    ("AddressBookEntry", "an argument"),
    ("AttemptEvent", "borrows from a running call"),
    ("BulkOutcome", "holds the item and the error of a call"),
    ("CallEvent", "borrows from a running call"),
    ("MessageReceived", "borrows from a running inbox"),
    ("Metrics", "a snapshot, which is written and never read"),
    ("Response", "holds a body that may contain credentials"),
    ("SessionEvent", "of the feature `push`; `events_are_serialised_as_frames` checks it"),
    ("TokenOwner", "the key of a token store, with a credential"),
];

/// Appends the names of the structs that callers read: those that are `#[non_exhaustive]`.
fn data_types(folder: &Path, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            data_types(&path, types);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        for declaration in text.split("\n#[non_exhaustive]\npub struct ").skip(1) {
            let name = declaration.split(|c: char| !c.is_alphanumeric()).next().expect("a name");
            types.insert(name.to_owned());
        }
    }
}

/// `examples` covers results; this covers what they consist of.
#[test]
fn every_field_of_a_result_is_a_value() {
    let source = expect_root().join("crates/kandy/src");
    let (mut data, mut outputs) = (BTreeSet::new(), BTreeSet::new());
    data_types(&source, &mut data);
    super::examples::output_types(&source, &mut outputs);
    assert!(data.len() > 40, "{data:?}");
    let fields = field_types();
    let other = |name: &str| NO_RESULTS.iter().any(|(known, _)| *known == name);
    let missing: Vec<_> = data
        .iter()
        .filter(|name| !outputs.contains(*name) && !fields.contains(name.as_str()) && !other(name))
        .collect();
    assert!(missing.is_empty(), "not checked; make it a value and add it to `field_types`: {missing:?}");
    let stale: Vec<_> = NO_RESULTS.iter().filter(|(name, _)| !data.contains(*name)).collect();
    assert!(stale.is_empty(), "there is no such type: {stale:?}");
}
