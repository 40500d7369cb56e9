//! The ways to make a blocking [`Kandy`], and to run asynchronous code on its thread. Depends on the generated handle.

use super::{generated::Kandy, runtime::Runtime};
use crate::{KandyBuilder, Result};

impl KandyBuilder {
    /// Creates a blocking client, and starts its thread. Sends nothing.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let kandy = kandy::blocking::Kandy::builder().timeout(Duration::from_secs(5)).build_blocking()?;
    /// assert_eq!(kandy.base_url(), "https://api.kandy.io/v1.2");
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build); [`Error::Transport`](crate::Error::Transport) when the thread cannot be
    /// started.
    pub fn build_blocking(self) -> Result<Kandy> {
        self.build()?.try_into()
    }
}

impl Kandy {
    /// Runs asynchronous code on the thread of the client, and waits for it: for
    /// [raw calls](super::User::raw), and for what else has no blocking form.
    ///
    /// ```no_run
    /// # fn example(kandy: kandy::blocking::Kandy, russ: kandy::blocking::User) -> Result<(), Box<dyn std::error::Error>> {
    /// let raw = russ.raw().clone();
    /// let devices = kandy.block_on(async move { raw.device_list().await })??.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When the thread cannot run it; the result of the future is inside.
    pub fn block_on<F>(&self, future: F) -> Result<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.runtime.start_call(future).result()
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }
}

impl TryFrom<crate::Kandy> for Kandy {
    type Error = crate::Error;

    /// Starts a thread for an asynchronous client. Await calls of that client in
    /// [`block_on`](Self::block_on) only: they share connections, which belong to the thread.
    fn try_from(kandy: crate::Kandy) -> Result<Self> {
        let runtime = Runtime::start(kandy.inner.clock.clone())?;
        Ok(Self::of(kandy, runtime))
    }
}
