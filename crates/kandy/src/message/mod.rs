//! Messages: their content, pending messages and their events, and deletion. Depends on the pipeline and on `content`
//! for uploaded files. Begin reading at [`PendingMessage`].

mod content;
mod delete;
mod event;
mod pending;
mod view;

pub use content::MessageContent;
pub use delete::DeleteMessages;
pub(crate) use delete::{Deletion, MESSAGES_PER_REQUEST, Shown, Split, check_id, delete_acknowledged};
pub use event::MessageEvent;
pub(crate) use event::PRIVATE;
#[cfg(feature = "push")]
pub(crate) use pending::value_or_text;
pub use pending::{PendingMessage, PendingMessages};
pub use view::{ContentView, MediaKind};
