//! An emulator with a domain on it, and users with their devices.

use kandy::{Account, Device, Domain, Kandy, User};
use kandy_emulator::Emulator;

/// An emulator, a client of it, its account, and a new domain `example.com`.
pub(crate) struct TestDomain {
    pub(crate) emulator: Emulator,
    pub(crate) kandy: Kandy,
    pub(crate) account: Account,
    pub(crate) domain: Domain,
}

impl TestDomain {
    /// Starts an emulator and creates the domain.
    pub(crate) async fn start() -> Self {
        Self::on(Emulator::start().expect("a free port")).await
    }

    /// Creates the domain on an emulator.
    pub(crate) async fn on(emulator: Emulator) -> Self {
        let kandy = client(&emulator);
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let domain = create_domain(&kandy, &emulator).await;
        Self { emulator, kandy, account, domain }
    }

    /// Creates a user, and returns it with its first device.
    pub(crate) async fn create_user(&self, user_id: &str) -> (User, Device) {
        self.domain.create_user(user_id).await.expect("created");
        let user = self.domain.user(user_id);
        let device = first_device(&user).await.expect("a device");
        (user, device)
    }

    /// Returns how many requests of an operation the emulator has received.
    pub(crate) fn requests_of(&self, operation: &str) -> usize {
        requests_of(&self.emulator, operation)
    }
}

/// Builds a client of an emulator, with the default settings.
pub(crate) fn client(emulator: &Emulator) -> Kandy {
    Kandy::builder().base_url(emulator.base_url()).build().expect("a client")
}

/// Creates the domain `example.com`.
pub(crate) async fn create_domain(kandy: &Kandy, emulator: &Emulator) -> Domain {
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("created");
    kandy.domain(created.api_key, created.api_secret)
}

/// Returns the first device of a user, which the service creates with the user.
pub(crate) async fn first_device(user: &User) -> kandy::Result<Device> {
    Ok(user.device(user.devices().await?.swap_remove(0).device_id))
}

/// Returns how many requests of an operation an emulator has received.
pub(crate) fn requests_of(emulator: &Emulator, operation: &str) -> usize {
    emulator.requests().iter().filter(|request| request.operation == Some(operation)).count()
}
