//! The credentials of the prepared service, which checks none of them. The programs in `peers/` have them, too.

/// The API key of the requested user.
pub const USER_API_KEY: &str = "UAK1a2b3c4d5e6f708192a3b4c5d6e7f809";
/// The token of the clients that mint none.
pub const TOKEN: &str = "DAT7c6b5a4938271605f4e3d2c1b0a99887";
