//! Requests and replies of the API, independent of connections.
//!
//! ```text
//! call     a request to an operation: its parameters, in the query and in the body
//! reply    what an operation returns: an envelope, a file, a list, or a thumbnail to make
//! listing  writes a long list page by page
//! refusal  the status, the text and the HTTP status that a request is refused with
//! server_address  host and port of the emulator, as the client wrote them
//! ```
//!
//! Depends on `state` (a list is read from it while it is sent) and `thumbnail`. Begin with [`call::Call`] and
//! [`reply::Reply`].

pub(crate) mod call;
pub(crate) mod listing;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod server_address;
