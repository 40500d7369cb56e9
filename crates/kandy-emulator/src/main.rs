//! `kandy-emulator`: serves a local Kandy until it is told to stop.
#![forbid(unsafe_code)]

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, parser::ValueSource};
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};

/// A local, stateful emulator of the Kandy REST API.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8787", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// API key of the account; a development account of public knowledge without it
    #[arg(
        long,
        value_name = "KEY",
        env = "KANDY_ACCOUNT_API_KEY",
        hide_env_values = true,
        requires = "account_secret"
    )]
    account_key: Option<String>,
    /// API secret of the account; other users of the machine see it here, but not in the environment
    #[arg(long, value_name = "SECRET", env = "KANDY_ACCOUNT_API_SECRET", hide_env_values = true)]
    #[arg(requires = "account_key")]
    account_secret: Option<String>,
    /// How long an access token lives
    #[arg(long, default_value = "1h", value_name = "DURATION", value_parser = humantime::parse_duration)]
    token_ttl: Duration,
}

fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match serve(arguments, &matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(io::stderr(), &format!("kandy-emulator: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: Arguments, matches: &ArgMatches) -> io::Result<()> {
    let Arguments { listen, account_key, account_secret, token_ttl } = arguments;
    let lines = Arc::new(Lines::default());
    let (told, parked) = (Arc::clone(&lines), Arc::clone(&lines));
    let mut builder = Emulator::builder()
        .listen(listen)
        .token_ttl(token_ttl)
        .on_request(move |request| told.add(&request.to_string()));
    let credentials = match account_key.zip(account_secret) {
        Some((key, secret)) => {
            builder = builder.account(key, secret);
            format!(
                "Account: the key from {}, the secret from {}",
                source(matches, "account_key", "--account-key", "KANDY_ACCOUNT_API_KEY"),
                source(matches, "account_secret", "--account-secret", "KANDY_ACCOUNT_API_SECRET"),
            )
        }
        None => format!(
            "Account: the built-in development account, see README\n  \
             API key    {DEVELOPMENT_ACCOUNT_KEY}\n  API secret {DEVELOPMENT_ACCOUNT_SECRET}"
        ),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().on_thread_park(move || parked.write()).build()?;
    let ended = runtime.block_on(async {
        // Asked for before the address is told, so that nobody can stop it too early.
        let stop = stop_signal()?;
        let server = builder.bind().await?;
        say(io::stdout(), &format!("Kandy emulator: {}\n{credentials}", server.base_url()));
        server.run(stop).await
    });
    lines.write();
    ended
}

/// Lines for stderr. They are written as soon as a thread has nothing else to do: when many requests come at once, a
/// write for each would take a good part of their time.
#[derive(Default)]
struct Lines(Mutex<String>);

impl Lines {
    /// How many bytes are written even if there is something else to do.
    const MANY: usize = 16 * 1024;

    fn add(&self, line: &str) {
        let mut lines = self.lines();
        lines.push_str(line);
        lines.push('\n');
        if lines.len() >= Self::MANY {
            Self::write_out(&mut lines);
        }
    }

    fn write(&self) {
        let mut lines = self.lines();
        if !lines.is_empty() {
            Self::write_out(&mut lines);
        }
    }

    /// Nobody may be there to read them, which is no reason to stop.
    fn write_out(lines: &mut String) {
        drop(io::stderr().write_all(lines.as_bytes()));
        lines.clear();
    }

    fn lines(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn source(matches: &ArgMatches, id: &str, option: &'static str, variable: &'static str) -> &'static str {
    match matches.value_source(id) {
        Some(ValueSource::EnvVariable) => variable,
        _ => option,
    }
}

/// Prints lines at once. Nobody may be there to read them, which is no reason to stop.
fn say(mut to: impl Write, lines: &str) {
    drop(writeln!(to, "{lines}").and_then(|()| to.flush()));
}

/// Ends with Ctrl-C, and where there is such a thing with SIGTERM.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
