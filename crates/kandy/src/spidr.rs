//! [`SpidrConfiguration`]: the addresses and settings of SPiDR, the call server. Data types only; the calls that return
//! it are in `user_configuration` and `domain`.

use kandy_sys::{ExtraFields, Secret, types};

use crate::{
    Result,
    error::Error,
    value::{from_generated, value},
};

/// The addresses and settings of SPiDR, the call server, which a client needs to make calls.
///
/// The service writes numbers and flags as JSON values or as strings. A string that is not a number, such as an empty
/// port, and a flag that is neither `true` nor `false` are `None` here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpidrConfiguration {
    /// Host name of the server for requests.
    pub rest_server_address: Option<String>,
    /// Port of the server for requests.
    pub rest_server_port: Option<i64>,
    /// Protocol for requests, such as `https`.
    pub rest_protocol: Option<String>,
    /// Version of the call server's API, such as `latest`.
    pub rest_api_version: Option<String>,
    /// Host name of the server for the WebSocket.
    pub web_socket_server_address: Option<String>,
    /// Port of the server for the WebSocket.
    pub web_socket_server_port: Option<i64>,
    /// Whether the WebSocket is secure (`wss`).
    pub web_socket_secure: Option<bool>,
    /// URLs of the ICE servers.
    pub ice_servers: Vec<String>,
    /// Host name of an ICE server.
    pub ice_server_address: Option<String>,
    /// Port of that ICE server.
    pub ice_server_port: Option<i64>,
    /// How long ICE candidates are gathered; very likely in milliseconds.
    pub ice_collection_timeout: Option<i64>,
    /// Whether media are encrypted with DTLS.
    pub use_dtls: Option<bool>,
    /// Whether active calls are checked periodically.
    pub audit_enable: Option<bool>,
    /// The interval of these checks; very likely in milliseconds.
    pub audit_packet_frequency: Option<i64>,
    /// How long a subscription lasts, in seconds.
    pub subscription_expire_time_seconds: Option<i64>,
    /// The preferred audio codec.
    pub preferred_audio_codec: Option<String>,
    /// The settings of the vendor's call library.
    pub fcs_api: Option<SpidrApi>,
    /// The media settings of the vendor's call library.
    pub fcs_media: Option<SpidrMedia>,
    /// One entry for each version of the settings.
    pub versions: Vec<SpidrVersion>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    SpidrConfiguration as SpidrConfiguration {
        rest_server_address: rest_server_address,
        rest_server_port: rest_server_port,
        rest_protocol: rest_protocol,
        rest_api_version: rest_api_version,
        web_socket_server_address: web_socket_server_address,
        web_socket_server_port: web_socket_server_port,
        web_socket_secure: web_socket_secure,
        ice_servers: ice_servers,
        ice_server_address: ice_server_address,
        ice_server_port: ice_server_port,
        ice_collection_timeout: ice_collection_timeout,
        use_dtls: use_dtls,
        audit_enable: audit_enable,
        audit_packet_frequency: audit_packet_frequency,
        subscription_expire_time_seconds: subscription_expire_time_seconds,
        preferred_audio_codec: preferred_audio_codec_enum,
        fcs_api: fcs_api,
        fcs_media: fcs_media,
        versions: versions,
        extra: extra,
    }
}

from_generated!(SpidrConfiguration as SpidrConfiguration);

/// The settings of the vendor's call library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpidrApi {
    /// Host name of the server for requests.
    pub rest_url: Option<String>,
    /// Port of the server for requests.
    pub rest_port: Option<i64>,
    /// Protocol for requests, such as `https`.
    pub protocol: Option<String>,
    /// Host name of the server for the WebSocket.
    pub websocket_ip: Option<String>,
    /// Port of the server for the WebSocket.
    pub websocket_port: Option<i64>,
    /// Protocol of the WebSocket, such as `wss`.
    pub websocket_protocol: Option<String>,
    /// Whether the server provides the credentials for TURN.
    pub server_provided_turn_credentials: Option<bool>,
    /// Whether active calls are checked periodically.
    pub audit_enable: Option<bool>,
    /// The interval of these checks; very likely in milliseconds.
    pub audit_packet_frequency: Option<i64>,
    /// How long a subscription lasts, in seconds.
    pub subscription_expire_time_seconds: Option<i64>,
    /// How long ICE candidates are gathered; very likely in milliseconds.
    pub ice_candidate_collection_timeout: Option<i64>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    SpidrApi as SpidrApi {
        rest_url: rest_url,
        rest_port: rest_port,
        protocol: protocol,
        websocket_ip: websocket_ip,
        websocket_port: websocket_port,
        websocket_protocol: websocket_protocol,
        server_provided_turn_credentials: server_provided_turn_credentials,
        audit_enable: audit_enable,
        audit_packet_frequency: audit_packet_frequency,
        subscription_expire_time_seconds: subscription_expire_time_seconds,
        ice_candidate_collection_timeout: ice_candidate_collection_timeout_interval,
        extra: extra,
    }
}

