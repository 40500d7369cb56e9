//! Ids and credentials: 128 random bits, written as 32 hexadecimal digits.
//!
//! Depends on nothing. Begin with `Id` and `Kind`.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};
use uuid::Uuid;

/// How many hexadecimal digits an id has.
const DIGITS: usize = 32;

/// A random id: half the size of its text, and without an allocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(u128);

impl Id {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().as_u128())
    }

    pub(super) fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid.as_u128())
    }

    pub(super) fn to_uuid(self) -> Uuid {
        Uuid::from_u128(self.0)
    }

    /// Reads lower-case digits, which credentials and groups have.
    pub(crate) fn from_lower_hex(text: &str) -> Option<Self> {
        Self::parse(text, |digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
    }

    /// Reads upper-case digits, which devices have.
    pub(crate) fn from_upper_hex(text: &str) -> Option<Self> {
        Self::parse(text, |digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(&digit))
    }

    /// The id with these bits.
    pub(crate) fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    pub(crate) fn to_bits(self) -> u128 {
        self.0
    }

    fn parse(text: &str, is_digit: fn(u8) -> bool) -> Option<Self> {
        // Checked digit by digit, because the parser of numbers takes a sign as well.
        let well_formed = text.len() == DIGITS && text.bytes().all(is_digit);
        well_formed.then(|| u128::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::LowerHex for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::UpperHex for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032X}", self.0)
    }
}

/// As snapshots have it: in lower case.
impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:x}"))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 of the digits 0-9 and a-f")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                Id::from_lower_hex(text).ok_or_else(|| E::invalid_value(de::Unexpected::Other("a text"), &self))
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

/// The kind of a credential, which its first three letters name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    AccountToken,
    DomainKey,
    DomainSecret,
    DomainToken,
    UserKey,
    UserSecret,
    UserToken,
}

impl Kind {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::AccountToken => "AAT",
            Self::DomainKey => "DAK",
            Self::DomainSecret => "DAS",
            Self::DomainToken => "DAT",
            Self::UserKey => "UAK",
            Self::UserSecret => "UAS",
            Self::UserToken => "UAT",
        }
    }

    /// The credential as it is sent.
    pub(crate) fn write(self, id: Id) -> String {
        format!("{}{id:x}", self.prefix())
    }

    /// The id in a credential of this kind.
    pub(crate) fn read(self, credential: &str) -> Option<Id> {
        credential.strip_prefix(self.prefix()).and_then(Id::from_lower_hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_round_trip() {
        let id = Id::random();
        let key = Kind::DomainKey.write(id);
        assert_eq!((key.len(), &key[..3]), (35, "DAK"));
        assert!(Kind::DomainKey.read(&key) == Some(id));
        assert!(Kind::UserKey.read(&key).is_none(), "a key of another level");
        assert!(Kind::DomainKey.read(&key.to_uppercase()).is_none() || key[3..].bytes().all(|b| b.is_ascii_digit()));
    }

    #[test]
    fn ids_are_hexadecimal_digits() {
        for text in ["", "+0000000000000000000000000000001", "g0000000000000000000000000000001", "１"] {
            assert!(Id::from_lower_hex(text).is_none(), "{text}");
        }
        assert!(Id::from_upper_hex("A149EBB9A69D4E66B62D26FBDEF440C5").is_some());
        assert!(Id::from_upper_hex("a149ebb9a69d4e66b62d26fbdef440c5").is_none());
    }
}
