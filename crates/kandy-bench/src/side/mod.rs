//! The sides that are compared. Each makes the same calls, as its users would.

mod handwritten;
mod hyper;
mod kandy;
mod sys;

use std::fmt;

use clap::ValueEnum;

pub use self::{handwritten::Handwritten, hyper::Hyper, kandy::Kandy, sys::Sys};
use crate::Failure;

/// The API key of the user that is asked for.
pub const USER_API_KEY: &str = "UAK1a2b3c4d5e6f708192a3b4c5d6e7f809";
/// The token of those who do not mint one.
pub const TOKEN: &str = "DAT7c6b5a4938271605f4e3d2c1b0a99887";
/// The device that SMS are sent from.
pub const DEVICE_ID: &str = "A149EBB9A69D4E66B62D26FBDEF440C5";

/// Makes the calls that are compared. What a call answers is decoded, and then dropped.
pub trait Side: Clone + Send + Sync + 'static {
    /// Of the service at `base_url`.
    ///
    /// # Errors
    ///
    /// When the client cannot be set up.
    fn at(base_url: &str) -> Result<Self, Failure>;

    /// A GET with a small answer: what is known of a user.
    fn get(&self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A GET with a large answer, the list of all users: how many there are, or how many bytes where nothing is decoded.
    fn list(&self) -> impl Future<Output = Result<usize, Failure>> + Send;

    /// A POST: creates a user.
    fn create(&self, user_id: &str) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A POST that answers nothing: sends an SMS.
    fn sms(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The sides by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// The SDK, as its users call it.
    Kandy,
    /// The generated calls below it.
    KandySys,
    /// reqwest and serde_json, as a careful user would write it.
    Reqwest,
    /// The floor: nothing is decoded, and the request lies ready.
    Hyper,
}

impl Kind {
    /// All of them, and the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Kandy, Self::KandySys, Self::Reqwest, Self::Hyper];

    /// What it is called in the tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kandy => "kandy",
            Self::KandySys => "kandy-sys",
            Self::Reqwest => "reqwest",
            Self::Hyper => "hyper",
        }
    }

    /// Lets a visitor see the type of this side.
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

/// What is done with a side, whichever it is. Generic, since a boxed future would be an allocation that no user pays for.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<S: Side>(self) -> Self::Output;
}
