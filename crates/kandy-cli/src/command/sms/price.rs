//! Exact decimal numbers, for prices: binary fractions would make 0.1 + 0.2 into 0.30000000000000004.

use std::{fmt, str::FromStr};

/// The maximum number of digits, so that the price of any number of segments can be computed.
const MAX_DIGITS: usize = 18;

/// A price: a decimal number of any currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Price {
    /// The price without its decimal point.
    units: u128,
    decimals: usize,
}

impl Price {
    /// Returns the price of this many.
    pub(super) fn times(self, count: u64) -> Self {
        // 18 digits times 2^64 are less than 2^128.
        Self { units: self.units.saturating_mul(count.into()), ..self }
    }
}

impl FromStr for Price {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "it is not a price such as 0.0075: digits, with a decimal point if needed";
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(FORM),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = format!("{whole}{fraction}");
        if whole.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FORM);
        }
        if digits.len() > MAX_DIGITS {
            return Err("it has more than 18 digits");
        }
        Ok(Self { units: digits.parse().map_err(|_| FORM)?, decimals: fraction.len() })
    }
}

/// Without zeros at the end.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>width$}", self.units, width = self.decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.decimals);
        match fraction.trim_end_matches('0') {
            "" => f.write_str(whole),
            fraction => write!(f, "{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        for (price, count, product) in [
            ("0.0075", 4, "0.03"),
            ("0.0075", 100_000, "750"),
            ("0.1", 3, "0.3"),
            ("0", 7, "0"),
            ("1", 0, "0"),
            ("00.50", 1, "0.5"),
            ("12", 12, "144"),
            ("999999999999999999", u64::MAX, "18446744073709551596553255926290448385"),
            ("0.00000000000000001", 1, "0.00000000000000001"),
        ] {
            let parsed: Price = price.parse().unwrap_or_else(|reason| panic!("{price}: {reason}"));
            assert_eq!(parsed.times(count).to_string(), product, "{price} x {count}");
        }
    }

    #[test]
    fn refuses_what_is_no_decimal_number() {
        for text in [
            "", ".", ".5", "5.", "-1", "+1", "1e400", "NaN", "inf", "0,5", "1.2.3", " 1", "1 ", "0x1", "١", "1_000",
            "$1",
        ] {
            assert!(text.parse::<Price>().is_err(), "{text:?}");
        }
        assert!("1234567890123456789".parse::<Price>().is_err());
    }
}
