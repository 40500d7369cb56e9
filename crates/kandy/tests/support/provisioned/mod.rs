//! An emulator with a domain and two users in it, and every wrapped operation, ready to be called on them.

#![allow(dead_code, reason = "each test file takes what it needs")]

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
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use kandy::{
    Account, ApiKey, ApiSecret, Attachment, CallBuilder, Clock, Device, DeviceId, Domain, GroupId, Kandy, KandyBuilder,
    RetryBudget, RetryPolicy, User,
    sys::{BoxFuture, Operation, types::Contact},
};
use kandy_emulator::{Emulator, NewGroup};

use super::{
    coverage::not_provisioned,
    faults::{ATTEMPTS, BODY_LIMIT},
};

/// How long those wait who know that nothing will come.
const HASTE: Duration = Duration::from_millis(200);
/// The same, once more, on a machine that has much else to do.
const LESS_HASTE: Duration = Duration::from_secs(3);
/// How long all others wait, even on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a call waits in all while the service limits the rate of requests.
pub(crate) const RATE_LIMIT_WAIT: Duration = Duration::from_secs(15);

/// A clock that remembers how long it was asked to wait, and does not.
#[derive(Clone, Debug)]
pub(crate) struct Waits(Arc<Mutex<(Instant, Vec<Duration>)>>);

impl Waits {
    fn new() -> Self {
        Self(Arc::new(Mutex::new((Instant::now(), Vec::new()))))
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.lock().expect("no panic").0 += time;
    }

    /// What it was asked since this was called last.
    pub(crate) fn take(&self) -> Vec<Duration> {
        std::mem::take(&mut self.0.lock().expect("no panic").1)
    }
}

impl Clock for Waits {
    fn now(&self) -> Instant {
        self.0.lock().expect("no panic").0
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut waits = self.0.lock().expect("no panic");
        waits.0 += duration;
        waits.1.push(duration);
        Box::pin(async {})
    }

    fn random(&self) -> f64 {
        0.5
    }
}

/// The credentials that there are.
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

/// A client, and its handles.
pub(crate) struct Handles {
    pub(crate) kandy: Kandy,
    pub(crate) waits: Waits,
    pub(crate) builder: String,
    account: Account,
    domain: Domain,
    russ: User,
    anna: User,
}

/// A call that can be made.
pub(crate) struct Call {
    /// What the handle and the builder show of themselves.
    pub(crate) shown: String,
    /// Answers what the answer shows of itself.
    pub(crate) future: BoxFuture<'static, kandy::Result<String>>,
}

pub(crate) struct Provisioned {
    pub(crate) emulator: Emulator,
    /// A client that waits.
    pub(crate) patient: Handles,
    /// Clients that give up soon, and not quite so soon.
    pub(crate) hasty: [Handles; 2],
    pub(crate) credentials: Credentials,
    domain_key: ApiKey<Domain>,
    domain_secret: ApiSecret<Domain>,
    russ_device: DeviceId,
    anna_device: DeviceId,
    group: GroupId,
}

impl Provisioned {
    /// `set_up` has the last word on the clients.
    pub(crate) async fn start(emulator: Emulator, set_up: impl Fn(KandyBuilder) -> KandyBuilder) -> Self {
        let credentials = Credentials::default();
        credentials.add(emulator.account_key());
        credentials.add(emulator.account_secret());
        let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let created = account.create_domain("example.com").await.expect("created");
        learn_domain(&credentials, &created);
        let domain = kandy.domain(&created.api_key, &created.api_secret);
        for user_id in ["russ", "anna"] {
            learn_user(&credentials, &domain.create_user(user_id).await.expect("created"));
        }
        let device = async |user_id| domain.user(user_id).devices().await.expect("a list").swap_remove(0).device_id;
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let (domain_key, domain_secret) = (created.api_key, created.api_secret);
        let handles = |timeout| Handles::new(&emulator, (&domain_key, &domain_secret), timeout, &set_up);
        let provisioned = Self {
            patient: handles(PATIENCE),
            hasty: [handles(HASTE), handles(LESS_HASTE)],
            russ_device: device("russ").await,
            anna_device: device("anna").await,
            group: emulator.create_group(group).expect("the members exist").into(),
            credentials,
            domain_key,
            domain_secret,
            emulator,
        };
        // What there is to read.
        provisioned.add_contact();
        let phone = provisioned.phone(&provisioned.patient);
        phone.send_message("anna@example.com", "hello").await.expect("sent");
        let picture = Attachment::new("pixel.png", content::PIXEL);
        phone.upload(picture).content_id(content::STORED).await.expect("stored");
        provisioned
    }

