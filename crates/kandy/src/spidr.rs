//! [`SpidrConfiguration`]: the addresses and settings of SPiDR, the call server. Data types only; the calls that return
//! it are in `user_configuration` and `domain`.

use kandy_sys::{ExtraFields, Number, Secret, Text, types};

use crate::{Result, error::Error};

/// The addresses and settings of SPiDR, the call server, which a client needs to make calls.
///
/// The service writes numbers and flags as JSON values or as strings. A string that is not a number, such as an empty
/// port, and a flag that is neither `true` nor `false` are `None` here.
#[derive(Clone, Debug)]
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

/// The settings of the vendor's call library.
#[derive(Clone, Debug)]
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

/// The media settings of the vendor's call library.
#[derive(Clone, Debug)]
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

/// An ICE server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpidrIceServer {
    /// URL of the server.
    pub url: Option<String>,
    /// Credential for the server; `None` if it is empty.
    pub credential: Option<Secret>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

/// A version of the settings of the vendor's call library.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpidrVersion {
    /// The settings.
    pub fcs_api: Option<SpidrApi>,
    /// Whether requests use a proxy.
    pub use_proxy: Option<bool>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

impl SpidrConfiguration {
    /// Reads the configuration in a response.
    pub(crate) fn read(details: types::SpidrConfigurationDetails) -> Result<Self> {
        let configuration = details.spidr_configuration.map(Into::into);
        configuration.ok_or_else(|| Error::missing("result.spidr_configuration"))
    }
}

fn number(number: Option<Number>) -> Option<i64> {
    number.and_then(|number| number.as_i64())
}

/// Reads a flag that is a JSON value or a string.
fn flag(flag: Option<Text>) -> Option<bool> {
    // `Text` reads JSON booleans as `true` and `false`.
    flag.and_then(|flag| flag.as_str().trim().to_ascii_lowercase().parse().ok())
}

impl From<types::SpidrConfiguration> for SpidrConfiguration {
    fn from(configuration: types::SpidrConfiguration) -> Self {
        Self {
            rest_server_address: configuration.rest_server_address,
            rest_server_port: number(configuration.rest_server_port),
            rest_protocol: configuration.rest_protocol,
            rest_api_version: configuration.rest_api_version.map(Into::into),
            web_socket_server_address: configuration.web_socket_server_address,
            web_socket_server_port: number(configuration.web_socket_server_port),
            web_socket_secure: flag(configuration.web_socket_secure),
            ice_servers: configuration.ice_servers.unwrap_or_default().into_iter().map(Into::into).collect(),
            ice_server_address: configuration.ice_server_address,
            ice_server_port: number(configuration.ice_server_port),
            ice_collection_timeout: number(configuration.ice_collection_timeout),
            use_dtls: flag(configuration.use_dtls),
            audit_enable: flag(configuration.audit_enable),
            audit_packet_frequency: number(configuration.audit_packet_frequency),
            subscription_expire_time_seconds: number(configuration.subscription_expire_time_seconds),
            preferred_audio_codec: configuration.preferred_audio_codec_enum.map(Into::into),
            fcs_api: configuration.fcs_api.map(Into::into),
            fcs_media: configuration.fcs_media.map(Into::into),
            versions: configuration.versions.unwrap_or_default().into_iter().map(Into::into).collect(),
            extra: configuration.extra,
        }
    }
}

impl From<types::SpidrApi> for SpidrApi {
    fn from(api: types::SpidrApi) -> Self {
        Self {
            rest_url: api.rest_url,
            rest_port: number(api.rest_port),
            protocol: api.protocol,
            websocket_ip: api.websocket_ip,
            websocket_port: number(api.websocket_port),
            websocket_protocol: api.websocket_protocol,
            server_provided_turn_credentials: flag(api.server_provided_turn_credentials),
            audit_enable: flag(api.audit_enable),
            audit_packet_frequency: number(api.audit_packet_frequency),
            subscription_expire_time_seconds: number(api.subscription_expire_time_seconds),
            ice_candidate_collection_timeout: number(api.ice_candidate_collection_timeout_interval),
            extra: api.extra,
        }
    }
}

impl From<types::SpidrMedia> for SpidrMedia {
    fn from(media: types::SpidrMedia) -> Self {
        Self {
            ice_servers: media.iceserver.unwrap_or_default().into_iter().map(Into::into).collect(),
            plugin_mode: media.plugin_mode,
            webrtc_dtls: flag(media.webrtcdtls),
            extra: media.extra,
        }
    }
}

impl From<types::SpidrIceServer> for SpidrIceServer {
    fn from(server: types::SpidrIceServer) -> Self {
        Self {
            url: server.url,
            credential: server.credential.filter(|credential| !credential.is_empty()),
            extra: server.extra,
        }
    }
}

impl From<types::SpidrVersion> for SpidrVersion {
    fn from(version: types::SpidrVersion) -> Self {
        Self { fcs_api: version.fcs_api.map(Into::into), use_proxy: flag(version.use_proxy), extra: version.extra }
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
        let spidr = SpidrConfiguration::from(read);
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
