//! How the connection of a channel is ended.
//!
//! Depends on `http::websocket`. Begin with `Ending`.

use crate::{http::websocket::CloseReason, state::ChannelEnd};

/// How a connection is ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    Close(CloseReason),
    Reset,
    /// The client has ended it, and gets the reply if it sent a close frame.
    Confirm,
    /// Without a close frame: nothing may be sent any more.
    Drop,
}

impl From<ChannelEnd> for Ending {
    fn from(end: ChannelEnd) -> Self {
        match end {
            ChannelEnd::Closed(code) => {
                let text = match code {
                    1000 => "deleted",
                    1001 => "the server stops",
                    1013 => "the client does not read",
                    4401 => "the access token has ended",
                    _ => "",
                };
                Self::Close(CloseReason::new(code, text))
            }
            ChannelEnd::Reset => Self::Reset,
        }
    }
}
