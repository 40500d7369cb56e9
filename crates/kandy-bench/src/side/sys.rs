use std::hint::black_box;

use kandy_sys::{BaseUrl, Client, Secret, types};

use super::{DEVICE_ID, Side, TOKEN, USER_API_KEY};
use crate::Failure;

/// The generated calls, with a token that someone else minted.
#[derive(Clone, Debug)]
pub struct Sys {
    client: Client,
}

impl Side for Sys {
    fn at(base_url: &str) -> Result<Self, Failure> {
        Ok(Self { client: Client::with_credential(&BaseUrl::new(base_url)?, TOKEN)? })
    }

    async fn get(&self) -> Result<(), Failure> {
        let answer = self.client.user_get(None, Some(&Secret::from(USER_API_KEY))).await?;
        black_box(answer.into_inner().into_result()?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, Failure> {
        let list = self.client.user_list().await?.into_inner().into_result()?;
        Ok(black_box(list).users.len())
    }

    async fn create(&self, user_id: &str) -> Result<(), Failure> {
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

    async fn sms(&self) -> Result<(), Failure> {
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
