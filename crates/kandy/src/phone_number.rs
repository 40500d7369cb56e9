//! Normalisation of phone numbers by the service. Depends on the pipeline; begin reading at
//! [`User::normalize_phone_number`].

use kandy_sys::{Call, Client, Envelope, ExtraFields, types};

use crate::{
    Result, User, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

impl User {
    /// Normalises a phone number to the form that the service uses.
    ///
    /// `country_code` is the country of the number: two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`).
    /// Which of them this operation accepts is not known.
    ///
    /// The fields of the response are not known; all of them are in [`extra`](NormalizedPhoneNumber::extra).
    ///
    /// Operation `phone_number_normalize`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for (name, value) in russ.normalize_phone_number("(224) 555-6666", "US").await?.extra {
    ///     println!("{name}: {value}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when it is not one phone number or the country is unknown;
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn normalize_phone_number(
        &self,
        phone_number: impl Into<String>,
        country_code: impl Into<String>,
    ) -> NormalizePhoneNumber {
        NormalizePhoneNumber { call: self.call(), phone_number: phone_number.into(), country_code: country_code.into() }
    }
}

/// Builder for [`User::normalize_phone_number`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct NormalizePhoneNumber {
    call: CallContext,
    phone_number: String,
    country_code: String,
}

request!(NormalizePhoneNumber => NormalizedPhoneNumber);

impl CallSpec for NormalizePhoneNumber {
    type Response = Envelope<types::NormalizedPhoneNumber>;
    type Output = NormalizedPhoneNumber;

    fn subject(&self) -> String {
        format!("phone number {:?}", self.phone_number)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("phone_number", &self.phone_number)?;
        check::phone_number("phone_number", &self.phone_number)?;
        check::country_code("country_code", &self.country_code)?;
        Ok(api.phone_number_normalize(&self.country_code, &self.phone_number))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<NormalizedPhoneNumber> {
        Ok(result.into())
    }
}

/// A phone number in the form that the service uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NormalizedPhoneNumber {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(NormalizedPhoneNumber as NormalizedPhoneNumber);

from_generated!(NormalizedPhoneNumber as NormalizedPhoneNumber);
