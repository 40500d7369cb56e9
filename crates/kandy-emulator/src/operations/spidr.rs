//! Where SPiDR, the call server, is said to be. There is none: the names are those of nobody.

use serde_json::{Value, json};

/// The configuration that everybody is answered.
pub(crate) fn configuration() -> Value {
    json!({
        "REST_server_address": "spidr.example.com",
        "REST_server_port": 443,
        "REST_protocol": "https",
        "REST_API_version": "latest",
        "webSocket_server_address": "spidr.example.com",
        "webSocket_server_port": 443,
        "webSocket_secure": true,
        "ICE_servers": ["stun:stun.example.com:3478"],
        "ICE_server_address": "stun.example.com",
        "ICE_server_port": 3478,
        "use_DTLS": true,
        "audit_enable": true,
    })
}
