//! The client on the generated calls.
//!
//! Depends on `kandy_sys`.

use std::hint::black_box;

use kandy_sys::{ApiKey, BaseUrl, Client, types};

use super::{ClientUnderTest, DEVICE_ID, TOKEN, USER_API_KEY};
use crate::BoxError;

/// The generated calls, with a given token.
#[derive(Clone, Debug)]
pub struct Sys {
    client: Client,
}

impl ClientUnderTest for Sys {
    fn at(base_url: &str) -> Result<Self, BoxError> {
        Ok(Self { client: Client::with_credential(&BaseUrl::new(base_url)?, TOKEN)? })
    }

    async fn get(&self) -> Result<(), BoxError> {
        let response = self.client.user_get(None, Some(&ApiKey::from(USER_API_KEY))).await?;
        black_box(response.into_inner().into_result()?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, BoxError> {
        let list = self.client.user_list().await?.into_inner().into_result()?;
        Ok(black_box(list).users.len())
    }

    async fn create(&self, user_id: &str) -> Result<(), BoxError> {
        let body = types::UserCreate {
            user_country_code: Some("US".to_owned()),
            user_email: Some("russ@example.com".to_owned()),
            user_first_name: None,
            user_id: user_id.to_owned(),
            user_last_name: None,
            user_password: None,
        };
        black_box(self.client.user_create(&body).await?.into_inner().into_result()?);
        Ok(())
    }

    async fn sms(&self) -> Result<(), BoxError> {
        let body = types::SmsSend {
            message: types::Sms {
                destination: "+12245556666".to_owned(),
                message: types::SmsText { text: "Hello from Kandy!".to_owned() },
                source: Some("+11234567890".to_owned()),
            },
        };
        self.client.sms_send(DEVICE_ID, &body).await?.into_inner().into_result()?;
        Ok(())
    }
}
