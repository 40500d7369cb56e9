//! [`MockService`]: a transport in memory, its rules and its record. Depends on `client` and `reply`.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use kandy_sys::{BaseUrl, Body, BoxFuture, DEFAULT_BASE_URL, Operation, Request, Transport, TransportFailure};

use super::Reply;
use crate::{Kandy, KandyBuilder, Preview};

/// A service in memory, for tests: it replies to each request by rules, and records the requests.
///
/// Without a rule the reply is the [example](Reply::example) of the operation. Clones are the same service. It is a
/// [`Transport`], for [`Kandy::with_transport`] and [`KandyBuilder::transport`].
///
/// ```
/// use kandy::{Phase, Status, testing::{MockService, Reply}};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> kandy::Result<()> {
/// let service = MockService::new();
/// service.reply_once("sms_send", Reply::failure(Phase::Timeout));
///
/// let phone = service.client().user_with_token("UAT…").device("A149");
/// let error = phone.send_sms("+12245556666", "Hello").await.unwrap_err();
/// assert!(error.may_have_been_applied());
/// assert_eq!(service.requests_of("sms_send").len(), 1, "an SMS is not repeated");
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct MockService {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    rules: HashMap<&'static str, Rules>,
    requests: Vec<Preview>,
}

/// The rules of one operation.
#[derive(Default)]
struct Rules {
    /// Replies that are used once, in order, before the others.
    once: VecDeque<Reply>,
    always: Option<Arc<Rule>>,
}

/// The base URL in recorded requests. A base URL has the URLs of all operations, so it is made once.
static BASE_URL: LazyLock<BaseUrl> =
    LazyLock::new(|| BaseUrl::new(DEFAULT_BASE_URL).expect("the default of the spec is valid"));

/// Computes the reply to a request.
type Rule = dyn Fn(&Request<'_>) -> Reply + Send + Sync;

impl MockService {
    /// Creates a service without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a client of this service, with the defaults of [`KandyBuilder`].
    pub fn client(&self) -> Kandy {
        Kandy::with_transport(self.clone())
    }

    /// Returns a builder of a client of this service, to configure it.
    ///
    /// ```
    /// use kandy::{RetryPolicy, testing::MockService};
    ///
    /// let service = MockService::new();
    /// let kandy = service.builder().retry(RetryPolicy::never()).build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn builder(&self) -> KandyBuilder {
        Kandy::builder().transport(self.clone())
    }

    /// Sets the reply to all requests of an operation, such as `sms_send`.
    ///
    /// # Panics
    ///
    /// If there is no such operation: [`OPERATIONS`](kandy_sys::OPERATIONS) lists them.
    pub fn reply(&self, operation: &str, reply: Reply) {
        self.reply_with(operation, move |_| reply.clone());
    }

    /// Adds a reply that is used once, before that of [`reply`](Self::reply); several are used in order.
    ///
    /// # Panics
    ///
    /// If there is no such operation.
    pub fn reply_once(&self, operation: &str, reply: Reply) {
        let id = find(operation).id;
        self.state().rules.entry(id).or_default().once.push_back(reply);
    }

    /// Sets what computes the reply to each request of an operation. The request contains the credentials that were
    /// sent.
    ///
    /// ```
    /// use kandy::{Status, testing::{MockService, Reply}};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> kandy::Result<()> {
    /// let service = MockService::new();
    /// service.reply_with("device_delete", |request| match request.query().any(|query| query == ("device_id", "A149")) {
    ///     true => Reply::success(),
    ///     false => Reply::refusal(Status::DOES_NOT_EXIST, "no such device"),
    /// });
    ///
    /// let user = service.client().user_with_token("UAT…");
    /// user.delete_device("A149").await?;
    /// assert!(user.delete_device("A150").await.unwrap_err().is_not_found());
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no such operation.
    pub fn reply_with(&self, operation: &str, reply: impl Fn(&Request<'_>) -> Reply + Send + Sync + 'static) {
        let id = find(operation).id;
        self.state().rules.entry(id).or_default().always = Some(Arc::new(reply));
    }

    /// Returns all requests so far, in order, with `***` for credentials. Requests that mint access tokens are among
    /// them.
    pub fn requests(&self) -> Vec<Preview> {
        self.state().requests.clone()
    }

    /// Returns the requests of one operation so far.
    ///
    /// # Panics
    ///
    /// If there is no such operation.
    pub fn requests_of(&self, operation: &str) -> Vec<Preview> {
        let id = find(operation).id;
        self.state().requests.iter().filter(|request| request.operation().id == id).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request, and returns the reply to it.
    fn receive(&self, request: &Request<'_>) -> Reply {
        let id = request.operation().id;
        let mut state = self.state();
        state.requests.push(Preview::of(request, &BASE_URL));
        let Some(rules) = state.rules.get_mut(id) else { return Reply::example() };
        if let Some(reply) = rules.once.pop_front() {
            return reply;
        }
        let always = rules.always.clone();
        // A closure of the test may use this service again.
        drop(state);
        always.map_or_else(Reply::example, |reply| reply(request))
    }
}

fn find(operation: &str) -> &'static Operation {
    Operation::find(operation)
        .unwrap_or_else(|| panic!("no operation has the id {operation:?}; see kandy::sys::OPERATIONS"))
}

impl Transport for MockService {
    #[expect(clippy::disallowed_methods, reason = "a transport does not know the clock of the client")]
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let reply = self.receive(&request);
            if !reply.delay().is_zero() {
                tokio::time::sleep(reply.delay()).await;
            }
            reply.into_response(request.operation())
        })
    }
}

impl fmt::Debug for MockService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MockService")
            .field("rules", &state.rules.keys())
            .field("requests", &state.requests.len())
            .finish_non_exhaustive()
    }
}