from_generated!(SpidrApi as SpidrApi);

/// The media settings of the vendor's call library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpidrMedia {
    /// The ICE servers.
    pub ice_servers: Vec<SpidrIceServer>,
    /// Whether a browser plug-in is used, such as `auto`.
    pub plugin_mode: Option<String>,
    /// Whether media are encrypted with DTLS.
    pub webrtc_dtls: Option<bool>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    SpidrMedia as SpidrMedia {
        ice_servers: iceserver,
        plugin_mode: plugin_mode,
        webrtc_dtls: webrtcdtls,
        extra: extra,
    }
}

from_generated!(SpidrMedia as SpidrMedia);

/// An ICE server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpidrIceServer {
    /// URL of the server.
    pub url: Option<String>,
    /// Credential for the server; `None` if it is empty.
    pub credential: Option<Secret>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    SpidrIceServer as SpidrIceServer {
        url: url,
        credential: credential,
        extra: extra,
    }
}

from_generated!(SpidrIceServer as SpidrIceServer);

/// A version of the settings of the vendor's call library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpidrVersion {
    /// The settings.
    pub fcs_api: Option<SpidrApi>,
    /// Whether requests use a proxy.
    pub use_proxy: Option<bool>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    SpidrVersion as SpidrVersion {
        fcs_api: fcs_api,
        use_proxy: use_proxy,
        extra: extra,
    }
}

from_generated!(SpidrVersion as SpidrVersion);

impl SpidrConfiguration {
    /// Reads the configuration in a response.
    pub(crate) fn read(details: types::SpidrConfigurationDetails) -> Result<Self> {
        let configuration = details.spidr_configuration.map(Into::into);
        configuration.ok_or_else(|| Error::missing("result.spidr_configuration"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_flags_are_read_in_every_form() {
        let read: types::SpidrConfiguration = serde_json::from_value(serde_json::json!({
            "REST_server_port": 443,
            "webSocket_server_port": "8582",
            "ICE_server_port": "",
            "use_DTLS": false,
            "audit_enable": "true",
            "webSocket_secure": "perhaps",
            "audit_packet_frequency": null,
            "versions": [{"useProxy": "false", "fcsApi": {}}],
            "fcsMedia": {"iceserver": [{"url": "turn:a", "credential": "canary"}, {"credential": ""}]},
            "server_certificate": "canary",
        }))
        .expect("a configuration");
        let spidr: SpidrConfiguration = read.into();
        assert_eq!(
            (spidr.rest_server_port, spidr.web_socket_server_port, spidr.ice_server_port),
            (Some(443), Some(8582), None)
        );
        assert_eq!((spidr.use_dtls, spidr.audit_enable, spidr.web_socket_secure), (Some(false), Some(true), None));
        assert_eq!(spidr.versions[0].use_proxy, Some(false));
        assert_eq!(spidr.extra["server_certificate"], "canary");
        let media = spidr.fcs_media.as_ref().expect("there");
        let credentials = media.ice_servers.iter().map(|server| server.credential.as_ref().map(Secret::expose));
        assert_eq!(credentials.collect::<Vec<_>>(), [Some("canary"), None]);
        assert!(!format!("{spidr:?}").contains("canary"), "{spidr:?}");
    }

    #[test]
    fn a_missing_configuration_is_an_error() {
        let empty = serde_json::from_str("{}").expect("an object");
        let error = SpidrConfiguration::read(empty).expect_err("it is missing");
        assert!(error.to_string().contains("result.spidr_configuration"), "{error}");
    }
}
