//! Paths of SPiDR: `/rest/version/1/user/russ@example.com/subscription`.
//!
//! Depends on `state::id`. Begin with `Target::parse`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::state::id::Id;

/// What the paths begin with.
const BASE_PATH: &str = "/rest/version/";
/// The paths below which the service has a proxy for SPiDR, which some clients use.
const GATEWAYS: [&str; 2] = ["/v1.1/users/gateway", "/v1.2/users/gateway"];

/// Whose resources a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// A user, by the full user id.
    User(Cow<'a, str>),
    /// A caller without an account.
    Anonymous,
}

/// A resource of an owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    IsAlive,
    Subscriptions,
    Subscription(Id),
    LongPolling(Id),
    WebSocket(Id),
    PresenceWatcher,
    Presence,
    Call,
}

/// A path in its parts.
pub(crate) struct Target<'a> {
    /// The path up to the owner, as it was sent: `/rest/version/1/user/russ@example.com`.
    pub(crate) prefix: &'a str,
    pub(crate) owner: Owner<'a>,
    pub(crate) resource: Resource,
}

/// Whether a path belongs to SPiDR. The path is in lower case.
pub(crate) fn is_spidr(path: &str) -> bool {
    below_gateway(path).starts_with(BASE_PATH)
}

fn below_gateway(path: &str) -> &str {
    GATEWAYS.iter().find_map(|gateway| path.strip_prefix(gateway)).unwrap_or(path)
}

impl<'a> Target<'a> {
    /// Reads a path as it was sent. None if SPiDR has no such path.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        // The version is any: the clients send `1` and `latest` for different resources.
        let (_, rest) = below_gateway(path).strip_prefix(BASE_PATH)?.split_once('/')?;
        if rest == "isAlive" {
            return Some(Self { prefix: path, owner: Owner::Anonymous, resource: Resource::IsAlive });
        }
        let (kind, rest) = rest.split_once('/')?;
        let (name, rest) = rest.split_once('/')?;
        let owner = match kind {
            "user" => Owner::User(percent_decode_str(name).decode_utf8().ok()?),
            "anonymous" => Owner::Anonymous,
            _ => return None,
        };
        // `rest` is the end of `path`, and a slash is before it.
        let prefix = path.get(..path.len() - rest.len() - 1)?;
        let (first, rest) = rest.split_once('/').map_or((rest, None), |(first, rest)| (first, Some(rest)));
        let id = rest.and_then(Id::from_lower_hex);
        let resource = match (first, rest) {
            ("subscription", None) => Resource::Subscriptions,
            ("subscription", _) => Resource::Subscription(id?),
            ("notification", _) => Resource::LongPolling(id?),
            ("websocket", _) => Resource::WebSocket(id?),
            ("presenceWatcher", None) => Resource::PresenceWatcher,
            ("presence", None) => Resource::Presence,
            ("callControl" | "callMe" | "callme" | "rcc", _) => Resource::Call,
            _ => return None,
        };
        Some(Self { prefix, owner, resource })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_paths_of_clients() {
        let id = Id::random();
        let user = || Owner::User("russ@example.com".into());
        for (path, owner, resource) in [
            ("/rest/version/latest/isAlive".to_owned(), Owner::Anonymous, Resource::IsAlive),
            ("/rest/version/1/user/russ@example.com/subscription".to_owned(), user(), Resource::Subscriptions),
            (
                format!("/rest/version/1/user/russ%40example.com/subscription/{id:x}"),
                user(),
                Resource::Subscription(id),
            ),
            (
                format!("/v1.1/users/gateway/rest/version/1/user/russ@example.com/websocket/{id:x}"),
                user(),
                Resource::WebSocket(id),
            ),
            (format!("/rest/version/1/anonymous/a@b/notification/{id:x}"), Owner::Anonymous, Resource::LongPolling(id)),
            ("/rest/version/1/user/russ@example.com/presenceWatcher".to_owned(), user(), Resource::PresenceWatcher),
            ("/rest/version/1/user/russ@example.com/callControl/callSessions/1".to_owned(), user(), Resource::Call),
        ] {
            let target = Target::parse(&path).expect(&path);
            assert!(target.owner == owner && target.resource == resource, "{path}");
            assert!(is_spidr(&path.to_ascii_lowercase()) && path.starts_with(target.prefix), "{path}");
        }
    }

    #[test]
    fn refuses_other_paths() {
        for path in [
            "/rest/version/",
            "/rest/version/1",
            "/rest/version/1/user",
            "/rest/version/1/user/russ@example.com",
            "/rest/version/1/user/russ@example.com/",
            "/rest/version/1/user/russ@example.com/subscription/1",
            "/rest/version/1/user/%ff/subscription",
            "/rest/version/1/group/a/subscription",
            "/v1.2/users/devices",
        ] {
            assert!(Target::parse(path).is_none(), "{path}");
        }
    }
}
