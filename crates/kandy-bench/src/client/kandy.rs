//! The client on the SDK.
//!
//! Depends on `kandy`.

use std::hint::black_box;

use super::{ClientUnderTest, DEVICE_ID, USER_API_KEY};
use crate::BoxError;

/// The SDK with its default settings, and a token that it mints itself.
#[derive(Clone, Debug)]
pub struct Kandy {
    pub(crate) domain: kandy::Domain,
    pub(crate) device: kandy::Device,
}

impl Kandy {
    /// Creates the client with another limit of the response body.
    ///
    /// # Errors
    ///
    /// When the client cannot be created.
    pub fn with_limit(base_url: &str, body_limit: Option<usize>) -> Result<Self, BoxError> {
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

impl ClientUnderTest for Kandy {
    fn at(base_url: &str) -> Result<Self, BoxError> {
        Self::with_limit(base_url, None)
    }

    async fn get(&self) -> Result<(), BoxError> {
        black_box(self.domain.user_details(USER_API_KEY).await?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, BoxError> {
        Ok(black_box(self.domain.users().await?).len())
    }

    async fn create(&self, user_id: &str) -> Result<(), BoxError> {
        black_box(self.domain.create_user(user_id).country_code("US").email("russ@example.com").await?);
        Ok(())
    }

    async fn sms(&self) -> Result<(), BoxError> {
        Ok(self.device.send_sms("+12245556666", "Hello from Kandy!").from("+11234567890").await?)
    }

    async fn create_many(&self, number: usize, concurrency: usize) -> usize {
        let users =
            (0..number).map(|n| kandy::NewUser::new(format!("user{n}")).country_code("US").email("russ@example.com"));
        successes(self.domain.create_users(users).concurrency(concurrency)).await
    }

    async fn sms_many(&self, number: usize, concurrency: usize) -> usize {
        let messages = (0..number).map(|_| kandy::Sms::new("+12245556666", "Hello from Kandy!").from("+11234567890"));
        successes(self.device.send_many_sms(messages).concurrency(concurrency)).await
    }
}

/// Returns how many of the outcomes are successes.
async fn successes<I: Send + 'static, O: Send + 'static>(mut outcomes: kandy::Bulk<I, O>) -> usize {
    let mut done = 0;
    while let Some(outcome) = outcomes.next().await {
        done += usize::from(black_box(outcome).result.is_ok());
    }
    done
}
