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
const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";
/// How many characters name the kind of a credential.
const PREFIX: usize = 3;

/// A random id: half the size of its text, and without an allocation. Bytes, because a number would be aligned to 16 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id([u8; 16]);

impl Id {
    pub(crate) fn random() -> Self {
        Self(Uuid::new_v4().into_bytes())
    }

    pub(super) fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid.into_bytes())
    }

    pub(super) fn to_uuid(self) -> Uuid {
        Uuid::from_bytes(self.0)
    }

    /// Reads lower-case digits, which credentials and groups have.
    pub(crate) fn from_lower_hex(text: &str) -> Option<Self> {
        Self::parse(text, b'a')
    }

    /// Reads upper-case digits, which devices have.
    pub(crate) fn from_upper_hex(text: &str) -> Option<Self> {
        Self::parse(text, b'A')
    }

    /// The id with these bits.
    pub(crate) fn from_bits(bits: u128) -> Self {
        Self(bits.to_be_bytes())
    }

    pub(crate) fn to_bits(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// Reads digits, of which those from ten on are letters from `first_letter` on.
    fn parse(text: &str, first_letter: u8) -> Option<Self> {
        // Digit by digit, because the parser of numbers takes a sign and both cases, and checks each step for overflow.
        let digits: &[u8; DIGITS] = text.as_bytes().try_into().ok()?;
        let mut bits = 0;
        for digit in digits {
            let value = match digit.wrapping_sub(b'0') {
                value @ 0..10 => value,
                _ => match digit.wrapping_sub(first_letter) {
                    letter @ 0..6 => letter + 10,
                    _ => return None,
                },
            };
            bits = bits << 4 | u128::from(value);
        }
        Some(Self::from_bits(bits))
    }

    fn digits(self, digits: [u8; 16]) -> [u8; DIGITS] {
        let mut text = [0; DIGITS];
        for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(self.0) {
            *pair = [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
        }
        text
    }
}

impl fmt::LowerHex for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.digits(*LOWER)))
    }
}

impl fmt::UpperHex for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.digits(*UPPER)))
    }
}

/// The text of digits.
fn text(digits: &[u8]) -> &str {
    // Digits are ASCII.
    str::from_utf8(digits).unwrap_or_default()
}

/// As snapshots have it: in lower case.
impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(&self.digits(*LOWER)))
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
    pub(crate) fn write(self, id: Id) -> CredentialText {
        let mut bytes = [0; PREFIX + DIGITS];
        let (prefix, digits) = bytes.split_at_mut(PREFIX);
        prefix.copy_from_slice(self.prefix().as_bytes());
        digits.copy_from_slice(&id.digits(*LOWER));
        CredentialText(bytes)
    }

    /// The id in a credential of this kind.
    pub(crate) fn read(self, credential: &str) -> Option<Id> {
        credential.strip_prefix(self.prefix()).and_then(Id::from_lower_hex)
    }
}

/// A credential as it is sent, without an allocation.
#[derive(Clone, Copy)]
pub(crate) struct CredentialText([u8; PREFIX + DIGITS]);

impl CredentialText {
    pub(crate) fn as_str(&self) -> &str {
        text(&self.0)
    }
}

impl fmt::Display for CredentialText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CredentialText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<CredentialText> for String {
    fn from(text: CredentialText) -> Self {
        text.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_number() {
        for bits in [0, 1, 0xf, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210, 10 << 124] {
            let id = Id::from_bits(bits);
            assert_eq!((format!("{id:x}"), format!("{id:X}")), (format!("{bits:032x}"), format!("{bits:032X}")));
            assert!(Id::from_lower_hex(&format!("{bits:032x}")) == Some(id));
            assert!(Id::from_upper_hex(&format!("{bits:032X}")) == Some(id));
        }
        for other in ['/', ':', '`', 'g', '@', 'G', 'A', '\u{ff}'] {
            assert!(Id::from_lower_hex(&format!("{other}{:031x}", 1)).is_none(), "{other}");
        }
        assert!(Id::from_upper_hex(&format!("a{:031x}", 1)).is_none());
    }

    #[test]
    fn credentials_round_trip() {
        let id = Id::random();
        let key = String::from(Kind::DomainKey.write(id));
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
