//! Bounds of time and memory, in one place. README.md lists them under "Limitations".
//!
//! Depends on nothing.

use std::time::Duration;

/// The longest request body, except a file, in bytes. A longer one is refused with HTTP 413.
pub(crate) const BODY: usize = 1024 * 1024;
/// How much of a body that is too long is read, so that the client finishes writing and reads the response.
pub(crate) const DRAINED_BODY: usize = 32 * BODY;
/// The longest file, in bytes. A longer one is refused with HTTP 413.
pub(crate) const FILE: u64 = 512 * 1024 * 1024;

/// The most pixels of an image that a thumbnail is made of. A larger one is refused with status 19.
#[cfg(feature = "thumbnails")]
pub(crate) const THUMBNAIL_PIXELS: u64 = 50_000_000;
/// The most memory that decoding one image may take, in bytes.
#[cfg(feature = "thumbnails")]
pub(crate) const THUMBNAIL_MEMORY: u64 = 256 * 1024 * 1024;

/// SMS in the outbox. The oldest is dropped.
pub(crate) const SMS: usize = 100_000;
/// Messages that wait for one device. The oldest is dropped.
pub(crate) const PENDING_MESSAGES: usize = 100_000;
/// Access tokens that are remembered before expired and revoked ones are forgotten, oldest first.
pub(crate) const TOKENS: usize = 1_000_000;
/// Access tokens that are remembered before also live ones are forgotten, oldest first.
pub(crate) const LIVE_TOKENS: usize = 2_000_000;
/// Faults that can be armed over HTTP. One more is refused with HTTP 400.
pub(crate) const FAULTS: usize = 1000;

/// Open channels of a user. One more is refused with HTTP 429.
pub(crate) const CHANNELS: usize = 16;
/// Frames that wait for a channel. One more closes it with 1013: its client does not read.
pub(crate) const CHANNEL_QUEUE: usize = 1024;
/// The longest frame of a channel that a client may send, in bytes. A longer one closes the channel with 1009.
pub(crate) const CHANNEL_FRAME: usize = 64 * 1024;

/// The longest line of a snapshot, in bytes. A file with a longer one is refused.
pub(crate) const SNAPSHOT_LINE: usize = 256 * 1024 * 1024;

/// Snapshots that are kept in memory by a name, and their bytes together. One more is refused with HTTP 400.
pub(crate) const SNAPSHOTS: usize = 100;
pub(crate) const SNAPSHOT_BYTES: u64 = 1024 * 1024 * 1024;

/// How long a client may take for the head of a request, and between two chunks of its body.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How many read timeouts a connection may be idle between two requests. That is longer than clients keep idle
/// connections, so that the client closes them first and sends no request on one that is being closed.
pub(crate) const IDLE_READ_TIMEOUTS: u32 = 4;
