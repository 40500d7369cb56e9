//! The mask of one request, the names that announce a credential, and failures whose sources repeat a secret.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use serde_json::json;

use super::{names::announces_credential, *};
use crate::transport_failure::TransportFailure;

fn mask_of(secrets: &[&str]) -> SecretMask {
    let mut mask = SecretMask::default();
    secrets.iter().for_each(|secret| mask.add(*secret));
    mask
}

#[test]
fn a_mask_finds_the_secrets_that_were_added_and_what_looks_like_one() {
    let mut mask = mask_of(&["hunter22", "", "hunter22"]);
    assert_eq!(format!("{mask:?}"), "SecretMask { secrets: 1 }", "an empty one would mask nothing, and one is enough");
    mask.extend(&mask_of(&["correct horse", "hunter22"]));
    assert_eq!(format!("{mask:?}"), "SecretMask { secrets: 2 }");
    for (text, masked, known) in [
        ("russ", "russ", "russ"),
        ("hunter22 of russ", "*** of russ", "*** of russ"),
        ("CORRECT HORSE", "***", "***"),
        ("password=abc1, hunter22", "password=***, ***", "password=abc1, ***"),
        ("password=abc1", "password=***", "password=abc1"),
    ] {
        assert_eq!((&*mask.text(text), &*mask.known_values(text)), (masked, known), "{text}");
        let mut in_place = text.to_owned();
        mask.mask_in_place(&mut in_place);
        assert_eq!(in_place, masked);
        assert_eq!(matches!(mask.text(text), Cow::Borrowed(_)), text == masked, "{text}: copied only if it changes");
    }
}

#[test]
fn a_mask_takes_every_text_and_number_below_a_credential() {
    let value = json!({
        "user_id": "russ",
        "user_password": "hunter22",
        "domain_api_secret": 12345678,
        "access_tokens": ["first1", {"of": "second2"}, null, true],
        "users": [{"user_password": "third333", "age": 41}],
    });
    let mut mask = SecretMask::default();
    mask.add_json(&value);
    assert_eq!(format!("{mask:?}"), "SecretMask { secrets: 5 }");
    let text = "hunter22 12345678 first1 second2 third333 russ 41 true";
    assert_eq!(mask.known_values(text), "*** *** *** *** *** russ 41 true");
    for without in [json!(null), json!("hunter22"), json!([1, "hunter22"]), json!({"user_id": "hunter22"})] {
        let mut mask = SecretMask::default();
        mask.add_json(&without);
        assert_eq!(format!("{mask:?}"), "SecretMask { secrets: 0 }", "{without}");
    }
}

#[test]
fn a_mask_of_a_url_has_the_credentials_of_its_query_decoded() {
    let url = "https://api.kandy.io/v1.2/users?key=tok%20en1&user_id=russ&user_password=hunter22";
    let mask = SecretMask::of_url(&url.parse().expect("a URL"));
    assert_eq!(mask.known_values("tok en1 tok%20en1 hunter22 russ"), "*** *** *** russ");
}

#[test]
fn words_announce_a_credential() {
    for (word, announces, may_hold) in [
        ("pwd", true, true),
        ("Passwd", true, true),
        ("passphrase", true, false),
        ("authorization", true, false),
        ("bearer", true, false),
        ("key", true, true),
        ("license-key", true, true),
        ("license_key", true, true),
        ("user-pwd", true, true),
        ("myapikey", true, true),
        ("user_api_secret", true, true),
        ("validation_code", true, true),
        ("keyboard", false, true),
        ("user_id", false, false),
        ("code", false, false),
        ("", false, false),
    ] {
        assert_eq!((announces_credential(word), may_hold_credential(word)), (announces, may_hold), "{word}");
    }
}

/// A failure with a source, whose `Debug` may tell more than its text.
struct Layer {
    text: &'static str,
    debug: &'static str,
    source: Option<Box<Layer>>,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.debug)
    }
}

impl StdError for Layer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[test]
fn a_failure_is_masked_in_each_layer_or_returned_as_it_is() {
    let layer = |text, debug, source: Option<Layer>| Layer { text, debug, source: source.map(Box::new) };
    for (failure, texts, is_same) in [
        (layer("broken", "Broken", Some(layer("reset", "Reset", None))), &["broken", "reset"][..], true),
        (layer("no hunter22", "No", Some(layer("reset", "Reset", None))), &["no ***", "reset"], false),
        (layer("broken", "Broken", Some(layer("by hunter22", "By", None))), &["broken", "by ***"], false),
        (layer("broken", "Broken(hunter22)", None), &["broken"], false),
        (layer("password=abc1", "P", None), &["password=***"], false),
    ] {
        let masked = mask_of(&["hunter22"]).failure(Arc::new(failure) as TransportFailure);
        let mut found = vec![];
        let mut next: Option<&(dyn StdError + 'static)> = Some(masked.as_ref());
        while let Some(error) = next {
            let debug = format!("{error:?}");
            assert!(!debug.is_empty() && !debug.contains("hunter22") && !debug.contains("abc1"), "{debug}");
            found.push(error.to_string());
            next = error.source();
        }
        assert_eq!(found, texts);
        let first: &(dyn StdError + 'static) = masked.as_ref();
        assert_eq!(first.downcast_ref::<Layer>().is_some(), is_same, "{texts:?}");
    }
}
