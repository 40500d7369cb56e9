use std::hint::black_box;

use super::{DEVICE_ID, Side, USER_API_KEY};
use crate::Failure;

/// The SDK, as its users call it: with the default settings, and a token that it mints itself.
#[derive(Clone, Debug)]
pub struct Kandy {
    pub(crate) domain: kandy::Domain,
    pub(crate) device: kandy::Device,
}

impl Kandy {
    /// With another limit for the length of an answer.
    ///
    /// # Errors
    ///
    /// When the client cannot be set up.
    pub fn with_limit(base_url: &str, body_limit: Option<usize>) -> Result<Self, Failure> {
        let mut builder = kandy::Kandy::builder().base_url(base_url);
        if let Some(body_limit) = body_limit {
            builder = builder.body_limit(body_limit);
        }
        let domain =
            builder.build()?.domain("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6", "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
        let device = domain.user("russ").device(DEVICE_ID);
        Ok(Self { domain, device })
    }
}

impl Side for Kandy {
    fn at(base_url: &str) -> Result<Self, Failure> {
        Self::with_limit(base_url, None)
    }

    async fn get(&self) -> Result<(), Failure> {
        black_box(self.domain.user_details(USER_API_KEY).await?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, Failure> {
        Ok(black_box(self.domain.users().await?).len())
    }

    async fn create(&self, user_id: &str) -> Result<(), Failure> {
        black_box(self.domain.create_user(user_id).country_code("US").email("russ@example.com").await?);
        Ok(())
    }

    async fn sms(&self) -> Result<(), Failure> {
        Ok(self.device.send_sms("+12245556666", "Hello from Kandy!").from("+11234567890").await?)
    }
}
