//! What a user does: clicks, types, presses keys.

use std::path::Path;

use chromiumoxide::cdp::browser_protocol::{
    dom::{GetContentQuadsParams, ScrollIntoViewIfNeededParams, SetFileInputFilesParams},
    input::{
        DispatchKeyEventParams, DispatchKeyEventType, DispatchMouseEventParams, DispatchMouseEventType,
        InsertTextParams, MouseButton,
    },
};
use serde_json::{Value, json};

use super::{Element, GIVE_UP_MS, Page};

/// Whether a click at a point reaches an element.
const IS_HIT: &str = "function(x, y) {
    const hit = document.elementFromPoint(x, y);
    return this.isConnected && (this === hit || this.contains(hit) || hit?.closest('label')?.control === this);
}";

/// Notes whether a click arrives: an element that the page replaces between press and release gets none.
const NOTE_CLICK: &str = "function() {
    globalThis.isClicked = false;
    this.addEventListener('click', () => { globalThis.isClicked = true; }, { once: true, capture: true });
}";

/// Chooses an option of a list by its text, as its popup does.
const CHOOSE: &str = "function(text) {
    const option = [...this.options].find((option) => option.text === text);
    if (!option) throw new Error(`no ${text} in ${[...this.options].map((option) => option.text)}`);
    this.value = option.value;
    this.dispatchEvent(new Event('input', { bubbles: true }));
    this.dispatchEvent(new Event('change', { bubbles: true }));
}";

impl Page {
    /// Clicks on the element with this role and name, once it is there and nothing covers it.
    pub(crate) async fn click(&self, role: &str, name: &str) {
        let begun = std::time::Instant::now();
        loop {
            let element = self.find(role, name).await;
            match self.click_on(&element).await {
                Ok(()) => return,
                // It was replaced since, or it moves.
                Err(_) if begun.elapsed().as_millis() < GIVE_UP_MS.into() => self.frame().await,
                Err(error) => panic!("a click on the {role} {name:?}: {error}"),
            }
        }
    }

    /// Clicks in the middle of an element.
    pub(crate) async fn click_on(&self, element: &Element) -> Result<(), String> {
        let (x, y) = self.middle(element).await?;
        if self.call_on(element, IS_HIT, &[json!(x), json!(y)]).await? != Value::Bool(true) {
            return Err("something covers it".to_owned());
        }
        self.call_on(element, NOTE_CLICK, &[]).await?;
        for kind in [
            DispatchMouseEventType::MouseMoved,
            DispatchMouseEventType::MousePressed,
            DispatchMouseEventType::MouseReleased,
        ] {
            let params = DispatchMouseEventParams::builder().r#type(kind.clone()).x(x).y(y);
            let params = match kind {
                DispatchMouseEventType::MouseMoved => params,
                _ => params.button(MouseButton::Left).click_count(1),
            };
            self.page.execute(params.build().expect("complete")).await.map_err(|error| error.to_string())?;
        }
        match self.try_evaluate("globalThis.isClicked").await? {
            Value::Bool(false) => Err("the page replaced it meanwhile".to_owned()),
            _ => Ok(()),
        }
    }

    /// The middle of an element, after it was scrolled into view.
    async fn middle(&self, element: &Element) -> Result<(f64, f64), String> {
        let scroll = ScrollIntoViewIfNeededParams::builder().backend_node_id(element.id).build();
        self.page.execute(scroll).await.map_err(|error| error.to_string())?;
        let quads = GetContentQuadsParams::builder().backend_node_id(element.id).build();
        let quads = self.page.execute(quads).await.map_err(|error| error.to_string())?;
        // Four corners, each as x and y.
        let quad = quads.result.quads.first().ok_or("it has no size")?.inner();
        let [x1, y1, _, _, x3, y3, _, _] = quad[..] else { return Err("it has no corners".to_owned()) };
        Ok((f64::midpoint(x1, x3), f64::midpoint(y1, y3)))
    }

    /// Types a text into the field with this role and name, in place of what it has.
    pub(crate) async fn fill(&self, role: &str, name: &str, text: &str) {
        self.click(role, name).await;
        self.evaluate("document.activeElement.select()").await;
        self.type_text(text).await;
    }

    /// Types a text where the focus is.
    pub(crate) async fn type_text(&self, text: &str) {
        if text.is_empty() {
            self.press("Delete").await;
        } else {
            self.page.execute(InsertTextParams::new(text)).await.expect("typed");
        }
    }

    /// Chooses an option of the list with this name.
    pub(crate) async fn choose(&self, name: &str, option: &str) {
        let list = self.find("combobox", name).await;
        self.call_on(&list, CHOOSE, &[json!(option)]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Chooses a file in the field of this name.
    pub(crate) async fn choose_file(&self, name: &str, file: &Path) {
        let field = self.find_like("button", name).await;
        let params = SetFileInputFilesParams::builder().file(file.display().to_string()).backend_node_id(field.id);
        self.page.execute(params.build().expect("complete")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Presses and releases a key: `Tab`, `Enter`, `Shift+Tab` and the like.
    pub(crate) async fn press(&self, key: &str) {
        let (modifiers, key) = key.strip_prefix("Shift+").map_or((0, key), |key| (8, key));
        // What a key types, and its number.
        let (name, text, code) = match key {
            "Tab" => ("Tab", None, 9),
            "Enter" => ("Enter", Some("\r"), 13),
            "Space" => (" ", Some(" "), 32),
            "Escape" => ("Escape", None, 27),
            "Delete" => ("Delete", None, 46),
            "ArrowDown" => ("ArrowDown", None, 40),
            "ArrowUp" => ("ArrowUp", None, 38),
            _ => panic!("the key {key} is not in this list yet"),
        };
        for kind in [DispatchKeyEventType::KeyDown, DispatchKeyEventType::KeyUp] {
            let mut params = DispatchKeyEventParams::builder()
                .r#type(kind.clone())
                .key(name)
                .code(key)
                .modifiers(modifiers)
                .windows_virtual_key_code(code);
            if let (DispatchKeyEventType::KeyDown, Some(text)) = (kind, text) {
                params = params.text(text);
            }
            self.page.execute(params.build().expect("complete")).await.expect("pressed");
        }
    }
}
