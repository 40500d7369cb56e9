//! Tests of programs that use this SDK: a [`MockService`] in memory, without sockets and without an emulator.
//!
//! ```
//! use kandy::{Result, testing::{MockService, Reply}};
//!
//! /// The program under test: returns how many users were told.
//! async fn tell_all(domain: &kandy::Domain, phone: &kandy::Device, text: &str) -> Result<usize> {
//!     let users = domain.users().await?;
//!     for user in &users {
//!         phone.send_message(user.full_user_id(), text).await?;
//!     }
//!     Ok(users.len())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
//! let service = MockService::new();
//! service.reply("user_list", Reply::result(serde_json::json!({
//!     "users": [{"user_id": "russ", "domain_name": "example.com"}],
//! })));
//!
//! let kandy = service.client();
//! let (domain, phone) = (kandy.domain("DAK…", "DAS…"), kandy.user_with_token("UAT…").device("A149"));
//! assert_eq!(tell_all(&domain, &phone, "We close early today").await?, 1);
//!
//! let sent = service.requests_of("message_send");
//! assert_eq!(sent.len(), 1);
//! assert!(sent[0].to_string().contains("russ@example.com"));
//! # Ok(()) }
//! ```
//!
//! Tokens, retries, limits, observers and errors are those of the SDK itself; only the network is replaced. With tokio's
//! paused clock (`#[tokio::test(start_paused = true)]`) waits take no time.
//!
//! For what a mock cannot show, such as connections that break or messages that arrive, run the emulator: the
//! [README](crate#testing-your-code) has all three ways.

mod reply;
mod service;

pub use reply::Reply;
pub use service::MockService;
