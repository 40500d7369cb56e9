//! Limits of the memory that clients can use.

use std::time::Duration;

use kandy_emulator::InjectedFault;
use serde_json::{Value, json};

use crate::fixture::Kandy;

#[tokio::test]
async fn number_of_armed_faults_is_bounded() {
    let kandy = Kandy::start();
    let arm = async || {
        let request =
            kandy.http.post(kandy.admin_url("faults")).json(&json!({"kind": "stall", "operation": "sms_send"}));
        let response = request.send().await.expect("a response");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    assert_eq!(arm().await.0, 200);
    for _ in 1..1000 {
        kandy.emulator.inject(InjectedFault::latency(Duration::ZERO).on("sms_send"));
    }
    let (http, refused) = arm().await;
    assert_eq!((http, &refused["status"]), (400, &json!(12)), "{refused}");
    assert!(refused["message"].as_str().is_some_and(|text| text.contains("remove some")), "{refused}");
    kandy.http.delete(kandy.admin_url("faults/1")).send().await.expect("a response");
    assert_eq!(arm().await.0, 200, "there is room again");
    kandy.http.post(kandy.admin_url("reset")).send().await.expect("a response");
    assert_eq!(arm().await.0, 200, "a reset makes room, too");
}
