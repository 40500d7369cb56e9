//! The emulator as a subcommand of other programs: its options, and serving until a signal.
//!
//! Depends on `builder`, `seed` and `text`. Begin with [`serve`].
//!
//! ```no_run
//! use clap::Parser;
//! use kandy_emulator::command::{self, Arguments};
//!
//! /// A command with the options of the emulator.
//! #[derive(Parser)]
//! struct Program {
//!     #[command(flatten)]
//!     emulator: Arguments,
//! }
//!
//! command::serve(Program::parse().emulator, |ready| println!("{ready}"))?;
//! # Ok::<(), command::Error>(())
//! ```

mod arguments;
mod environment;
mod error;
mod listen;
mod ready;
mod request_lines;
mod shell;
mod stop;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod trust;

use std::{fs, io, path::Path, sync::Arc};

pub use arguments::{Account, Arguments};
pub use environment::Environment;
pub use error::Error;
pub use ready::Ready;

use crate::{Emulator, Seed, builder::PrepareError, text};
use request_lines::RequestLines;

/// Serves until Ctrl-C, and on Unix also until SIGTERM or SIGHUP.
///
/// Calls `announce` once it listens. Prints nothing to stdout, and one line for each request, without credentials, to
/// stderr. It creates a runtime: inside async code call it in [`spawn_blocking`](tokio::task::spawn_blocking).
///
/// # Errors
///
/// Before it listens, when the seed file cannot be read or is invalid ([`Error::is_seed`]), and when the address cannot
/// be bound ([`Error::Listen`]). With TLS also when its certificates cannot be made or read. When the state file cannot be
/// used ([`Error::State`]), also after it has stopped.
pub fn serve(arguments: Arguments, announce: impl FnOnce(&Ready)) -> Result<(), Error> {
    let (account, arguments) = (arguments.account(), arguments.options);
    let lines = Arc::new(RequestLines::default());
    let (on_request, on_park) = (Arc::clone(&lines), Arc::clone(&lines));
    let mut builder = Emulator::builder()
        .token_ttl(arguments.token_ttl)
        .channel(arguments.channel)
        .channel_pong(arguments.channel_pong)
        .remote_acks(!arguments.no_remote_ack)
        .on_request(move |request| on_request.add(&request.to_string()));
    if arguments.refuse_with_200 {
        builder = builder.refuse_with_200();
    }
    builder.guard.allows_short_names = arguments.listen.is_reachable_from_outside();
    // A name in --listen is one that clients use.
    for name in arguments.listen.name().into_iter().chain(arguments.allow_host.iter().map(String::as_str)) {
        builder.guard.allow_host(name.trim_end_matches('.').to_ascii_lowercase());
    }
    for origin in &arguments.allow_origin {
        builder.guard.allow_origin(origin.clone());
    }
    if let Some((key, secret)) = arguments.credentials() {
        builder = builder.account(key.expose(), secret.expose());
    }
    #[cfg(feature = "tls")]
    if let Some(tls) = arguments.tls.settings(&arguments.listen)? {
        builder = builder.tls(tls);
    }
    if let Some(file) = &arguments.state {
        builder = builder.state(file);
    }
    let prepared = match &arguments.seed {
        Some(file) => builder.seed(read(file)?).prepare(),
        None => builder.prepare(),
    };
    #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "changed with TLS only"))]
    let mut prepared = prepared.map_err(|error| match (error, &arguments.seed) {
        (PrepareError::Seed(error), Some(file)) => Error::seed(file, error),
        (error, _) => Error::State { source: error.into() },
    })?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_park(move || on_park.write()).build()?;
    let ended = runtime.block_on(async {
        // Registered before the address is announced: a signal in between would end the process without a shutdown.
        let stop = stop::signal()?;
        let addresses = arguments.listen.addresses().map_err(|error| Error::listen(&arguments.listen, error))?;
        #[cfg(feature = "tls")]
        prepared.certify(&addresses)?;
        let server = prepared.bind_to(&addresses).await.map_err(|error| Error::listen(&arguments.listen, error))?;
        let ready = Ready::new(&server, account);
        announce(&ready);
        if arguments.open
            && let Err(error) = open::that_detached(ready.inspector_url())
        {
            lines.add(&format!("the page cannot be opened in a browser: {error}"));
        }
        server.run(stop).await.map_err(Error::from)
    });
    // The last lines: no thread parks any more.
    lines.write();
    // Without waiting for thumbnails that are being made.
    runtime.shutdown_background();
    ended
}

fn read(file: &Path) -> Result<Seed, Error> {
    let bytes = fs::read(file).map_err(|error| Error::file(file, error))?;
    let text = text::decode(&bytes).map_err(|error| Error::file(file, io::Error::other(error)))?;
    text.parse().map_err(|error| Error::seed(file, error))
}