    /// Sees to it that the handles have tokens, and takes note of them.
    pub(crate) async fn warm(&self, handles: &Handles) {
        let Handles { account, domain, russ, anna, .. } = handles;
        self.credentials.add(in_the_end(|| account.access_token()).await.expose());
        self.credentials.add(in_the_end(|| domain.access_token()).await.expose());
        for user in [russ, anna] {
            self.credentials.add(in_the_end(|| user.access_token()).await.expose());
        }
    }

    /// How often an operation has had its effect, counted so that it grows with each time.
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
            "message_send" | "message_delete" | "group_message_send" | "event_send" => state.pending_messages,
            "group_create" | "group_delete" => state.groups,
            "sms_send" => state.sms,
            "content_upload" => state.contents,
            "session_create" | "session_delete" => state.sessions,
            "verification_code_send" => self.emulator.verification_codes().len(),
            "registration_create" | "anonymous_user_get" | "anonymous_user_get_by_api_key" => state.users,
            // It empties the book, however much is in it.
            "device_address_book_delete" => {
                let book = self.tablet(&self.patient).address_book().await.expect("a list");
                usize::from(!book.is_empty())
            }
            "device_address_book_upload" => self.phone(&self.patient).address_book().await.expect("a list").len(),
            "personal_contact_create" | "personal_contact_delete" => {
                self.patient.russ.contacts().await.expect("a list").len()
            }
            // However often it is set, it is set.
            "user_profile_set" => {
                let profile = self.patient.russ.profile("russ", "example.com").await.expect("a profile");
                usize::from(profile.status_text.is_some_and(|text| !text.is_empty()))
            }
            id => match operation.tag {
                "Hunt group" => hunt_group::effects(self, id).await,
                "Session" => session::effects(self, id).await,
                "Group" => group::effects(&self.patient.russ, id).await,
                "Conversation" => conversation::effects(&self.patient.russ, id).await,
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

    /// Prepares the call of an operation, on something of its own where it deletes. `number` is another one
    /// each time.
    pub(crate) async fn call(&self, operation: &Operation, handles: &Handles, number: usize) -> Call {
        let stage = Stage { of: self, handles, number };
        let call = match operation.tag {
            "Account" => account::call(&stage, operation.id).await,
            "Domain" => domain::call(&stage, operation.id).await,
            "Hunt group" => hunt_group::call(&stage, operation.id).await,
            "Verification" => verification::call(&stage, operation.id).await,
            "User" => user::call(&stage, operation.id).await,
            "Device" => device::call(&stage, operation.id).await,
            "Content" => content::call(&stage, operation.id).await,
            "Address book" => address_book::call(&stage, operation.id).await,
            "Directory" => directory::call(&stage, operation.id).await,
            "Presence" => presence::call(&stage, operation.id).await,
            "Group" => group::call(&stage, operation.id).await,
            "Session" => session::call(&stage, operation.id).await,
            "Conversation" => conversation::call(&stage, operation.id).await,
            _ => None,
        };
        call.unwrap_or_else(|| panic!("\n{}\n", not_provisioned(operation, "matrix")))
    }

    /// Puts a contact into the book.
    fn add_contact(&self) {
        let contact = Contact { number: Some("+14055671234".into()), ..Contact::default() };
        self.emulator.add_contact(self.anna_device.as_str(), contact).expect("the device exists");
    }
}

/// What even a client in haste has when it does not give up.
async fn in_the_end<T, F: Future<Output = kandy::Result<T>>>(attempt: impl Fn() -> F) -> T {
    loop {
        match attempt().await {
            Ok(value) => return value,
            Err(error) => assert!(error.is_timeout(), "{error}"),
        }
    }
}

/// Where a call is prepared.
pub(crate) struct Stage<'a> {
    of: &'a Provisioned,
    handles: &'a Handles,
    number: usize,
}

