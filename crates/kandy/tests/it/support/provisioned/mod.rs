//! An emulator with a domain and two users, and a prepared call of every wrapped operation on them.

mod account;
mod address_book;
mod content;
mod conversation;
mod device;
mod directory;
mod domain;
mod group;
mod hunt_group;
mod presence;
mod session;
mod user;
mod verification;

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt;
use kandy::{
    Account, ApiKey, ApiSecret, Attachment, CallBuilder, Device, DeviceId, Domain, GroupId, Kandy, KandyBuilder,
    RetryBudget, RetryPolicy, User,
    sys::{BoxFuture, Operation, types::Contact},
};
use kandy_emulator::{Emulator, NewGroup};

use super::{
    clock::TestClock,
    coverage::not_provisioned,
    emulator::client,
    fault_cases::{ATTEMPTS, BODY_LIMIT},
};

/// The timeout of calls that only a timeout ends.
const SHORT_TIMEOUT: Duration = Duration::from_millis(200);
/// The timeout of the second try of such a call, for a busy machine.
const RETRIED_TIMEOUT: Duration = Duration::from_secs(3);
/// The timeout of all other calls: no call should reach it, even on a busy machine.
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest total wait of a call while the service limits the rate of requests.
pub(crate) const RATE_LIMIT_WAIT: Duration = Duration::from_secs(15);

/// All credentials that were created or minted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials(Arc<Mutex<Vec<String>>>);

impl Credentials {
    pub(crate) fn add(&self, credential: &str) {
        let mut all = self.0.lock().expect("no panic");
        if !all.iter().any(|known| known == credential) {
            all.push(credential.to_owned());
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }
}

/// A client and its handles.
pub(crate) struct Handles {
    pub(crate) kandy: Kandy,
    pub(crate) clock: TestClock,
    /// The `Debug` output of the client's builder.
    pub(crate) builder: String,
    account: Account,
    domain: Domain,
    russ: User,
    anna: User,
}

/// A call that is ready to be sent.
pub(crate) struct Call {
    /// The `Debug` output of the handle and the builder, and the preview.
    pub(crate) printed: String,
    /// Sends the call, and returns the `Debug` output of its result.
    pub(crate) future: BoxFuture<'static, kandy::Result<String>>,
}

/// The emulator, its contents, and clients with different timeouts.
pub(crate) struct Provisioned {
    pub(crate) emulator: Emulator,
    /// A client with a long timeout.
    pub(crate) default_handles: Handles,
    /// Clients with short timeouts, for faults that only a timeout ends.
    pub(crate) short_timeout_handles: [Handles; 2],
    pub(crate) credentials: Credentials,
    domain_key: ApiKey<Domain>,
    domain_secret: ApiSecret<Domain>,
    russ_device: DeviceId,
    anna_device: DeviceId,
    group: GroupId,
}

impl Provisioned {
    /// Returns the port of the emulator, which its configurations name.
    pub(crate) fn port(&self) -> Option<i64> {
        let url = reqwest::Url::parse(self.emulator.base_url()).ok();
        url.and_then(|url| url.port()).map(Into::into)
    }

    /// Creates the domain, the users and their data. `configure` changes the settings of the clients.
    pub(crate) async fn start(emulator: Emulator, configure: impl Fn(KandyBuilder) -> KandyBuilder) -> Self {
        let credentials = Credentials::default();
        credentials.add(emulator.account_key());
        credentials.add(emulator.account_secret());
        let kandy = client(&emulator);
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let created = account.create_domain("example.com").await.expect("created");
        record_domain(&credentials, &created);
        let domain = kandy.domain(&created.api_key, &created.api_secret);
        for user_id in ["russ", "anna"] {
            record_user(&credentials, &domain.create_user(user_id).await.expect("created"));
        }
        let device = async |user_id| domain.user(user_id).devices().await.expect("a list").swap_remove(0).device_id;
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let (domain_key, domain_secret) = (created.api_key, created.api_secret);
        let handles = |timeout| Handles::new(&emulator, (&domain_key, &domain_secret), timeout, &configure);
        let provisioned = Self {
            default_handles: handles(LONG_TIMEOUT),
            short_timeout_handles: [handles(SHORT_TIMEOUT), handles(RETRIED_TIMEOUT)],
            russ_device: device("russ").await,
            anna_device: device("anna").await,
            group: emulator.create_group(group).expect("the members exist").into(),
            credentials,
            domain_key,
            domain_secret,
            emulator,
        };
        // Something for each list and download to return.
        provisioned.add_contact();
        let phone = provisioned.phone(&provisioned.default_handles);
        phone.send_message("anna@example.com", "hello").await.expect("sent");
        let picture = Attachment::new("pixel.png", content::PIXEL);
        phone.upload(picture).content_id(content::STORED).await.expect("stored");
        provisioned
    }

