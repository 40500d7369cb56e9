//! The records of a snapshot. Each is a line of JSON: an object with one member, which names the kind.
//!
//! Depends on `state::id` alone. Begin with [`Record`].

use std::borrow::Cow;

use kandy_sys::types::{Contact, PendingMessage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::state::id::Id;

/// The version of the format. A file of a newer one is refused.
pub(super) const VERSION: u32 = 1;

/// A line. Kinds and members that are not known are refused: to drop them would lose what a newer version wrote.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record<'a> {
    KandyEmulatorSnapshot(Header<'a>),
    #[serde(borrow)]
    Domain(Domain<'a>),
    #[serde(borrow)]
    User(User<'a>),
    #[serde(borrow)]
    Device(Device<'a>),
    /// Contacts of the address book of the device before it.
    Contacts(Cow<'a, [Contact]>),
    /// A message, which later records name by its position among all messages, from 0.
    Message(Cow<'a, PendingMessage>),
    /// A message that is pending on the device before it.
    Pending(Pending),
    #[serde(borrow)]
    Group(Group<'a>),
    #[serde(borrow)]
    Content(Content<'a>),
    /// The next bytes of the file before it.
    #[serde(borrow)]
    Part(Part<'a>),
    #[serde(borrow)]
    Session(Session<'a>),
    #[serde(borrow)]
    HuntGroup(HuntGroup<'a>),
    #[serde(borrow)]
    Verification(Verification<'a>),
    #[serde(borrow)]
    Conversation(Conversation<'a>),
    /// A message of the conversation before it.
    Entry(Entry),
    PersonalContact(PersonalContact<'a>),
    Token(Token),
    #[serde(borrow)]
    Sms(Sms<'a>),
    End(End),
}

impl Record<'_> {
    /// Adds it as a line.
    pub(super) fn write_to(&self, lines: &mut Vec<u8>) {
        let before = lines.len();
        match serde_json::to_writer(&mut *lines, self) {
            Ok(()) => lines.push(b'\n'),
            // No record fails to serialize: all keys are texts.
            Err(_) => lines.truncate(before),
        }
    }

    /// Records come in this order, so that what a record refers to comes before it.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::KandyEmulatorSnapshot(_) => 0,
            Self::Domain(_) => 1,
            Self::User(_) => 2,
            Self::Device(_) | Self::Contacts(_) | Self::Pending(_) => 3,
            Self::Group(_) => 4,
            Self::Content(_) | Self::Part(_) => 5,
            Self::Session(_) => 6,
            Self::HuntGroup(_) => 7,
            Self::Verification(_) => 8,
            Self::Conversation(_) | Self::Entry(_) => 9,
            Self::PersonalContact(_) => 10,
            Self::Token(_) => 11,
            Self::Sms(_) => 12,
            Self::End(_) => 13,
            // Before its first use, which is one of a device or a conversation.
            Self::Message(_) => 3,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header<'a> {
    pub(super) version: u32,
    /// When it was written, by the system's clock, for people.
    pub(super) written: Cow<'a, str>,
    /// How far the emulator's clock is ahead.
    pub(super) clock_ahead_ms: u64,
    /// The numbers of the next domain and of the next user: tokens of deleted ones stay, and must stay unknown.
    pub(super) next_domain: u32,
    pub(super) next_user: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Domain<'a> {
    pub(super) no: u32,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) project_name: Option<Cow<'a, str>>,
    pub(super) created: u64,
    pub(super) key: Id,
    pub(super) secret: Id,
    pub(super) anonymous: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User<'a> {
    pub(super) no: u32,
    pub(super) domain: u32,
    #[serde(borrow)]
    pub(super) user_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) password: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone_number: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dialling_code: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<Cow<'a, str>>,
    pub(super) key: Id,
    pub(super) secret: Id,
    pub(super) last_seen: u64,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<Profile<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile<'a> {
    pub(super) first_name: Option<Cow<'a, str>>,
    pub(super) last_name: Option<Cow<'a, str>>,
    pub(super) status_text: Option<Cow<'a, str>>,
    pub(super) image_details: Option<Cow<'a, str>>,
    pub(super) user_data: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device<'a> {
    pub(super) id: Id,
    pub(super) no: u64,
    pub(super) user: u32,
    pub(super) registered: u64,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<DeviceDetails<'a>>,
    /// The number of its next message, if it ever had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_message: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceDetails<'a> {
    #[serde(borrow)]
    pub(super) native_id: Cow<'a, str>,
    pub(super) family: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) client_version: Option<Cow<'a, str>>,
    pub(super) os_version: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    pub(super) no: u64,
    pub(super) message: usize,
    /// Whether its sender knows already that it arrived.
    pub(super) acknowledged: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group<'a> {
    pub(super) id: Id,
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(with = "json_text")]
    pub(super) image: Cow<'a, Map<String, Value>>,
    pub(super) max_members: usize,
    pub(super) created: u64,
    pub(super) members: Vec<Member>,
}

/// Short, because a group may have many.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) no: u64,
    pub(super) user: u32,
    pub(super) is_owner: bool,
    pub(super) is_muted: bool,
    pub(super) has_muted: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content<'a> {
    pub(super) domain: u32,
    pub(super) id: Id,
    pub(super) owner: u32,
    #[serde(borrow)]
    pub(super) content_type: Cow<'a, str>,
    /// How many bytes it has. They follow in parts.
    pub(super) length: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) base64: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session<'a> {
    pub(super) no: u64,
    pub(super) id: Id,
    pub(super) domain: u32,
    pub(super) admin: u32,
    pub(super) session_type: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) description: Option<Cow<'a, str>>,
    pub(super) is_active: bool,
    pub(super) created: u64,
    pub(super) expires: u64,
    pub(super) participants: Vec<Participant<'a>>,
    pub(super) next: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Participant<'a> {
    pub(super) user: u32,
    pub(super) number: u64,
    pub(super) is_approved: bool,
    pub(super) nickname: Option<Cow<'a, str>>,
    pub(super) first_name: Option<Cow<'a, str>>,
    pub(super) last_name: Option<Cow<'a, str>>,
    pub(super) phone_number: Option<Cow<'a, str>>,
    pub(super) email: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HuntGroup<'a> {
    pub(super) domain: u32,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) pilot_uri_address: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) overflow_dest: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) anonymous_uri: Cow<'a, str>,
    pub(super) users: Vec<u32>,
    pub(super) admins: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verification<'a> {
    pub(super) domain: u32,
    pub(super) no: u64,
    #[serde(borrow)]
    pub(super) dialling_code: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) number: Cow<'a, str>,
    pub(super) code: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conversation<'a> {
    pub(super) user: u32,
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    pub(super) last: u64,
    pub(super) last_sent: u64,
    pub(super) used: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) sent: u64,
    pub(super) message: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonalContact<'a> {
    pub(super) user: u32,
    pub(super) no: u64,
    pub(super) id: Id,
    #[serde(with = "json_text")]
    pub(super) contact: Cow<'a, Map<String, Value>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    pub(super) no: u64,
    pub(super) id: Id,
    pub(super) owner: Owner,
    pub(super) expires: u64,
    pub(super) revoked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Owner {
    Account,
    Domain(u32),
    User(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sms<'a> {
    #[serde(borrow)]
    pub(super) sender: Cow<'a, str>,
    pub(super) source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) destination: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) destination_as_sent: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) device_id: Cow<'a, str>,
}

/// The last line. A file without it is cut.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// The number of lines before it.
    pub(super) records: u64,
    /// The checksum of all bytes before it.
    pub(super) crc32: u32,
}

/// An object as text. The reader of JSON bounds the depth of nesting: an object that a client sent may be as deep as that
/// allows, and would be deeper inside a record.
mod json_text {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de, ser};
    use serde_json::{Map, Value};

    pub(super) fn serialize<S: Serializer>(object: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(object).map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'a, 'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Cow<'a, Map<String, Value>>, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Without the error of the reader, which may repeat values.
        let object = serde_json::from_str(&text).map_err(|_| de::Error::custom("not the JSON of an object"))?;
        Ok(Cow::Owned(object))
    }
}
