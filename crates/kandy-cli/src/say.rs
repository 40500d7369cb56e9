//! What is said to people, on stderr.

use std::{
    fmt,
    io::{self, Write},
};

/// Says something on stderr. Nobody may be there to read it, which is no reason to stop.
pub(crate) fn say(what: impl fmt::Display) {
    drop(writeln!(io::stderr(), "{what}"));
}