    /// Mints the tokens of all handles, and records them as credentials.
    pub(crate) async fn mint_tokens(&self, handles: &Handles) {
        let Handles { account, domain, russ, anna, .. } = handles;
        self.credentials.add(retry_timeouts(|| account.access_token()).await.expose());
        self.credentials.add(retry_timeouts(|| domain.access_token()).await.expose());
        for user in [russ, anna] {
            self.credentials.add(retry_timeouts(|| user.access_token()).await.expose());
        }
    }

    /// Returns a count that grows by one with each effect of an operation.
    pub(crate) async fn effects(&self, operation: &Operation) -> i64 {
        let state = self.emulator.state();
        let count = match operation.id {
            "account_access_token_get" | "account_access_token_delete" => state.live_tokens,
            "domain_access_token_get"
            | "domain_access_token_delete"
            | "user_access_token_get"
            | "user_access_token_delete" => state.live_tokens,
            "domain_create" | "domain_delete" => state.domains,
            "user_create" | "user_create_by_phone_number" | "user_delete" => state.users,
            "device_create" | "device_delete" => state.devices,
            "message_send" | "group_message_send" | "event_send" => state.pending_messages,
            // On the device alone: its sender gets an acknowledgement.
            "message_delete" => {
                let pending = self.tablet(&self.default_handles).pending_messages().await.expect("a list");
                pending.messages.len()
            }
            "group_create" | "group_delete" => state.groups,
            "sms_send" => state.sms,
            "content_upload" => state.contents,
            "session_create" | "session_delete" => state.sessions,
            "verification_code_send" => self.emulator.verification_codes().len(),
            "registration_create" | "anonymous_user_get" | "anonymous_user_get_by_api_key" => state.users,
            // One call empties the book, whatever its length.
            "device_address_book_delete" => {
                let book = self.tablet(&self.default_handles).address_book().await.expect("a list");
                usize::from(!book.is_empty())
            }
            "device_address_book_upload" => {
                self.phone(&self.default_handles).address_book().await.expect("a list").len()
            }
            "personal_contact_create" | "personal_contact_delete" => {
                self.default_handles.russ.contacts().await.expect("a list").len()
            }
            // Setting it again changes nothing that could be counted.
            "user_profile_set" => {
                let profile = self.default_handles.russ.profile("russ", "example.com").await.expect("a profile");
                usize::from(profile.status_text.is_some_and(|text| !text.is_empty()))
            }
            id => match operation.tag {
                "Hunt group" => hunt_group::effects(self, id).await,
                "Session" => session::effects(self, id).await,
                "Group" => group::effects(&self.default_handles.russ, id).await,
                "Conversation" => conversation::effects(&self.default_handles.russ, id).await,
                _ => 0,
            },
        };
        let count = i64::try_from(count).expect("few");
        if operation.method.as_str() == "DELETE" { -count } else { count }
    }

    fn phone(&self, handles: &Handles) -> Device {
        handles.russ.device(self.russ_device.clone())
    }

    fn tablet(&self, handles: &Handles) -> Device {
        handles.anna.device(self.anna_device.clone())
    }

    /// Prepares the call of an operation. A call that deletes gets an object of its own. `number` is unique for each call.
    pub(crate) async fn prepare(&self, operation: &Operation, handles: &Handles, number: usize) -> Call {
        let setup = CallSetup { provisioned: self, handles, number };
        let call = match operation.tag {
            "Account" => account::prepare(&setup, operation.id).await,
            "Domain" => domain::prepare(&setup, operation.id).await,
            "Hunt group" => hunt_group::prepare(&setup, operation.id).await,
            "Verification" => verification::prepare(&setup, operation.id).await,
            "User" => user::prepare(&setup, operation.id).await,
            "Device" => device::prepare(&setup, operation.id).await,
            "Content" => content::prepare(&setup, operation.id).await,
            "Address book" => address_book::prepare(&setup, operation.id).await,
            "Directory" => directory::prepare(&setup, operation.id).await,
            "Presence" => presence::prepare(&setup, operation.id).await,
            "Group" => group::prepare(&setup, operation.id).await,
            "Session" => session::prepare(&setup, operation.id).await,
            "Conversation" => conversation::prepare(&setup, operation.id).await,
            _ => None,
        };
        call.unwrap_or_else(|| panic!("\n{}\n", not_provisioned(operation, "load fault_matrix")))
    }

