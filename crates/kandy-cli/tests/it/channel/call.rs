//! A session of two users.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use kandy::{Kandy, User};
use serde_json::value::RawValue;
use tokio::runtime::Runtime;

use super::proxy::Proxy;
use crate::fixture::Fixture;

/// A session that russ administers and anna takes part in.
pub(crate) struct Call {
    pub(crate) fixture: Fixture,
    runtime: Runtime,
    pub(crate) russ: User,
    pub(crate) anna: User,
    /// The id of the session.
    pub(crate) id: String,
}

impl Call {
    pub(crate) fn new() -> Self {
        let fixture = Fixture::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let kandy = Kandy::builder().base_url(fixture.emulator.base_url()).build().unwrap();
        let domain = kandy.domain(&*fixture.domain.0, &*fixture.domain.1);
        let (russ, anna) = (domain.user("russ"), domain.user("anna"));
        let call = Self { fixture, runtime, russ, anna, id: String::new() };
        let id = call.create("help");
        call.run(async {
            call.anna.session(&*id).join().await?;
            call.russ.session(&*id).accept("anna@example.com").await
        });
        Self { id, ..call }
    }

    /// Creates another session, and returns its id.
    pub(crate) fn create(&self, name: &str) -> String {
        let created = self.run(async { self.russ.create_session().session_type("support").name(name).await });
        created.session_id.to_string()
    }

    /// Runs calls of the SDK.
    pub(crate) fn run<T>(&self, call: impl Future<Output = kandy::Result<T>>) -> T {
        self.runtime.block_on(call).unwrap()
    }

    /// Sends data from anna to the other participants, byte for byte.
    pub(crate) fn send(&self, payload: &str) {
        let payload = RawValue::from_string(payload.to_owned()).unwrap();
        self.run(async { self.anna.channel().send_session_data(&*self.id, payload).confirmed().await });
    }

    /// Returns the access token of russ that a command with this variable uses.
    pub(crate) fn token(&self) -> String {
        self.run(async { self.russ.access_token().await }).expose().to_owned()
    }

    /// Returns a command.
    pub(crate) fn kandy(&self, arguments: &[&str]) -> Command {
        let mut command = self.fixture.kandy();
        command.args(arguments);
        command
    }

    /// Returns a command that reaches the emulator through a proxy.
    pub(crate) fn kandy_over(&self, proxy: &Proxy, arguments: &[&str]) -> Command {
        let mut command = self.kandy(arguments);
        command.env("KANDY_BASE_URL", proxy.base_url());
        command
    }

    /// Waits until russ has this number of channels.
    pub(crate) fn wait_for_channels(&self, count: usize) {
        let began = Instant::now();
        let open = || self.fixture.emulator.channels();
        while open().iter().filter(|channel| channel.full_user_id == "russ@example.com").count() != count {
            assert!(began.elapsed() < Duration::from_secs(60), "{:?}", open());
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
