//! [`CallSpec`]: what a builder knows of its request, without any I/O.
//!
//! A call is described ([`CallSpec::describe`]), sent by the [`Driver`](super::driver::Driver), and read
//! ([`CallSpec::read`]). Begin reading here.

use kandy_sys::{Client, Envelope};
use serde::de::DeserializeOwned;

use super::{api::api, call::CallContext, driver::Driver};
use crate::{
    Result,
    decode::{Decode, Decoded},
};

/// The context of a call, which every builder has. It seals [`CallBuilder`](super::CallBuilder): other crates cannot name it.
pub trait HasCall {
    fn call(&self) -> &CallContext;

    fn call_mut(&mut self) -> &mut CallContext;
}

/// A call as data: how it is described, and how its response is read.
pub(crate) trait CallSpec: HasCall + Send + Sync {
    /// What the generated layer makes of the response.
    type Response: Decode;
    /// What the call returns.
    type Output: Send;

    /// Whether the call is one request. A builder that overrides [`execute`](Self::execute) says `false`.
    const IS_SINGLE: bool = true;

    /// Returns what the call is about, for error messages; no credential.
    fn subject(&self) -> String;

    /// Checks the arguments and describes the request: the first one, where a call takes several.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) if an argument cannot be used.
    fn describe<'a>(&'a self, api: &'a Client) -> Result<kandy_sys::Call<'a, Self::Response>>;

    /// Reads the result of the response.
    fn read(&self, result: Decoded<Self::Response>) -> Result<Self::Output>;

    /// Sends what the call takes: one request, unless a builder needs several.
    fn execute(&self, driver: &mut Driver<'_>) -> impl Future<Output = Result<Self::Output>> + Send {
        async move { self.read(driver.send(self.describe(api())?).await?) }
    }

    /// Like [`execute`](Self::execute), but reads the result of the response as `T`, so that it is decoded once.
    fn execute_as<T: DeserializeOwned + Send>(
        &self,
        driver: &mut Driver<'_>,
    ) -> impl Future<Output = Result<T>> + Send {
        async move {
            if Self::IS_SINGLE {
                return driver.send(self.describe(api())?.read_as::<Envelope<T>>()).await;
            }
            self.execute(driver).await?;
            driver.last_as()
        }
    }
}
