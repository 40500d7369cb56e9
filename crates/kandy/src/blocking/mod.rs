//! The blocking API: the same handles and builders as in the root of the crate, with `send()` instead of `await` and
//! iterators instead of streams. For programs without async code.
//!
//! ```no_run
//! use kandy::blocking::Kandy;
//!
//! # fn main() -> kandy::Result<()> {
//! let kandy = Kandy::new()?;
//! let domain = kandy.domain("DAK…", "DAS…");
//! domain.create_user("russ").country_code("US").send()?;
//! for user in domain.users().iter() {
//!     println!("{}", user?.full_user_id());
//! }
//! # Ok(()) }
//! ```
//!
//! # What to use when
//!
//! A program with async code uses the asynchronous API. Here each call occupies the thread that waits for it. Calls may
//! be made on any number of threads at once, on clones of one handle.
//!
//! They may be made in async code, too: they never panic there, but block the worker thread of the runtime. Wrap them
//! in `tokio::task::spawn_blocking`.
//!
//! # One thread per client
//!
//! [`KandyBuilder::build_blocking`](crate::KandyBuilder::build_blocking) and [`Kandy::new`] start one thread, on which a
//! tokio runtime runs the calls. It ends when the last clone, handle, builder and iterator of the client is gone. A call
//! that runs on another thread at that time still completes. So keep one client, and clone it. Files and host names are
//! read on further threads, which end when they are idle.
//!
//! An observer, a clock, a token store and the progress of an upload are called on that thread: they must not block, and
//! a blocking call of the same client is an error there. Where one of them panics, the panic continues in the call that
//! caused it, except that of the progress, which breaks the connection. The items of a [`Bulk`] are taken on the calling
//! thread.
//!
//! # Cancellation
//!
//! A call ends by its result, or by its timeout or deadline. `start` instead of `send` returns a [`PendingCall`], which
//! cancels the call when it is dropped; an iterator that is dropped cancels what it has in flight. A request that was
//! cancelled in flight may have been applied.
//!
//! [`Inbox`] and [`Channel`](crate::Channel) wait for what may never come; `next_within` limits the wait.
//!
//! # The rest
//!
//! Settings, values, ids and errors are those of the root of the crate. [`Kandy::block_on`] runs what has no blocking
//! form, such as a raw call.

mod bulk;
mod call;
mod call_pool;
#[cfg(feature = "push")]
mod channel;
mod client;
mod download;
#[rustfmt::skip]
mod generated;
mod inbox;
mod list;
mod polled;
mod runtime;
mod upload;

pub use bulk::Bulk;
pub use call::CallBuilder;
pub use call_pool::CallPool;
#[cfg(feature = "push")]
pub use channel::{Channel, SendSessionData};
pub use download::Download;
pub use generated::*;
pub use inbox::{Inbox, IncomingMessage};
pub use list::ListIter;
pub use runtime::PendingCall;
