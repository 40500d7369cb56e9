//! [`Field`] and [`Scalar`]: how the type of a field here and that of the generated type convert into each other.

use kandy_sys::{
    ContentType, ExtraFields, HintType, MessageType, Number, ParticipantStatus, ParticipantType, RolloverGroupPolicy,
    Secret, SessionStatus, Text, Timestamp,
};

use super::credentials_left_out::without_credentials;
use crate::{
    AccessToken, ApiKey, ApiSecret, ContactId, ContentId, ConversationId, DeviceId, FullUserId, GroupId, SessionId,
    UserId,
};

/// Where JSON comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A response of the service, which has every required field.
    Response,
    /// A serialised result, which lacks its credentials.
    Stored,
}

/// A field of a result, in the place of a field of a generated type.
pub(crate) trait Field<W>: Sized {
    /// Reads it; `None` if it is missing.
    fn read(wire: W, origin: Origin) -> Option<Self>;

    /// Returns what is serialised.
    fn write(&self) -> W;
}

/// A value that a field may have.
pub(crate) trait Scalar<W>: Sized {
    /// Reads it; `None` if it counts as missing.
    fn read(wire: W) -> Option<Self>;

    /// Returns what is serialised; `None` if it is left out.
    fn write(&self) -> Option<W>;
}

impl<W, V: Scalar<W>> Field<Option<W>> for Option<V> {
    fn read(wire: Option<W>, _: Origin) -> Option<Self> {
        Some(wire.and_then(V::read))
    }

    fn write(&self) -> Option<W> {
        self.as_ref().and_then(V::write)
    }
}

/// A missing list is an empty one.
impl<W, V: Scalar<W>> Field<Option<Vec<W>>> for Vec<V> {
    fn read(wire: Option<Vec<W>>, _: Origin) -> Option<Self> {
        Some(wire.unwrap_or_default().into_iter().filter_map(V::read).collect())
    }

    fn write(&self) -> Option<Vec<W>> {
        (!self.is_empty()).then(|| self.iter().filter_map(V::write).collect())
    }
}

impl<W, V: Scalar<W>> Field<Vec<W>> for Vec<V> {
    fn read(wire: Vec<W>, _: Origin) -> Option<Self> {
        Some(wire.into_iter().filter_map(V::read).collect())
    }

    fn write(&self) -> Vec<W> {
        self.iter().filter_map(V::write).collect()
    }
}

/// The unknown fields of an object.
impl Field<Self> for ExtraFields {
    fn read(wire: Self, _: Origin) -> Option<Self> {
        Some(wire)
    }

    fn write(&self) -> Self {
        without_credentials(self)
    }
}

/// Texts, which may be the required fields of a result.
macro_rules! texts {
    ($($text:ty)*) => {$(
        impl Scalar<String> for $text {
            fn read(wire: String) -> Option<Self> {
                Some(wire.into())
            }

            fn write(&self) -> Option<String> {
                Some(self.to_string())
            }
        }

        impl Scalar<Text> for $text {
            fn read(wire: Text) -> Option<Self> {
                Some(String::from(wire).into())
            }

            fn write(&self) -> Option<Text> {
                Some(self.to_string().into())
            }
        }

        impl Field<Option<String>> for $text {
            fn read(wire: Option<String>, _: Origin) -> Option<Self> {
                Scalar::read(wire?)
            }

            fn write(&self) -> Option<String> {
                Scalar::write(self)
            }
        }

        impl Field<Option<Text>> for $text {
            fn read(wire: Option<Text>, _: Origin) -> Option<Self> {
                Scalar::read(wire?)
            }

            fn write(&self) -> Option<Text> {
                Scalar::write(self)
            }
        }
    )*};
}

texts! { String UserId FullUserId DeviceId GroupId ContentId SessionId ConversationId ContactId }

/// Values that are the same here and in the generated type.
macro_rules! same {
    ($($name:ty)*) => {$(
        impl Scalar<Self> for $name {
            fn read(wire: Self) -> Option<Self> {
                Some(wire)
            }

            fn write(&self) -> Option<Self> {
                Some(self.clone())
            }
        }
    )*};
}

same! {
    bool Timestamp ContentType HintType MessageType ParticipantStatus ParticipantType RolloverGroupPolicy SessionStatus
}

impl Scalar<Self> for ExtraFields {
    fn read(wire: Self) -> Option<Self> {
        Some(wire)
    }

    fn write(&self) -> Option<Self> {
        Some(without_credentials(self))
    }
}

/// A required flag.
impl Field<Option<Self>> for bool {
    fn read(wire: Option<Self>, _: Origin) -> Option<Self> {
        wire
    }

    fn write(&self) -> Option<Self> {
        Some(*self)
    }
}

/// A string that is not a number counts as missing.
impl Scalar<Number> for i64 {
    fn read(wire: Number) -> Option<Self> {
        wire.as_i64()
    }

    fn write(&self) -> Option<Number> {
        Some((*self).into())
    }
}

/// A number of bytes. No file exceeds `i64::MAX` bytes.
impl Scalar<i64> for u64 {
    fn read(wire: i64) -> Option<Self> {
        wire.try_into().ok()
    }

    fn write(&self) -> Option<i64> {
        (*self).try_into().ok()
    }
}

/// A flag that is a JSON value or a string. One that is neither `true` nor `false` counts as missing.
impl Scalar<Text> for bool {
    fn read(wire: Text) -> Option<Self> {
        // `Text` reads JSON booleans as `true` and `false`.
        wire.as_str().trim().to_ascii_lowercase().parse().ok()
    }

    fn write(&self) -> Option<Text> {
        Some(self.to_string().into())
    }
}

/// Credentials, which are read and never written. An empty one counts as missing.
macro_rules! credentials {
    ($($wire:ty => $name:ident $(<$level:ident>)?,)*) => {$(
        impl$(<$level>)? Scalar<$wire> for $name$(<$level>)? {
            fn read(wire: $wire) -> Option<Self> {
                (!wire.is_empty()).then(|| wire.into())
            }

            fn write(&self) -> Option<$wire> {
                None
            }
        }
    )*};
}

credentials! {
    Secret => Secret,
    kandy_sys::ApiKey => ApiKey<L>,
    kandy_sys::ApiSecret => ApiSecret<L>,
    kandy_sys::AccessToken => AccessToken<L>,
}

/// Required credentials. A stored result lacks them: there they are empty, which no call accepts.
macro_rules! required_credentials {
    ($($name:ident)*) => {$(
        impl<L> Field<Option<kandy_sys::$name>> for $name<L> {
            fn read(wire: Option<kandy_sys::$name>, origin: Origin) -> Option<Self> {
                match (wire, origin) {
                    (Some(credential), _) => Some(credential.into()),
                    (None, Origin::Stored) => Some("".into()),
                    (None, Origin::Response) => None,
                }
            }

            fn write(&self) -> Option<kandy_sys::$name> {
                None
            }
        }
    )*};
}

required_credentials! { ApiKey ApiSecret AccessToken }
