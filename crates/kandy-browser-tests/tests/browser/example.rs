//! An emulator in the middle of its work: what pictures show, and what is looked at in every view.

use std::sync::Arc;

use serde_json::json;

use crate::{
    context::Context,
    emulator::{ANNA, Emulator, RUSS},
};

/// It takes two segments.
const LONG_SMS: &str = "We moved you to the terrace, as you asked. The kitchen closes at ten, so please be there in time: the chef \
    has a menu for the two of you, with wine, and a cake for the birthday. See you tonight!";

/// Starts one with SMS, validation codes, chats, a snapshot, faults, and requests that succeeded and that failed.
pub(crate) async fn busy_emulator(context: &Context) -> Arc<Emulator> {
    let emulator = context.emulator();
    for (from, to, text) in [
        (RUSS, ANNA, "Are you still coming to the match tonight?"),
        (ANNA, RUSS, "Yes! The bus is late, I will be there at eight."),
        (RUSS, ANNA, "I keep a seat for you. Block C, row 12."),
        (ANNA, RUSS, "Thank you. Shall I bring something to eat?"),
        (RUSS, ANNA, "Nothing for me – спасибо!"),
    ] {
        emulator.message(from, to, text).await;
    }
    emulator.sms(RUSS, "+12245556661", "Your table for two is booked for 19:30. Reply NO to cancel.").await;
    emulator.sms(ANNA, "+12245556662", "Ваш заказ в пути.").await;
    emulator.sms(RUSS, "+12245556661", LONG_SMS).await;
    emulator.validation_code("2245556661").await;
    emulator.validation_code("2245556663").await;
    emulator.admin("POST", "snapshots/before-the-match", None).await;
    emulator.arm(json!({"kind": "http", "http": 503, "operation": "sms_send", "nth": 1})).await;
    emulator.send("POST", "/v1.2/devices/smss", &[("key", &emulator.token(ANNA).await)], Some(json!({}))).await;
    emulator.arm(json!({"kind": "latency", "latency_ms": 5, "tag": "Device", "probability": 0.5})).await;
    emulator.send("GET", "/v1.2/users/devices", &[("key", "UAT-expired")], None).await;
    emulator.send("GET", "/v1.2/users/nothing", &[("page", "1")], None).await;
    emulator
}
