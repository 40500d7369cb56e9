//! SMS.

use kandy_sys::{Client, types};

use crate::{
    DeviceId, Result, check,
    error::answer_of,
    pipeline::{Call, Request, request},
};

/// [`Device::send_sms`](crate::Device::send_sms), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendSms {
    call: Call,
    device_id: DeviceId,
    body: types::SmsSend,
}

impl SendSms {
    pub(crate) fn new(call: Call, device_id: DeviceId, destination: String, text: String) -> Self {
        Self {
            call,
            device_id,
            body: types::SmsSend {
                message: types::Sms { source: None, destination, message: types::SmsText { text } },
            },
        }
    }

    /// The number or the name that the receiver sees as the sender.
    pub fn from(mut self, source: impl Into<String>) -> Self {
        self.body.message.source = Some(source.into());
        self
    }
}

request!(SendSms => ());

impl Request for SendSms {
    type Output = ();

    fn subject(&self) -> String {
        format!("SMS to {:?}", self.body.message.destination)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::phone_number("to", &self.body.message.destination)?;
        check::given("text", &self.body.message.message.text)?;
        if let Some(source) = &self.body.message.source {
            check::given("from", source)?;
        }
        answer_of("sms_send", client.sms_send(self.device_id.as_str(), &self.body).await)?;
        Ok(())
    }
}
