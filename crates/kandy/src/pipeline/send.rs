//! Sends what a builder describes: the entry of all wrapped calls.

use serde::de::DeserializeOwned;

use super::{driver::Driver, response::Response, spec::CallSpec};
use crate::Result;

/// Sends a call, and returns what it returns.
pub(crate) async fn send<C: CallSpec>(call: C) -> Result<C::Output> {
    // Not through `run`, whose future would be one more to compile for each builder.
    run_with(&mut Driver::new(call.call(), false), &call).await
}

/// Sends a call that is needed afterwards.
pub(crate) async fn run<C: CallSpec>(call: &C) -> Result<C::Output> {
    run_with(&mut Driver::new(call.call(), false), call).await
}

/// Sends a call, and returns the raw response beside the typed one: the last, where a call takes several requests.
pub(crate) async fn send_with_response<C: CallSpec>(call: C) -> Result<Response<C::Output>> {
    let mut driver = Driver::new(call.call(), true);
    let value = run_with(&mut driver, &call).await?;
    driver.into_response(value)
}

/// Sends a call, and returns the raw response beside its result, read as `T`.
pub(crate) async fn send_as<C: CallSpec, T: DeserializeOwned + Send>(call: C) -> Result<Response<T>> {
    let mut driver = Driver::new(call.call(), true);
    let value = call.execute_as(&mut driver).await;
    let value = value.map_err(|error| driver.complete(error, &|| call.subject()))?;
    driver.into_response(value)
}

/// Sends a call by a driver that is needed afterwards.
pub(crate) async fn run_with<C: CallSpec>(driver: &mut Driver<'_>, call: &C) -> Result<C::Output> {
    let output = call.execute(driver).await;
    output.map_err(|error| driver.complete(error, &|| call.subject()))
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use super::super::api;
    use crate::Kandy;

    /// An allocator serves blocks up to about 1 KiB from a cache of the thread; larger ones make tasks wait for each
    /// other (`kandy-bench`, 256 calls in flight).
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_futures_of_a_call_are_small() {
        let kandy = Kandy::builder().base_url("http://127.0.0.1/v1.2").build().expect("a client");
        let domain = kandy.domain("DAK-key", "DAS-secret");
        let device = kandy.user_with_token("UAT").device("A149");
        let sms = device.send_sms("+12245556666", "Hello");
        let request = api().user_list().into_request().expect("a request");
        for size in [
            size_of_val(&domain.client().send(&request, None)),
            size_of_val(&*domain.users().into_future()),
            size_of_val(&*sms.into_future()),
        ] {
            assert!(size <= 1024, "{size} bytes");
        }
    }
}
