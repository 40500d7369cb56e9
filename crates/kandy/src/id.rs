//! The ids of users, devices, groups, messages and so on: a type each, so that the compiler refuses one in the place of
//! another. Depends on nothing.
//!
//! Begin reading at the macro `id`, and at [`MessageId`], whose comparison ignores hyphens and case.

use std::{borrow::Borrow, cmp::Ordering, convert::Infallible, fmt, str::FromStr};

use kandy_sys::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Implements the conversions that every id has. They agree with the `Eq`, `Ord` and `Hash` of the id.
macro_rules! conversions {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                text.to_owned().into()
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                text.to_owned().into()
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(text.into())
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                *self == **text
            }
        }

        impl PartialEq<$name> for str {
            fn eq(&self, id: &$name) -> bool {
                *id == *self
            }
        }

        impl PartialEq<$name> for &str {
            fn eq(&self, id: &$name) -> bool {
                *id == **self
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// Defines the type of an id that is compared as text.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// Lets a text look up the id in a map or set.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.0 == text
            }
        }

        /// Reads a text, or a number that stands for one, since the service writes both.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self(Text::deserialize(deserializer)?.into()))
            }
        }

        conversions!($name);
    };
}

id! {
    /// The id of a user within their domain: the part before the `@`.
    ///
    /// ```
    /// let russ = kandy::UserId::from("russ");
    /// assert_eq!(russ.at("example.com"), "russ@example.com");
    ///
    /// let ages = std::collections::BTreeMap::from([(russ, 41)]);
    /// assert_eq!(ages.get("russ"), Some(&41));
    /// ```
    UserId
}

id! {
    /// The id of a user across domains: user id, `@` and the name of the domain.
    ///
    /// ```
    /// let russ = kandy::FullUserId::from("russ@example.com");
    /// assert_eq!(russ.user_id().as_str(), "russ");
    /// assert_eq!(russ.domain_name(), Some("example.com"));
    /// ```
    FullUserId
}

id! {
    /// The id of a device, assigned by the service.
    ///
    /// ```
    /// let device_id = kandy::DeviceId::from("A149EBB9A69D4E66B62D26FBDEF440C5");
    /// assert_eq!(device_id.to_string(), "A149EBB9A69D4E66B62D26FBDEF440C5");
    /// ```
    DeviceId
}

id! {
    /// The id of a group, assigned by the service.
    ///
    /// ```
    /// let group_id = kandy::GroupId::from("834f42eb5a1144a3b679f2d0be20112c");
    /// assert_eq!(group_id.as_str(), "834f42eb5a1144a3b679f2d0be20112c");
    /// ```
    GroupId
}

id! {
    /// The id of an uploaded file: a UUID that the uploading client generates, with or without hyphens.
    ///
    /// ```
    /// use kandy::ContentId;
    ///
    /// let id = ContentId::from("5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23");
    /// assert_eq!(id.as_str(), "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23");
    /// assert_ne!(ContentId::random(), ContentId::random());
    /// ```
    ContentId
}

impl ContentId {
    /// Returns a new random id.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }
}

id! {
    /// The id of a session, assigned by the service.
    ///
    /// ```
    /// let session_id = kandy::SessionId::from("0af3");
    /// assert_eq!(session_id.as_str(), "0af3");
    /// ```
    SessionId
}

id! {
    /// The id of a conversation: the full user id of the other user, or the id of the group.
    ///
    /// ```
    /// use kandy::{ConversationId, FullUserId, GroupId};
    ///
    /// let anna = ConversationId::from(FullUserId::from("anna@example.com"));
    /// assert!(!anna.is_group());
    /// assert!(ConversationId::from(GroupId::from("834f42eb5a1144a3b679f2d0be20112c")).is_group());
    /// ```
    ConversationId
}

impl ConversationId {
    /// Whether it is the conversation of a group. The id of a conversation with a user contains an `@`.
    pub fn is_group(&self) -> bool {
        !self.0.contains('@')
    }
}

impl From<FullUserId> for ConversationId {
    fn from(id: FullUserId) -> Self {
        Self(id.0)
    }
}

impl From<&FullUserId> for ConversationId {
    fn from(id: &FullUserId) -> Self {
        Self(id.0.clone())
    }
}

impl From<GroupId> for ConversationId {
    fn from(id: GroupId) -> Self {
        Self(id.0)
    }
}

impl From<&GroupId> for ConversationId {
    fn from(id: &GroupId) -> Self {
        Self(id.0.clone())
    }
}

id! {
    /// The id of a contact in the personal address book of a user, assigned by the service.
    ///
    /// ```
    /// let contact_id = kandy::ContactId::from("9e018d28484242be83f090c7323bf275");
    /// assert_eq!(contact_id.as_str(), "9e018d28484242be83f090c7323bf275");
    /// ```
    ContactId
}

impl UserId {
    /// Returns the id of this user across domains.
    pub fn at(&self, domain_name: &str) -> FullUserId {
        FullUserId(format!("{self}@{domain_name}"))
    }
}

impl FullUserId {
    /// Returns the part before the `@`.
    pub fn user_id(&self) -> UserId {
        UserId(self.0.split('@').next().unwrap_or_default().to_owned())
    }

    /// Returns the part after the `@`, if there is one.
    pub fn domain_name(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, domain_name)| domain_name)
    }
}

/// The id of a message: a UUID that its sender generates, with or without hyphens.
///
/// Ids that differ only in hyphens or in case are equal. So a map with such ids is not searched by text, and there is no
/// `Borrow<str>`: equal ids would have texts with different hashes.
///
/// ```
/// use kandy::MessageId;
///
/// let id = MessageId::from("abc2fa75-2c3c-4edf-97de-8b0a12f622f0");
/// assert_eq!(id, MessageId::from("abc2fa752c3c4edf97de8b0a12f622f0"));
/// assert_ne!(MessageId::random(), MessageId::random());
/// ```
#[derive(Clone, Debug)]
pub struct MessageId {
    text: String,
    /// Whether the service sent the id. It then accepts the id in any form, also if it is not a UUID.
    received: bool,
}

impl MessageId {
    /// Returns a new random id.
    pub fn random() -> Self {
        Self::from(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Returns the id as text, unchanged.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns an id that the service sent.
    pub(crate) fn received(text: String) -> Self {
        Self { text, received: true }
    }

    pub(crate) fn is_received(&self) -> bool {
        self.received
    }

    /// Returns the bytes that equality, order and hashing compare.
    fn significant(&self) -> impl Iterator<Item = u8> {
        significant(&self.text)
    }
}

impl From<String> for MessageId {
    fn from(text: String) -> Self {
        Self { text, received: false }
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.text
    }
}

conversions!(MessageId);

/// Reads an id that was serialised. It counts as one that the service sent, so that a stored message can be deleted, and
/// may be a number.
impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::received(Text::deserialize(deserializer)?.into()))
    }
}

/// Returns the bytes of a message id that count: all but hyphens, in lower case.
fn significant(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase())
}

impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.significant().eq(other.significant())
    }
}

impl Eq for MessageId {}

impl PartialEq<str> for MessageId {
    fn eq(&self, text: &str) -> bool {
        self.significant().eq(significant(text))
    }
}

impl PartialOrd for MessageId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MessageId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.significant().cmp(other.significant())
    }
}

impl std::hash::Hash for MessageId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Hashes what `eq` compares, so that equal ids are one key of a map.
        self.significant().for_each(|byte| byte.hash(state));
    }
}
