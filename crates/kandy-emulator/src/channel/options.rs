//! Options of the data channel.
//!
//! Depends on nothing. Begin with [`ChannelMode`].

/// What a message that becomes pending pushes to the data channel.
///
/// ```
/// use kandy_emulator::{ChannelMode, Emulator};
///
/// let emulator = Emulator::builder().channel(ChannelMode::Doorbell).start()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelMode {
    /// The message itself.
    #[default]
    Messages,
    /// `gofetch` alone, as early versions of the service did: the client fetches the message.
    Doorbell,
}

/// The options of all channels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ChannelOptions {
    pub(crate) mode: ChannelMode,
    /// Whether a text frame `ping` is answered by `pong`.
    pub(crate) pong: bool,
}
