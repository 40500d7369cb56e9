//! `kandy channel watch`, `kandy session watch` and `kandy session data send`.
//!
//! ```text
//! running   a running command, whose lines are read as they come
//! call      a session of two users
//! proxy     a proxy before the emulator that adds frames, drops frames and records frames
//! ```
//!
//! The forms of frames are those that kandy.js 2.2 to 2.6 reads and sends.

#![cfg(unix)]

mod call;
mod hostile;
mod proxy;
mod reconnect;
mod running;
mod send;
mod signals;
mod watch_channel;
mod watch_session;
