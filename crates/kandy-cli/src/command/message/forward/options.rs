//! [`ForwardOptions`]: the options of `--forward-to`.

use std::{num::NonZeroU32, time::Duration};

use clap::Args;

use super::{engine::Forwarder, receiver::Receiver, retry::Backoff, secret::Signer};
use crate::{
    context::Context,
    failure::{Failure, Result},
};

const CONCURRENCY: u16 = 4;
const MAX_ATTEMPTS: NonZeroU32 = NonZeroU32::new(10).expect("not zero");
/// The specification recommends 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Options of --forward-to.
#[derive(Args)]
pub(crate) struct ForwardOptions {
    /// File with the secret that signs the requests (default: KANDY_FORWARD_SECRET, or the file in
    /// KANDY_FORWARD_SECRET_FILE); `-` reads a line of stdin
    ///
    /// A secret is `whsec_` followed by 24 to 64 bytes in base64. Of several, separated by blanks, each signs every
    /// request, so that receivers can change from one to another.
    #[arg(long, value_name = "FILE", requires = "forward_to")]
    forward_secret_file: Option<String>,
    /// Number of senders whose messages are sent at the same time [default: 4]
    #[arg(
        long, value_name = "N", requires = "forward_to",
        value_parser = clap::value_parser!(u16).range(1..=1000)
    )]
    concurrency: Option<u16>,
    /// Number of attempts to deliver a message [default: 10]
    #[arg(long, value_name = "N", requires = "forward_to")]
    max_attempts: Option<NonZeroU32>,
    /// Longest time for an attempt [default: 30s]
    #[arg(long, value_name = "DURATION", requires = "forward_to", value_parser = humantime::parse_duration)]
    forward_timeout: Option<Duration>,
    /// Longest wait before another attempt [default: 60s, and 1h if the receiver asks for it with Retry-After]
    #[arg(long, value_name = "DURATION", requires = "forward_to", value_parser = humantime::parse_duration)]
    retry_max_wait: Option<Duration>,
}

impl ForwardOptions {
    /// Checks the options and reads the secret. Sends nothing.
    pub(crate) fn forwarder(&self, context: &Context, url: &str) -> Result<Forwarder> {
        if context.output.is_json() {
            return Err(Failure::usage("--forward-to prints no messages; remove --json and --jq"));
        }
        let timeout = self.forward_timeout.unwrap_or(TIMEOUT);
        if timeout.is_zero() {
            return Err(Failure::usage("--forward-timeout: it leaves no time"));
        }
        let signer = Signer::read(self.forward_secret_file.as_deref())?;
        Ok(Forwarder {
            receiver: Receiver::new(context, url, timeout, signer)?,
            backoff: Backoff::new(self.retry_max_wait),
            max_attempts: self.max_attempts.unwrap_or(MAX_ATTEMPTS),
            concurrency: self.concurrency.unwrap_or(CONCURRENCY).into(),
            is_quiet: context.output.is_quiet(),
        })
    }
}
