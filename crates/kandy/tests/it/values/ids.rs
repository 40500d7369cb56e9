//! Ids have the traits that the Rust API guidelines ask for.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, HashMap},
    fmt::{Debug, Display},
    hash::Hash,
    str::FromStr,
};

use kandy::{
    ContactId, ContentId, ConversationId, DeviceId, FullUserId, GroupId, MessageId, SessionId, UserId,
    sys::{Text, Timestamp},
};

use super::{IsValue, round_trip};

/// What every id is; `Borrow<str>` besides, where ids are compared as text.
#[track_caller]
fn check<I>()
where
    I: IsValue + Eq + Ord + Hash + Display + Debug + FromStr + AsRef<str> + for<'a> From<&'a I> + Into<String>,
    I: for<'a> From<&'a str> + for<'a> From<&'a String> + From<String> + PartialEq<str> + for<'a> PartialEq<&'a str>,
{
    let id: I = "abc".parse().unwrap_or_else(|_| panic!("it parses"));
    assert_eq!((id.as_ref(), id.to_string().as_str(), Into::<String>::into(id.clone())), ("abc", "abc", "abc".into()));
    let (same, next): (I, I) = ("abc".into(), "abd".into());
    assert!(id == *"abc" && id == "abc" && id == same && id < next);
    let (json, read) = round_trip(&id);
    assert_eq!((json, read), ("abc".into(), id));
    // The service writes numbers where ids are digits.
    assert_eq!(serde_json::from_str::<I>("13524096582").expect("a number"), "13524096582");
}

#[track_caller]
fn check_map<I: Borrow<str> + Eq + Ord + Hash + for<'a> From<&'a str>>() {
    assert_eq!(HashMap::from([(I::from("russ"), 41)]).get("russ"), Some(&41));
    assert_eq!(BTreeMap::from([(I::from("russ"), 41)]).get("russ"), Some(&41));
}

#[test]
fn every_id_has_the_common_traits() {
    check::<ContactId>();
    check::<ContentId>();
    check::<ConversationId>();
    check::<DeviceId>();
    check::<FullUserId>();
    check::<GroupId>();
    check::<MessageId>();
    check::<SessionId>();
    check::<UserId>();
}

#[test]
fn a_text_finds_an_id_in_a_map() {
    check_map::<ContactId>();
    check_map::<ContentId>();
    check_map::<ConversationId>();
    check_map::<DeviceId>();
    check_map::<FullUserId>();
    check_map::<GroupId>();
    check_map::<SessionId>();
    check_map::<UserId>();
    check_map::<Text>();
}

#[test]
fn message_ids_are_ordered_as_they_are_compared() {
    let with_hyphens = MessageId::from("ABC2fa75-2c3c-4edf-97de-8b0a12f622f0");
    let without = MessageId::from("abc2fa752c3c4edf97de8b0a12f622f0");
    assert_eq!(with_hyphens.cmp(&without), std::cmp::Ordering::Equal);
    assert!(with_hyphens == "abc2fa752c3c4edf97de8b0a12f622f0" && with_hyphens == without);
    let next = MessageId::from("ABD");
    assert!(without < next);
    assert_eq!(BTreeMap::from([(with_hyphens.clone(), 1), (without.clone(), 2)]).len(), 1);
    assert_eq!(HashMap::from([(with_hyphens, 1), (without, 2)]).len(), 1);
}

#[test]
fn texts_and_times_have_the_common_traits() {
    let text: Text = "abc".parse().expect("any text");
    let next = Text::from("abd");
    assert!(text == "abc" && text == *"abc" && text.as_ref() == "abc" && text < next);
    let time: Timestamp = "1400510413000".parse().expect("any text");
    assert_eq!(time.as_millis(), Some(1_400_510_413_000));
}
