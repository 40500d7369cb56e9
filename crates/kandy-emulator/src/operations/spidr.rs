//! The configuration of SPiDR, the call server. The emulator has none: the host names are reserved example names.
//!
//! Depends on nothing.

use serde_json::{Value, json};

/// Returns the same configuration to all callers.
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