impl<'a> Stage<'a> {
    /// What is to be deleted is made by those who have time for it.
    fn maker(&self) -> &'a Handles {
        &self.of.patient
    }

    /// A name that nothing else has.
    fn name(&self) -> String {
        format!("made-{}", self.number)
    }

    /// The device of the user who acts.
    fn phone(&self) -> Device {
        self.of.phone(self.handles)
    }

    /// The device of the user who is acted upon.
    fn tablet(&self) -> Device {
        self.of.tablet(self.handles)
    }
}

/// What a handle, a builder and its preview show of themselves.
fn shown<H: Debug, B: Debug + Clone + CallBuilder>(handle: &H, builder: &B) -> String {
    let preview = builder.clone().preview().now_or_never().expect("nothing is waited for").expect("a preview");
    format!("{handle:?} {builder:?} {builder:#?} {preview} {preview:?} {preview:#?}")
}

/// A call that has to answer what `check` wants.
fn answering<H, B, T>(handle: &H, builder: B, check: impl FnOnce(&T) + Send + 'static) -> Call
where
    H: Debug,
    B: Debug + Clone + CallBuilder<Value = T>,
    T: Debug + 'static,
{
    let shown = shown(handle, &builder);
    let future = builder.into_future();
    let future = async move {
        let value = future.await?;
        check(&value);
        Ok(format!("{value:?}"))
    };
    Call { shown, future: Box::pin(future) }
}

impl Handles {
    fn new(
        emulator: &Emulator,
        (domain_key, domain_secret): (&ApiKey<Domain>, &ApiSecret<Domain>),
        timeout: Duration,
        set_up: &impl Fn(KandyBuilder) -> KandyBuilder,
    ) -> Self {
        let waits = Waits::new();
        let attempts = u32::try_from(ATTEMPTS).expect("few");
        let builder: KandyBuilder = Kandy::builder()
            .base_url(emulator.base_url())
            .timeout(timeout)
            .body_limit(BODY_LIMIT)
            .retry(RetryPolicy::default().attempts(attempts).longest_rate_limit_wait(RATE_LIMIT_WAIT))
            // Each cell stands for itself.
            .retry_budget(RetryBudget::new(1_000_000))
            .deadline(Duration::from_secs(1_000_000))
            .clock(waits.clone());
        let builder = set_up(builder);
        let shown = format!("{builder:?}");
        let kandy = builder.build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let domain = kandy.domain(domain_key, domain_secret);
        let (russ, anna) = (domain.user("russ"), domain.user("anna"));
        Self { kandy, waits, builder: shown, account, domain, russ, anna }
    }
}

fn learn_domain(credentials: &Credentials, created: &kandy::CreatedDomain) {
    credentials.add(created.api_key.expose());
    credentials.add(created.api_secret.expose());
}

fn learn_anonymous_user(credentials: &Credentials, user: &kandy::AnonymousUser) {
    credentials.add(user.password.as_ref().expect("a password").expose());
    credentials.add(user.access_token.as_ref().expect("a token").expose());
}

fn learn_user(credentials: &Credentials, created: &kandy::CreatedUser) {
    let kandy::CreatedUser { api_key, api_secret, password, .. } = created;
    let credentials = |credential: Option<&str>| credential.map(|credential| credentials.add(credential));
    credentials(api_key.as_ref().map(ApiKey::expose));
    credentials(api_secret.as_ref().map(ApiSecret::expose));
    credentials(password.as_ref().map(kandy::Secret::expose));
}
