//! Texts in the frames of the data channel.

use kandy::{Error, Kandy};
use serde_json::{Value, json};

use super::{for_all, texts};

/// Each argument and the member of the frame that it becomes.
const ARGUMENTS: [&str; 2] = ["session_id", "destination"];

#[test]
fn each_text_arrives_or_is_refused() {
    let channel = Kandy::new().expect("a client").user_with_token("UAT").channel();
    for_all((texts(), texts(), texts()), |(session_id, destination, payload)| {
        let call = channel.send_session_data(session_id.as_str(), &payload).to(destination.as_str());
        match call.preview() {
            Ok(frame) => {
                let expected = json!({"message_type": "sessionData", "session_id": session_id,
                    "destination": destination, "payload": payload});
                assert_eq!(serde_json::from_str::<Value>(&frame).expect("JSON"), expected);
            }
            Err(Error::Argument(error)) => assert!(ARGUMENTS.contains(&error.argument()), "{error}"),
            Err(error) => panic!("{error}"),
        }
        Ok(())
    });
}

#[test]
fn a_valid_text_is_sent() {
    let channel = Kandy::new().expect("a client").user_with_token("UAT").channel();
    for_all(texts(), |text| {
        let frame = channel.send_session_data("0af3", &text).to("anna@example.com").preview().expect("a frame");
        assert_eq!(serde_json::from_str::<Value>(&frame).expect("JSON")["payload"], text);
        Ok(())
    });
}
