//! Sends SMS: [`Sms`] is one as data, [`SendSms`] the builder of the call. Depends on the pipeline and `check`; begin
//! reading at `SendSms::describe`.
//!
//! ```text
//! text   how many segments a text needs, and how it needs fewer
//! limit  refuses a text that needs more segments than allowed
//! ```

mod limit;
mod text;

use std::borrow::Cow;

use kandy_sys::{Call, Client, Envelope, NoResult, types};

pub use text::SmsText;

use crate::{
    DeviceId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Implements the optional settings of an SMS, for the type itself or for its field `$sms`.
macro_rules! optional_settings {
    ($name:ident $(, $sms:ident)?) => {
        impl $name {
            /// Sets the number or the name that the receiver sees as the sender.
            ///
            /// A text with letters is a name, and up to six digits are a short code; both are sent unchanged.
            /// Everything else is a number, by the same rule as the destination.
            pub fn from(mut self, source: impl Into<String>) -> Self {
                self$(.$sms)?.body.message.source = Some(source.into());
                self
            }

            /// Sets the country of numbers in national form: two letters of ISO 3166-1, such as `US`.
            ///
            /// Without it national numbers are refused. A number with `+` has its own country code.
            ///
            /// ```
            /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
            /// phone.send_sms("(224) 555-6666", "Hello").default_country("US").await?;
            /// # Ok(()) }
            /// ```
            pub fn default_country(mut self, country: impl Into<String>) -> Self {
                self$(.$sms)?.default_country = Some(country.into());
                self
            }

            /// Refuses a text that needs more segments than this, before anything is sent. Without it there is no limit.
            ///
            /// Each segment is charged; [`SmsText`](crate::SmsText) counts them. The error says how many the text needs,
            /// which characters make it expensive, and how it needs fewer. Nothing is replaced or cut. 0 is refused, too.
            ///
            /// ```
            /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
            /// phone.send_sms("+12245556666", "See you at ten").max_segments(1).await?;
            /// # Ok(()) }
            /// ```
            pub fn max_segments(mut self, segments: usize) -> Self {
                self$(.$sms)?.max_segments = Some(segments);
                self
            }
        }
    };
}

/// An SMS as data, to send many: see [`Device::send_many_sms`](crate::Device::send_many_sms).
///
/// ```
/// let sms = kandy::Sms::new("+12245556666", "Hello").from("+11234567890");
/// assert_eq!((sms.to(), sms.text()), ("+12245556666", "Hello"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is passed to a call"]
pub struct Sms {
    body: types::SmsSend,
    default_country: Option<String>,
    max_segments: Option<usize>,
}

impl Sms {
    /// Returns an SMS with a text to a phone number in international form, such as `+12245556666`; the rule is that of
    /// [`PhoneNumber`].
    ///
    /// [`PhoneNumber`]: crate::PhoneNumber
    pub fn new(to: impl Into<String>, text: impl Into<String>) -> Self {
        let message = types::SmsText { text: text.into() };
        let message = types::Sms { source: None, destination: to.into(), message };
        Self { body: types::SmsSend { message }, default_country: None, max_segments: None }
    }

    /// Returns the destination, unchanged.
    pub fn to(&self) -> &str {
        &self.body.message.destination
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.body.message.message.text
    }

    /// Checks the SMS, and returns the body of the request with normalised numbers. Borrowed where they are normalised
    /// already, which saves copying the text.
    fn checked_body(&self) -> Result<Cow<'_, types::SmsSend>> {
        let message = &self.body.message;
        let country = check::default_country("default_country", self.default_country.as_deref())?;
        let destination = check::destination("to", &message.destination, country)?;
        check::given("text", self.text())?;
        limit::check_segments(self.text(), self.max_segments)?;
        let source = match &message.source {
            Some(source) => check::source("from", source, country)?,
            None => None,
        };
        // `None` means that a number is in its normal form already.
        if destination.is_none() && source.is_none() {
            return Ok(Cow::Borrowed(&self.body));
        }
        let mut body = self.body.clone();
        if let Some(destination) = destination {
            body.message.destination = destination;
        }
        if source.is_some() {
            body.message.source = source;
        }
        Ok(Cow::Owned(body))
    }
}

optional_settings!(Sms);

/// Builder for [`Device::send_sms`](crate::Device::send_sms).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendSms {
    call: CallContext,
    device_id: DeviceId,
    sms: Sms,
}

impl SendSms {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, sms: Sms) -> Self {
        Self { call, device_id, sms }
    }

    pub(crate) fn into_sms(self) -> Sms {
        self.sms
    }
}

optional_settings!(SendSms, sms);
request!(SendSms => ());

impl CallSpec for SendSms {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("SMS to {:?}", self.sms.to())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        let body = self.sms.checked_body()?;
        Ok(api.sms_send(self.device_id.as_str(), &body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
