//! The page by keyboard alone.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    context::Context,
    emulator::{ANNA, RUSS},
    example::busy_emulator,
    page::{Page, quoted},
};

/// Collects the elements that take the focus by Tab. Of the options of a group only one does.
const CONTROLS: &str = "globalThis.missed = new Set([...document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')].filter((element) =>
    !element.disabled && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }) &&
    !(element.type === 'radio' && !element.checked) && !element.closest('[inert]'))); missed.size";

/// Describes the element with the focus: whether it can be seen that it has it, and whether it is in the window.
const FOCUSED: &str = "(() => {
    const element = document.activeElement;
    globalThis.missed?.delete(element);
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return {
        name: `${element.localName} ${element.getAttribute('aria-label') ?? element.innerText.slice(0, 40)}`,
        // The parts of a field for a date have the focus one after another, and the browser marks them itself.
        isMarked: (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || element.type === 'datetime-local',
        isInside: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight,
        isBody: element === document.body,
    };
})()";

async fn focused(page: &Page) -> Value {
    page.evaluate(FOCUSED).await
}

/// Presses Tab until the element with this text or label has the focus.
async fn tab_to(page: &Page, name: &str) {
    let mut seen = Vec::new();
    for _ in 0..200 {
        page.press("Tab").await;
        let now = focused(page).await["name"].as_str().expect("text").to_owned();
        if now.split_once(' ').is_some_and(|(_, now)| now == name) {
            return;
        }
        seen.push(now);
    }
    panic!("Tab does not reach {name:?}, only {seen:?}");
}

pub(crate) async fn tab_reaches_every_control_and_marks_it(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    let views = context.open(&emulator, "").await.views().await;
    for view in views {
        let page = context.open(&emulator, &view).await;
        page.settle().await;
        let count = page.evaluate(CONTROLS).await.as_u64().expect("a number");
        assert!(count > 8, "{view} has {count} controls");
        for _ in 0..count + 40 {
            page.press("Tab").await;
            let now = focused(&page).await;
            if now["isBody"] == true {
                continue;
            }
            assert!(now["isMarked"] == true && now["isInside"] == true, "{view}: {now}");
        }
        let missed = page.evaluate("[...missed].map((element) => element.outerHTML.slice(0, 120))").await;
        assert_eq!(missed, serde_json::json!([]), "{view}");
    }
}

pub(crate) async fn the_first_link_skips_the_navigation(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    let page = context.open(&emulator, "snapshots").await;
    page.settle().await;
    page.press("Tab").await;
    let first = focused(&page).await;
    assert!(first["name"].as_str().is_some_and(|name| name.contains("Skip")), "{first}");
    assert_eq!(first["isInside"], true, "it can be seen while it has the focus");
    page.press("Enter").await;
    page.wait("the focus in the view", "document.activeElement.closest('main')").await;
    page.press("Tab").await;
    assert_eq!(page.evaluate("Boolean(document.activeElement.closest('main'))").await, true);
    page.see("before-the-match").await;
}

pub(crate) async fn views_are_opened_and_used(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    let page = context.open(&emulator, "phones").await;
    page.settle().await;
    tab_to(&page, "Snapshots").await;
    page.press("Enter").await;
    page.find("heading", "Snapshots").await;
    page.see("before-the-match").await;
    tab_to(&page, "Keep").await;
    page.press("Space").await;
    page.see("The state is kept as").await;

    let page = context.open(&emulator, "chats").await;
    page.find("list", &format!("Messages of {RUSS}")).await;
    page.find("textbox", &format!("Write as {ANNA}")).await;
    // A field has no text of its own; it is found by its label.
    let is_field =
        format!("document.activeElement.labels?.[0]?.innerText.includes({})", quoted(&format!("Write as {ANNA}")));
    for _ in 0..100 {
        page.press("Tab").await;
        if page.evaluate(&is_field).await == true {
            break;
        }
    }
    page.type_text("typed without a mouse").await;
    page.press("Enter").await;
    page.see("typed without a mouse").await;
}
