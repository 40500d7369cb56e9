//! The configuration of SPiDR, the call server.
//!
//! Depends on `protocol::server_address`.

use serde_json::{Value, json};

use crate::protocol::server_address::ServerAddress;

/// Returns the configuration, which names the emulator itself. The servers that help to connect calls do not exist:
/// their host names are reserved example names.
pub(crate) fn configuration(server: &ServerAddress) -> Value {
    json!({
        "REST_server_address": server.url_host(),
        "REST_server_port": server.port,
        "REST_protocol": if server.is_secure { "https" } else { "http" },
        "REST_API_version": "latest",
        "webSocket_server_address": server.url_host(),
        "webSocket_server_port": server.port,
        "webSocket_secure": server.is_secure,
        "ICE_servers": ["stun:stun.example.com:3478"],
        "ICE_server_address": "stun.example.com",
        "ICE_server_port": 3478,
        "use_DTLS": true,
        "audit_enable": true,
    })
}
