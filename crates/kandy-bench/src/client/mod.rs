//! The clients to compare. Each makes the same calls, as its users would write them.
//!
//! Depends on `handwritten`. Begin with [`ClientUnderTest`].

mod credentials;
mod handwritten;
mod hyper;
mod kandy;
mod sys;

use std::fmt;

use clap::ValueEnum;
use futures_util::{Stream, StreamExt, stream};

pub use self::{
    credentials::{TOKEN, USER_API_KEY},
    handwritten::Handwritten,
    hyper::Hyper,
    kandy::Kandy,
    sys::Sys,
};
use crate::BoxError;

/// The device that sends SMS.
pub const DEVICE_ID: &str = "A149EBB9A69D4E66B62D26FBDEF440C5";

/// The calls to compare. Their responses are decoded and dropped.
pub trait ClientUnderTest: Clone + Send + Sync + 'static {
    /// Creates the client of the service at `base_url`.
    ///
    /// # Errors
    ///
    /// When the client cannot be created.
    fn at(base_url: &str) -> Result<Self, BoxError>;

    /// Sends a GET with a small response: the details of a user.
    fn get(&self) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Sends a GET with a large response, the list of all users. Returns their number, or the bytes if nothing is
    /// decoded.
    fn list(&self) -> impl Future<Output = Result<usize, BoxError>> + Send;

    /// Sends a POST with a result: creates a user.
    fn create(&self, user_id: &str) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Sends a POST without a result: sends an SMS.
    fn sms(&self) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// Creates users, some at a time, and returns how many succeeded: by the loop that one writes by hand, where the client
    /// has no call for it.
    fn create_many(&self, number: usize, concurrency: usize) -> impl Future<Output = usize> + Send {
        let client = self.clone();
        let calls = (0..number).map(move |n| {
            let client = client.clone();
            async move { client.create(&format!("user{n}")).await.is_ok() }
        });
        successes(stream::iter(calls).buffer_unordered(concurrency))
    }

    /// Sends SMS in the same way.
    fn sms_many(&self, number: usize, concurrency: usize) -> impl Future<Output = usize> + Send {
        let client = self.clone();
        let calls = (0..number).map(move |_| {
            let client = client.clone();
            async move { client.sms().await.is_ok() }
        });
        successes(stream::iter(calls).buffer_unordered(concurrency))
    }
}

/// Returns how many of the outcomes are successes.
async fn successes(outcomes: impl Stream<Item = bool>) -> usize {
    outcomes.fold(0, async |done, is_ok| done + usize::from(is_ok)).await
}

/// The clients by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// The SDK.
    Kandy,
    /// The generated calls.
    KandySys,
    /// reqwest and serde_json, as a careful user would write it.
    Reqwest,
    /// The lower bound: prepared requests, and responses that are not decoded.
    Hyper,
}

impl Kind {
    /// All clients, in the order of the tables.
    pub const ALL: [Self; 4] = [Self::Kandy, Self::KandySys, Self::Reqwest, Self::Hyper];

    /// Returns the name in the tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kandy => "kandy",
            Self::KandySys => "kandy-sys",
            Self::Reqwest => "reqwest",
            Self::Hyper => "hyper",
        }
    }

    /// Calls a visitor with the type of this client.
    pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
        match self {
            Self::Kandy => visitor.visit::<Kandy>(),
            Self::KandySys => visitor.visit::<Sys>(),
            Self::Reqwest => visitor.visit::<Handwritten>(),
            Self::Hyper => visitor.visit::<Hyper>(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Work on a client of any type. Generic, because boxed futures would add allocations that no user has.
pub trait Visitor {
    /// The result.
    type Output;

    /// Runs the work.
    fn visit<S: ClientUnderTest>(self) -> Self::Output;
}
