//! [`Signer`]: the secret of `--forward-to`, and the signatures that it makes.
//!
//! The form of the secret and of the signature is that of Standard Webhooks 1.0.0, "Signature scheme".

use aws_lc_rs::hmac;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use zeroize::Zeroizing;

use crate::{
    credential::{given_twice, read_secret_named, secret_variable},
    failure::{Failure, Result},
};

/// The variable with the secret. With `_FILE` appended, it names a file with the secret.
const VARIABLE: &str = "KANDY_FORWARD_SECRET";
/// The prefix of a secret for signatures of version 1.
const PREFIX: &str = "whsec_";
/// The number of bytes that the specification allows.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// The number of secrets: each adds a signature to the headers of every request, whose size receivers limit.
const MAX_SECRETS: usize = 8;
/// Padding may be missing, because it is easily lost when a secret is copied.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Signs requests. It holds one key, or several while a secret is replaced by another.
pub(super) struct Signer {
    keys: Vec<hmac::Key>,
}

impl Signer {
    /// Reads the secret from the file in the option, from the variable, or from the file that the variable names.
    pub(super) fn read(file: Option<&str>) -> Result<Self> {
        const OPTION: &str = "--forward-secret-file";
        const WHAT: &str = "the secret of --forward-to";
        let (what, text) = match (file, secret_variable(VARIABLE, WHAT)?) {
            (Some(_), Some(given)) => return Err(given_twice(WHAT, OPTION, &given.variable)),
            (Some(file), None) => (OPTION.to_owned(), read_secret_named(file, OPTION)?),
            (None, Some(given)) => (given.place, given.secret),
            (None, None) => return Err(missing()),
        };
        let keys = parse(text.expose()).map_err(|reason| Failure::usage(format!("{what}: {reason}")))?;
        Ok(Self { keys })
    }

    /// Returns the value of the header `webhook-signature`: one signature for each secret.
    pub(super) fn sign(&self, id: &str, timestamp: u64, body: &str) -> String {
        let signatures = self.keys.iter().map(|key| {
            let mut context = hmac::Context::with_key(key);
            for part in [id, ".", &timestamp.to_string(), ".", body] {
                context.update(part.as_bytes());
            }
            format!("v1,{}", STANDARD.encode(context.sign()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

fn missing() -> Failure {
    Failure::NoCredential(format!(
        "--forward-to signs its requests, and there is no secret. Name a file with --forward-secret-file, or set \
         {VARIABLE} or {VARIABLE}_FILE. A new secret is {PREFIX} followed by the output of `openssl rand -base64 32`."
    ))
}

/// Reads secrets that are separated by whitespace. The reason repeats nothing of the text.
fn parse(text: &str) -> Result<Vec<hmac::Key>, String> {
    let keys: Vec<_> = text.split_whitespace().map(key).collect::<Result<_, _>>()?;
    match keys.len() {
        0 => Err("it has no secret".to_owned()),
        1..=MAX_SECRETS => Ok(keys),
        count => Err(format!("it has {count} secrets; keep the {MAX_SECRETS} that receivers still check")),
    }
}

fn key(text: &str) -> Result<hmac::Key, String> {
    let form = format!("a secret is {PREFIX} followed by {} to {} bytes in base64", LENGTHS.start(), LENGTHS.end());
    let Some(encoded) = text.strip_prefix(PREFIX) else {
        return Err(match text.starts_with("whsk_") || text.starts_with("whpk_") {
            true => format!("it has a key for asymmetric signatures, which are not supported; {form}"),
            false => format!("it does not begin with {PREFIX}; {form}"),
        });
    };
    let bytes = BASE64.decode(encoded).map(Zeroizing::new).map_err(|_| format!("it is not base64; {form}"))?;
    match LENGTHS.contains(&bytes.len()) {
        true => Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes)),
        false => Err(format!("it has {} bytes; {form}", bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference library of Standard Webhooks (`test_sign` of its Rust crate).
    #[test]
    fn signs_the_reference_example() {
        let keys = parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").expect("a secret");
        let body = r#"{"email":"test@example.com","username":"test_user"}"#;
        let signature = Signer { keys }.sign("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553, body);
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn takes_secrets_of_the_specified_form_only() {
        let of = |length: usize| format!("{PREFIX}{}", STANDARD.encode(vec![0xFB; length]));
        let accepted = [
            (of(24), 1),
            (of(64), 1),
            (of(32).trim_end_matches('=').to_owned(), 1),
            (format!(" \t{}\r\n", of(32)), 1),
            (format!("{} {}\n{}", of(24), of(25), of(26)), 3),
        ];
        for (text, count) in accepted {
            assert_eq!(parse(&text).map(|keys| keys.len()), Ok(count), "{text}");
        }
        let url_safe = of(32).replace('+', "-").replace('/', "_");
        let rejected = [
            (String::new(), "no secret"),
            (" \n".to_owned(), "no secret"),
            (of(23), "it has 23 bytes"),
            (of(65), "it has 65 bytes"),
            (PREFIX.to_owned(), "it has 0 bytes"),
            (of(32)[PREFIX.len()..].to_owned(), "does not begin with whsec_"),
            (of(32).to_uppercase(), "does not begin with whsec_"),
            (of(32).replace(PREFIX, "whsk_"), "asymmetric"),
            (format!("{}!", of(32)), "not base64"),
            (url_safe, "not base64"),
            (format!("{} hunter2hunter2", of(32)), "does not begin with whsec_"),
            (vec![of(32); MAX_SECRETS + 1].join(" "), "9 secrets"),
        ];
        for (text, reason) in rejected {
            let error = parse(&text).expect_err("a refusal");
            assert!(error.contains(reason), "{text}: {error}");
            let secret = text.trim_start_matches(PREFIX);
            assert!(secret.trim().is_empty() || !error.contains(&secret[..8]), "{error}");
        }
    }
}
