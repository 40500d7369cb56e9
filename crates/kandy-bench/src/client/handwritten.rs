//! The client on reqwest and serde_json.
//!
//! Depends on `crate::handwritten`.

use std::hint::black_box;

use super::{ClientUnderTest, DEVICE_ID, TOKEN, USER_API_KEY};
use crate::{
    BoxError,
    handwritten::{Client, CreatedUser, Done, NewUser, Sms, SmsBody, SmsText, UserList, UserResponse},
};

/// reqwest and serde_json, as a careful user would write it.
#[derive(Clone, Debug)]
pub struct Handwritten {
    client: Client,
}

impl ClientUnderTest for Handwritten {
    fn at(base_url: &str) -> Result<Self, BoxError> {
        Ok(Self { client: Client::new(base_url, TOKEN)? })
    }

    async fn get(&self) -> Result<(), BoxError> {
        let query = [("user_api_key", USER_API_KEY)];
        black_box(self.client.get::<UserResponse>("/domains/users/details", &query).await?);
        Ok(())
    }

    async fn list(&self) -> Result<usize, BoxError> {
        Ok(black_box(self.client.get::<UserList>("/domains/users", &[]).await?).users.len())
    }

    async fn create(&self, user_id: &str) -> Result<(), BoxError> {
        let user = NewUser { user_id, user_country_code: "US", user_email: "russ@example.com" };
        black_box(self.client.post::<CreatedUser>("/domains/users/user_id", &[], &user).await?);
        Ok(())
    }

    async fn sms(&self) -> Result<(), BoxError> {
        let message = SmsText { text: "Hello from Kandy!" };
        let body = SmsBody { message: Sms { source: "+11234567890", destination: "+12245556666", message } };
        self.client.post::<Done>("/devices/smss", &[("device_id", DEVICE_ID)], &body).await?;
        Ok(())
    }
}
