//! The HTTP server: from connections to operations, and from replies back to connections.
//!
//! ```text
//! server        listens, serves, and stops
//! service       hands each request of a connection to the handler
//! connection    connections that a handler can close or reset, with a read timeout
//! stream        the bytes of a connection, plain or with TLS
//! handler       a request from its arrival to its response
//! operate       runs an operation with the state locked
//! fault_handler a request that triggers an injected fault
//! admin_handler a request to the emulator's own endpoints
//! route         finds the operation of a method and a path
//! cors          lets web pages read responses of the API
//! origin_guard  refuses requests of web pages to the emulator's own endpoints
//! body, upload  read the body of a request
//! response      a response before it is sent
//! fault_effects the effect of an armed fault on a response
//! delivery      sends a response, also when a fault sends half of it or nothing
//! context       the shared state and the connection of a request
//! app_state     the data that all requests share: the state, the log, the armed faults
//! websocket     upgrades a request to a WebSocket, and hands its frames to a task
//! request_log   the last requests, with credentials masked
//! ```
//!
//! Depends on `operations`, `faults`, `protocol` and `state`; the handlers also depend on `admin`. Begin with
//! [`handler::handle`].

mod admin_handler;
pub(crate) mod app_state;
pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod context;
mod cors;
mod delivery;
mod fault_effects;
mod fault_handler;
mod handler;
mod operate;
pub(crate) mod origin_guard;
mod read_timeout;
pub(crate) mod request_log;
pub(crate) mod response;
pub(crate) mod route;
mod server;
mod service;
pub(crate) mod stream;
mod upload;
pub(crate) mod websocket;

pub use request_log::LoggedRequest;
pub use server::Server;
