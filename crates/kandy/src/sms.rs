//! SMS.

use kandy_sys::{Client, types};

use crate::{
    DeviceId, Result, check,
    error::answer_of,
    pipeline::{Call, Request, request},
};

/// What may be said of an SMS. It is where `$sms` leads.
macro_rules! optional_sender {
    ($name:ident, $($sms:ident).+) => {
        impl $name {
            /// The number or the name that the receiver sees as the sender.
            pub fn from(mut self, source: impl Into<String>) -> Self {
                self.$($sms).+.source = Some(source.into());
                self
            }
        }
    };
}

/// An SMS to send, among many: see [`Device::send_many_sms`](crate::Device::send_many_sms).
///
/// ```
/// let sms = kandy::Sms::new("+12245556666", "Hello").from("+11234567890");
/// assert_eq!((sms.to(), sms.text()), ("+12245556666", "Hello"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is among those that are"]
pub struct Sms {
    body: types::SmsSend,
}

impl Sms {
    /// A text to a phone number in international form: `+12245556666`.
    pub fn new(to: impl Into<String>, text: impl Into<String>) -> Self {
        let message = types::SmsText { text: text.into() };
        Self { body: types::SmsSend { message: types::Sms { source: None, destination: to.into(), message } } }
    }

    /// The number that it goes to.
    pub fn to(&self) -> &str {
        &self.body.message.destination
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.body.message.message.text
    }
}

optional_sender!(Sms, body.message);

/// [`Device::send_sms`](crate::Device::send_sms), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendSms {
    call: Call,
    device_id: DeviceId,
    sms: Sms,
}

impl SendSms {
    pub(crate) fn new(call: Call, device_id: DeviceId, sms: Sms) -> Self {
        Self { call, device_id, sms }
    }

    pub(crate) fn into_sms(self) -> Sms {
        self.sms
    }
}

optional_sender!(SendSms, sms.body.message);
request!(SendSms => ());

impl Request for SendSms {
    type Output = ();

    fn subject(&self) -> String {
        format!("SMS to {:?}", self.sms.to())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::phone_number("to", self.sms.to())?;
        check::given("text", self.sms.text())?;
        if let Some(source) = &self.sms.body.message.source {
            check::given("from", source)?;
        }
        answer_of("sms_send", client.sms_send(self.device_id.as_str(), &self.sms.body).await)?;
        Ok(())
    }
}
