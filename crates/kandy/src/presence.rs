//! Presence: when users were last seen by the service. Depends on the pipeline; begin reading at [`User::last_seen`].

use std::time::Duration;

use kandy_sys::{Call, Client, Envelope, Timestamp, types};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Domain, Error, FullUserId, Result, User, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value, from_generated, iterate, serde_by},
};

/// Clients show a user as online who was seen within this time.
const ONLINE: Duration = Duration::from_secs(10);

impl User {
    /// Returns when users were last seen. Users are given by user id and domain: `anna@example.com`.
    ///
    /// Very likely the request itself counts as activity of this user. Clients use that to stay online: they request
    /// their own user every few seconds.
    ///
    /// Operation `last_seen_list`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for user in russ.last_seen(["anna@example.com"]).await?.users {
    ///     println!("{:?} is online: {}", user.full_user_id, user.is_online());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when there is no user, one is not of the form `user@domain.name`, or they are longer than
    /// 6 KiB together; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn last_seen<I>(&self, users: I) -> GetLastSeen
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        GetLastSeen { call: self.call(), users: users.into_iter().map(Into::into).collect() }
    }
}

impl Domain {
    /// Returns when users were last seen. Users are given by user id and domain: `anna@example.com`. The request counts
    /// as activity of no user.
    ///
    /// Operation `last_seen_list`, confidence B.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for user in domain.last_seen(["russ@example.com", "anna@example.com"]).await?.users {
    ///     println!("{:?} is online: {}", user.full_user_id, user.is_online());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`User::last_seen`].
    pub fn last_seen<I>(&self, users: I) -> GetLastSeen
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        GetLastSeen { call: self.call(), users: users.into_iter().map(Into::into).collect() }
    }
}

/// Builder for [`User::last_seen`] or [`Domain::last_seen`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetLastSeen {
    call: CallContext,
    users: Vec<FullUserId>,
}

request!(GetLastSeen => LastSeenList);

impl CallSpec for GetLastSeen {
    type Response = Envelope<types::LastSeenList>;
    type Output = LastSeenList;

    fn subject(&self) -> String {
        match &self.users[..] {
            [user] => format!("user {:?}", user.as_str()),
            users => format!("{} users", users.len()),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        if self.users.is_empty() {
            return Err(Error::argument("users", "the list is empty; give at least one user"));
        }
        for user in &self.users {
            check::full_user_id("users", user)?;
        }
        // The query parameter is a JSON array in text.
        let users = serde_json::Value::from_iter(self.users.iter().map(FullUserId::as_str)).to_string();
        check::fits_query("users", &users)?;
        Ok(api.last_seen_list(&users).into_owned(api))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<LastSeenList> {
        Ok(result.into())
    }
}

/// When users were last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LastSeenList {
    /// The service's clock at the time of the response.
    pub server_timestamp: Option<Timestamp>,
    /// One entry for each user. Whether a user who does not exist has one is not known.
    pub users: Vec<LastSeen>,
}

/// When a user was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LastSeen {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// When the user was last seen, by the service's clock.
    pub last_seen: Option<Timestamp>,
    /// The time from `last_seen` to the response; `None` if either is missing or invalid. Zero when the user was seen
    /// after the service read its clock.
    pub seen_before: Option<Duration>,
}

impl LastSeen {
    /// Whether the user was seen less than ten seconds before the response, which clients show as online.
    ///
    /// A user is seen when their client sends a request. An idle client therefore seems offline.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let list = russ.last_seen(["anna@example.com"]).await?;
    /// println!("anna is online: {}", list.users.iter().any(|anna| anna.is_online()));
    /// # Ok(()) }
    /// ```
    pub fn is_online(&self) -> bool {
        self.seen_before.is_some_and(|seen_before| seen_before < ONLINE)
    }
}

impl Value<types::LastSeenList> for LastSeenList {
    fn read(list: types::LastSeenList, _: Origin) -> std::result::Result<Self, &'static str> {
        let types::LastSeenList { server_timestamp, users } = list;
        let users = users.into_iter().map(|user| LastSeen::read_at(user, server_timestamp.as_ref())).collect();
        Ok(Self { users, server_timestamp })
    }

    fn write(&self) -> types::LastSeenList {
        let users = self.users.iter().map(LastSeen::write).collect();
        types::LastSeenList { users, server_timestamp: self.server_timestamp.clone() }
    }
}

serde_by!(LastSeenList, LastSeenList);

from_generated!(LastSeenList as LastSeenList);

iterate!(LastSeenList by users: LastSeen);

impl LastSeen {
    /// Reads a user of a list with this time.
    fn read_at(user: types::LastSeen, now: Option<&Timestamp>) -> Self {
        let types::LastSeen { full_user_id, last_seen } = user;
        let now = now.and_then(Timestamp::as_millis);
        let seen = last_seen.as_ref().and_then(Timestamp::as_millis);
        let milliseconds = now.zip(seen).map(|(now, seen)| now.saturating_sub(seen));
        Self {
            full_user_id: full_user_id.map(Into::into),
            last_seen,
            seen_before: milliseconds.map(|it| Duration::from_millis(it.max(0).unsigned_abs())),
        }
    }

    fn write(&self) -> types::LastSeen {
        types::LastSeen {
            full_user_id: self.full_user_id.as_ref().map(FullUserId::to_string),
            last_seen: self.last_seen.clone(),
        }
    }
}

/// A user of a list with the time of the list, from which `seen_before` is computed.
#[derive(Serialize, Deserialize)]
struct Single {
    #[serde(flatten)]
    user: types::LastSeen,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server_timestamp: Option<Timestamp>,
}

impl Serialize for LastSeen {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let seen = self.last_seen.as_ref().and_then(Timestamp::as_millis);
        let server_timestamp = seen.zip(self.seen_before).map(|(seen, before)| {
            let before = i64::try_from(before.as_millis()).unwrap_or(i64::MAX);
            seen.saturating_add(before).into()
        });
        Single { user: self.write(), server_timestamp }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LastSeen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let Single { user, server_timestamp } = Single::deserialize(deserializer)?;
        Ok(Self::read_at(user, server_timestamp.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_are_the_limit() {
        let list: types::LastSeenList = serde_json::from_value(serde_json::json!({
            "server_timestamp": "1449034496562",
            "users": [
                {"full_user_id": "now@example.com", "last_seen": 1449034486563_i64},
                {"full_user_id": "away@example.com", "last_seen": "1449034486562"},
                {"full_user_id": "ahead@example.com", "last_seen": 1449034499999_i64},
                {"full_user_id": "never@example.com", "last_seen": 0},
                {"full_user_id": "unknown@example.com", "last_seen": "never"},
                {"full_user_id": "missing@example.com"},
            ],
        }))
        .expect("a list");
        let list: LastSeenList = list.into();
        let seen_before: Vec<_> = list.users.iter().map(|user| user.seen_before.map(|it| it.as_millis())).collect();
        assert_eq!(seen_before, [Some(9_999), Some(10_000), Some(0), Some(1_449_034_496_562), None, None]);
        let online: Vec<_> = list.users.iter().map(LastSeen::is_online).collect();
        assert_eq!(online, [true, false, true, false, false, false]);
    }
}
