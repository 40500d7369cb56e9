//! [`EncryptionKey`]: encrypts the tokens in Redis. Depends on nothing.

use std::{error::Error as StdError, fmt, str::FromStr, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroize;

/// A key that the tokens in Redis are encrypted with: 32 random bytes, the same in all processes.
///
/// The algorithm is AES-256-GCM with a random nonce for each token. The key in Redis is authenticated with it, so a token
/// that someone copies to the key of another owner cannot be decrypted there.
///
/// The key is never shown, not even by `Debug`. It is read from text as 64 hexadecimal digits:
///
/// ```
/// use kandy_redis::EncryptionKey;
///
/// // Made by `openssl rand -hex 32`.
/// let key: EncryptionKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f".parse()?;
/// assert_eq!(format!("{key:?}"), "EncryptionKey(***)");
/// # Ok::<(), kandy_redis::InvalidKey>(())
/// ```
#[derive(Clone)]
pub struct EncryptionKey(Arc<RandomizedNonceKey>);

/// A text is no key: see [`EncryptionKey`]. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the encryption key is not of 64 hexadecimal digits; make one by `openssl rand -hex 32`")
    }
}

impl StdError for InvalidKey {}

impl EncryptionKey {
    /// Returns the key of these bytes.
    ///
    /// ```
    /// let key = kandy_redis::EncryptionKey::new([7; 32]);
    /// ```
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).expect("the key has the length of the algorithm");
        bytes.zeroize();
        Self(Arc::new(key))
    }

    /// Encrypts a text for a place: nonce, encrypted text and tag. `None` if the system has no random numbers.
    pub(crate) fn encrypt(&self, place: &str, text: &[u8]) -> Option<Vec<u8>> {
        let mut encrypted = text.to_vec();
        match self.0.seal_in_place_append_tag(Aad::from(place), &mut encrypted) {
            Ok(nonce) => Some([nonce.as_ref().as_slice(), &encrypted].concat()),
            Err(_) => {
                encrypted.zeroize();
                None
            }
        }
    }

    /// Decrypts a text that was encrypted for this place. `None` if it was not, or by another key.
    pub(crate) fn decrypt(&self, place: &str, encrypted: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = encrypted.split_at_checked(NONCE_LEN)?;
        let mut text = text.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        Some(self.0.open_in_place(nonce, Aad::from(place), &mut text).ok()?.to_vec())
    }
}

impl FromStr for EncryptionKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim().as_bytes();
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return Err(InvalidKey);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(InvalidKey);
            *byte = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).map_err(|_| InvalidKey)?;
        }
        let key = Self::new(bytes);
        bytes.zeroize();
        Ok(key)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decrypts_what_the_same_key_encrypted_for_the_same_place() {
        let key = EncryptionKey::new([1; 32]);
        let encrypted = key.encrypt("a", b"UAT-token").expect("random numbers");
        assert_eq!(key.decrypt("a", &encrypted).as_deref(), Some(b"UAT-token".as_slice()));
        assert_ne!(key.encrypt("a", b"UAT-token"), Some(encrypted.clone()), "each has a nonce of its own");
        let mut changed = encrypted.clone();
        changed[NONCE_LEN] ^= 1;
        for (what, key, place, encrypted) in [
            ("another place", EncryptionKey::new([1; 32]), "b", encrypted.as_slice()),
            ("another key", EncryptionKey::new([2; 32]), "a", &encrypted),
            ("changed", EncryptionKey::new([1; 32]), "a", &changed),
            ("cut off", EncryptionKey::new([1; 32]), "a", &encrypted[..encrypted.len() - 1]),
            ("shorter than a nonce", EncryptionKey::new([1; 32]), "a", &encrypted[..5]),
            ("nothing", EncryptionKey::new([1; 32]), "a", &[]),
        ] {
            assert_eq!(key.decrypt(place, encrypted), None, "{what}");
        }
    }

    #[test]
    fn reads_keys_of_64_digits_alone() {
        let digits = "0aF1".repeat(16);
        assert!(digits.parse::<EncryptionKey>().is_ok() && format!(" {digits}\n").parse::<EncryptionKey>().is_ok());
        for text in ["", "00", &digits[1..], &format!("{digits}00"), &digits.replace('F', "g"), &"é".repeat(32)] {
            assert_eq!(text.parse::<EncryptionKey>().err(), Some(InvalidKey), "{text}");
        }
    }
}
