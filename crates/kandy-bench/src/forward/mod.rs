//! Messages that `kandy message watch --forward-to` delivers to a web service.
//!
//! `receiver` is the process of the web service. Depends on `helper`, `counts`, `dependants` and `report`. Begin with
//! [`measure`].

mod receiver;

use std::{path::Path, process::Command};

use futures_util::{StreamExt, TryStreamExt, stream};
use kandy::{Device, Kandy};
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::receiver::Received;
use crate::{
    BoxError,
    counts::beside_this,
    dependants::cargo,
    helper::Helper,
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit, count},
};

pub use receiver::run as run_receiver;

const DOMAIN: &str = "forward.example.com";
/// The number of senders. The messages of one sender are delivered one after another.
const SENDERS: usize = 32;
/// The numbers of senders whose messages are delivered at the same time; the first is the default.
const CONCURRENCY: [usize; 2] = [4, 32];
/// The calls in flight while messages are sent.
const SENDS: usize = 64;
/// Signs the requests. It protects nothing.
const SECRET: &str = "whsec_S2FuZHkgZm9yIFJ1c3Q6IG9ubHkgYSBiZW5jaG1hcms=";

/// Runs the measurements, with the emulator, the command and the receiver in a process of its own each.
///
/// # Errors
///
/// When the command cannot be built or fails, or a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Forwarding to a web service");
    let number = plan.of(1_000, 200);
    let what = |concurrency: usize| {
        let number = count(number as u64);
        Row::new(format!("{number} messages of {SENDERS} senders forwarded, {concurrency} at a time"))
    };
    let command = beside_this("kandy")?;
    if !plan.quick {
        progress("building kandy");
        cargo(["build", "--release", "--quiet", "--package", "kandy-cli"])?;
    } else if !command.exists() {
        section.add(what(CONCURRENCY[0]).skipped("a quick run builds nothing, and kandy is not built"));
        return Ok(section);
    }
    progress("messages to a web service");
    let runtime = load::runtime()?;
    let mut bench = Bench::start(&runtime)?;
    let mut ways = CONCURRENCY;
    let rounds = alternate(1, plan.rounds(20), &mut ways, |concurrency| {
        bench.forward(&runtime, &command, number, *concurrency)
    })?;
    for (concurrency, rounds) in CONCURRENCY.into_iter().zip(rounds) {
        let row = what(concurrency).figure(Figure::new("", Unit::PerSecond, rounds));
        section.add(row.note("from the first message at the receiver to the last; deletions run meanwhile"));
    }
    Ok(section)
}

/// The emulator with its users, and the receiver.
struct Bench {
    _emulator: Helper,
    receiver: Helper,
    base_url: String,
    /// Where messages are delivered.
    url: String,
    senders: Vec<Device>,
    token: String,
    device: String,
    /// The folder of the profiles, in which the command has its lock.
    folder: TempDir,
}

impl Bench {
    fn start(runtime: &Runtime) -> Result<Self, BoxError> {
        let mut emulator = Helper::itself(["emulator-server"])?;
        let base_url = format!("http://{}/v1.2", emulator.read_line()?);
        let mut receiver = Helper::itself(["hook-receiver"])?;
        let url = format!("http://{}/", receiver.read_line()?);
        let (senders, token, device) = runtime.block_on(async {
            let kandy = Kandy::builder().base_url(&base_url).build()?;
            let account = kandy.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
            let created = account.create_domain(DOMAIN).await?;
            let domain = kandy.domain(created.api_key, created.api_secret);
            let mut senders = Vec::with_capacity(SENDERS);
            for number in 0..SENDERS {
                let name = format!("sender{number}");
                domain.create_user(name.as_str()).await?;
                let user = domain.user(name);
                senders.push(user.device(user.devices().await?.swap_remove(0).device_id));
            }
            domain.create_user("reader").await?;
            let reader = domain.user("reader");
            let device = reader.devices().await?.swap_remove(0).device_id.to_string();
            Ok::<_, BoxError>((senders, reader.access_token().await?.expose().to_owned(), device))
        })?;
        let folder = tempfile::tempdir()?;
        Ok(Self { _emulator: emulator, receiver, base_url, url, senders, token, device, folder })
    }

    /// Sends messages, forwards them, and returns how many the receiver got per second, from the first to the last.
    fn forward(
        &mut self,
        runtime: &Runtime,
        command: &Path,
        number: usize,
        concurrency: usize,
    ) -> Result<f64, BoxError> {
        let sends = (0..number).map(|number| {
            let sender = self.senders[number % SENDERS].clone();
            async move { sender.send_message(format!("reader@{DOMAIN}"), "Hello").await.map(drop) }
        });
        runtime.block_on(stream::iter(sends).buffer_unordered(SENDS).try_collect::<()>())?;
        let mut command = Command::new(command);
        // The settings of the caller must not reach the command.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KANDY_")) {
            command.env_remove(name);
        }
        let output = command
            .args(["message", "watch", "--until-empty", "--forward-to", &self.url])
            .args(["--concurrency", &concurrency.to_string()])
            .current_dir(self.folder.path())
            .env("KANDY_BASE_URL", &self.base_url)
            .env("KANDY_CONFIG_DIR", self.folder.path())
            .env("KANDY_USER_ACCESS_TOKEN", &self.token)
            .env("KANDY_DEVICE_ID", &self.device)
            .env("KANDY_FORWARD_SECRET", SECRET)
            .output()?;
        if !output.status.success() {
            return Err(format!("kandy message watch: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let received: Received = serde_json::from_str(&self.receiver.request("received")?)?;
        if received.number != number as u64 {
            return Err(format!("{} of {number} messages were forwarded", received.number).into());
        }
        // The first one begins the time.
        Ok((number - 1) as f64 / received.seconds)
    }
}
