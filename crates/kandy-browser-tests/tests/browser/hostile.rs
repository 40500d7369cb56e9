//! Texts of others that try to be more than texts. A script that runs, a load and a violation of the policy are problems of a page,
//! which fail each test.

use std::sync::Arc;

use serde_json::json;

use crate::{
    context::Context,
    emulator::{ANNA, RUSS},
    example::busy_emulator,
    page::Look,
};

/// Markup, as it is and as it has to be shown.
const MARKUP: [&str; 6] = [
    "<img src=x onerror=alert(1)>",
    "</p></main><script>alert(2)</script>",
    "'\"><svg onload=alert(3)>",
    "<style>*{display:none}</style>",
    "<a href=\"javascript:alert(4)\">here</a>&amp;",
    "${alert(5)} {{alert(6)}}",
];

/// Characters that nobody sees, with what is shown of them.
const INVISIBLE: [(&str, &str); 5] = [
    ("\u{202e}gnp.exe", "U+202Egnp.exe"),
    ("pay\u{200b}pal", "payU+200Bpal"),
    ("bell\u{7}", "bellU+0007"),
    ("\u{2066}isolated\u{2069}", "U+2066isolatedU+2069"),
    ("zero\u{feff}width", "zeroU+FEFFwidth"),
];

/// What must not be in a view, because no view has such: elements that markup in a text would make.
const MADE_OF_TEXT: &str = "document.querySelectorAll(
    'main script, main style, main img[src=x], main a[href^=\"javascript\"], [onerror], [onload]').length";

pub(crate) async fn texts_are_shown_as_they_are(context: Arc<Context>) {
    let emulator = context.emulator();
    let texts = MARKUP.iter().map(|&text| (text, text)).chain(INVISIBLE);
    for (text, _) in texts.clone() {
        emulator.sms(RUSS, "+12245556661", text).await;
        emulator.message(RUSS, ANNA, text).await;
    }
    for view in ["phones", "chats"] {
        let page = context.open(&emulator, view).await;
        for (_, shown) in texts.clone() {
            page.see(shown).await;
        }
        assert_eq!(page.evaluate(MADE_OF_TEXT).await, 0, "{view}");
    }
}

pub(crate) async fn names_parameters_and_paths_make_no_markup_in_any_view(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    let token = emulator.token(RUSS).await;
    for (name, _) in MARKUP.iter().map(|&text| (text, text)).chain(INVISIBLE) {
        let group = json!({"group_name": name, "members": [ANNA]});
        emulator.send("POST", "/v1.2/users/chatgroups", &[("key", &token)], Some(group)).await;
        emulator.send("GET", "/v1.2/users/devices", &[("key", &token), (name, name)], None).await;
        emulator.send("GET", &format!("/v1.2/nothing/{name}"), &[("a", name)], None).await;
        let device = json!({"device": {"native_id": name, "name": name, "family": name}});
        emulator.send("POST", "/v1.2/users/devices", &[("key", &token)], Some(device)).await;
        let user = json!({"user_id": name, "first_name": name});
        emulator.send("POST", "/v1.2/domains/users", &[("key", &token)], Some(user)).await;
    }
    let page = context.open(&emulator, "").await;
    for view in page.views().await {
        page.show(&view).await;
        assert_eq!(page.evaluate(MADE_OF_TEXT).await, 0, "{view}");
        // Each control that shows more is opened, too.
        for button in page.all("button").await.into_iter().filter(|button| button.name.contains("Details")).take(12) {
            drop(page.click_on(&button).await);
            page.settle().await;
            assert_eq!(page.evaluate(MADE_OF_TEXT).await, 0, "{view}: {}", button.name);
        }
    }
}

pub(crate) async fn long_words_and_emoji_do_not_widen_the_page(context: Arc<Context>) {
    let emulator = context.emulator();
    let word = "Donaudampfschifffahrt".repeat(12);
    let emoji = "🙂🇩🇪👩‍👩‍👧‍👦".repeat(12);
    for text in [word.as_str(), &emoji] {
        emulator.sms(RUSS, "+12245556661", text).await;
        emulator.message(RUSS, ANNA, text).await;
        emulator.send("GET", &format!("/v1.2/{text}"), &[("name", text)], None).await;
        let group = json!({"group_name": text});
        emulator.send("POST", "/v1.2/users/chatgroups", &[("key", &emulator.token(RUSS).await)], Some(group)).await;
    }
    for look in [Look::ALL[0], Look::ALL[2]] {
        let page = context.open_as(&emulator, "", look).await;
        for view in page.views().await {
            page.show(&view).await;
            page.assert_fits(&format!("{view} at {}", look.name())).await;
            // A joiner between the pictures of a family is no invisible character.
            assert_eq!(page.evaluate("document.querySelectorAll('.invisible').length").await, 0, "{view}");
        }
    }
}
