//! `--verbose`: what calls come to, on stderr.

use std::io;

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::{self, format::FmtSpan},
    prelude::*,
};

/// Shows calls, attempts and timings. Only `kandy` itself is listened to: what it tells holds no credential, and of
/// others that is not known.
pub(crate) fn listen(verbose: bool) {
    if !verbose {
        return;
    }
    let only_kandy = Targets::new().with_target("kandy", LevelFilter::DEBUG).with_default(LevelFilter::OFF);
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_level(false)
        .with_span_events(FmtSpan::NONE)
        .without_time()
        .with_filter(only_kandy);
    tracing_subscriber::registry().with(lines).init();
}