    /// Adds a contact to the address book of anna's device.
    fn add_contact(&self) {
        let contact = Contact { number: Some("+14055671234".into()), ..Contact::default() };
        self.emulator.add_contact(self.anna_device.as_str(), contact).expect("the device exists");
    }
}

/// Repeats a call that timed out, until it succeeds.
async fn retry_timeouts<T, F: Future<Output = kandy::Result<T>>>(attempt: impl Fn() -> F) -> T {
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error) => assert!(error.is_timeout(), "{error}"),
        }
    }
}

/// What the preparation of a call uses.
pub(crate) struct CallSetup<'a> {
    provisioned: &'a Provisioned,
    handles: &'a Handles,
    number: usize,
}

impl<'a> CallSetup<'a> {
    /// Returns the handles with the long timeout, which create what the call needs.
    fn default_handles(&self) -> &'a Handles {
        &self.provisioned.default_handles
    }

    /// Returns a name that is unique to the call.
    fn name(&self) -> String {
        format!("call-{}", self.number)
    }

    /// Returns the device of russ, who makes the call.
    fn phone(&self) -> Device {
        self.provisioned.phone(self.handles)
    }

    /// Returns the device of anna, to whom messages are sent.
    fn tablet(&self) -> Device {
        self.provisioned.tablet(self.handles)
    }
}

/// Returns the `Debug` output of a handle, a builder and its preview.
fn printed<H: Debug, B: Debug + Clone + CallBuilder>(handle: &H, builder: &B) -> String {
    let preview = builder.clone().preview().now_or_never().expect("a preview does no I/O").expect("a preview");
    format!("{handle:?} {builder:?} {builder:#?} {preview} {preview:?} {preview:#?}")
}

impl Call {
    /// Prepares a call whose result has to pass `check`.
    fn new<H, B, T>(handle: &H, builder: B, check: impl FnOnce(&T) + Send + 'static) -> Self
    where
        H: Debug,
        B: Debug + Clone + CallBuilder<Value = T>,
        T: Debug + 'static,
    {
        let printed = printed(handle, &builder);
        let future = builder.into_future();
        let future = async move {
            let value = future.await?;
            check(&value);
            Ok(format!("{value:?}"))
        };
        Self { printed, future: Box::pin(future) }
    }
}

impl Handles {
    /// Builds a client of the emulator with this timeout.
    fn new(
        emulator: &Emulator,
        (domain_key, domain_secret): (&ApiKey<Domain>, &ApiSecret<Domain>),
        timeout: Duration,
        configure: &impl Fn(KandyBuilder) -> KandyBuilder,
    ) -> Self {
        let clock = TestClock::with_system_date(0.5);
        let attempts = u32::try_from(ATTEMPTS).expect("few");
        let builder: KandyBuilder = Kandy::builder()
            .base_url(emulator.base_url())
            .timeout(timeout)
            .body_limit(BODY_LIMIT)
            .retry(RetryPolicy::default().attempts(attempts).longest_rate_limit_wait(RATE_LIMIT_WAIT))
            // The budget and the deadline must not carry over from one case to the next.
            .retry_budget(RetryBudget::new(1_000_000))
            .deadline(Duration::from_secs(1_000_000))
            .clock(clock.clone());
        let builder = configure(builder);
        let printed = format!("{builder:?}");
        let kandy = builder.build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let domain = kandy.domain(domain_key, domain_secret);
        let (russ, anna) = (domain.user("russ"), domain.user("anna"));
        Self { kandy, clock, builder: printed, account, domain, russ, anna }
    }
}

/// Records the credentials of a new domain.
fn record_domain(credentials: &Credentials, created: &kandy::CreatedDomain) {
    credentials.add(created.api_key.expose());
    credentials.add(created.api_secret.expose());
}

/// Records the credentials of an anonymous user.
fn record_anonymous_user(credentials: &Credentials, user: &kandy::AnonymousUser) {
    credentials.add(user.password.as_ref().expect("a password").expose());
    credentials.add(user.access_token.as_ref().expect("a token").expose());
}

/// Records the credentials of a new user.
fn record_user(credentials: &Credentials, created: &kandy::CreatedUser) {
    let kandy::CreatedUser { api_key, api_secret, password, .. } = created;
    let credentials = |credential: Option<&str>| credential.map(|credential| credentials.add(credential));
    credentials(api_key.as_ref().map(ApiKey::expose));
    credentials(api_secret.as_ref().map(ApiSecret::expose));
    credentials(password.as_ref().map(kandy::Secret::expose));
}
