//! Messages: what they contain, how they wait, and what they tell.

mod content;
mod delete;
mod event;
mod pending;
mod view;

pub use content::MessageContent;
pub use delete::DeleteMessages;
pub(crate) use delete::{DeleteAcknowledged, Deletion, MESSAGES_PER_REQUEST, Shown, Split, check_id};
pub use event::MessageEvent;
pub(crate) use event::PRIVATE;
pub use pending::{PendingMessage, PendingMessages};
pub use view::{ContentView, MediaKind};
