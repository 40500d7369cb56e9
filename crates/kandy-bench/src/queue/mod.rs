//! SMS through an outbox beside a plain loop of calls: workers on Redis and on a file, each in a process of its own.
//!
//! `worker` is a process that sends, `redis_server` a Redis that keeps what it confirms, `million` an outbox that is full. Depends on `helper`, `wire` and
//! `report`. Begin with [`measure`].

mod million;
mod redis_server;
mod worker;

use std::time::Duration;

use kandy::Kandy;
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET};
use kandy_outbox::{FileStore, NewJob, Outbox, OutboxError};
use kandy_redis::RedisJobStore;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::{redis_server::RedisServer, worker::Text};
use crate::{
    BoxError, dependants,
    helper::Helper,
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
    wire::{Wire, request},
};

pub use million::run as run_store;
pub use worker::run as run_worker;

/// The numbers of workers, and of loops beside them.
const WORKERS: [usize; 4] = [1, 2, 4, 8];
/// How many calls each has in flight.
const CONCURRENCY: usize = 32;
/// The time that the service takes for a call.
const LATENCIES: [Duration; 2] = [Duration::from_millis(50), Duration::ZERO];
/// How long a round lasts about, by the throughput that is expected of it.
const SECONDS: f64 = 1.0;
/// The throughput that is expected where the service takes no time, whatever the number of workers.
const EXPECTED: f64 = 6_000.0;

/// What sends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Loops of calls without an outbox.
    Loop(usize),
    Redis(usize),
    /// One worker on a file.
    File,
}

impl Way {
    fn processes(self) -> usize {
        match self {
            Self::Loop(number) | Self::Redis(number) => number,
            Self::File => 1,
        }
    }
}

/// Runs the measurements.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("SMS through an outbox");
    let mut redis = RedisServer::start()?;
    for latency in LATENCIES {
        progress(format!("an outbox beside plain calls, at {latency:?} per call"));
        measure_at(latency, redis.as_ref(), plan, &mut section)?;
    }
    let bench = Bench::start(Duration::ZERO, None, plan)?;
    million::measure(plan, &bench, redis.as_mut(), &mut section)?;
    Ok(section)
}

fn measure_at(
    latency: Duration,
    redis: Option<&RedisServer>,
    plan: Plan,
    section: &mut Section,
) -> Result<(), BoxError> {
    let bench = Bench::start(latency, redis, plan)?;
    let loops = WORKERS.map(Way::Loop);
    let mut ways: Vec<_> = loops.into_iter().chain([Way::File]).collect();
    if redis.is_some() {
        ways.extend(WORKERS.map(Way::Redis));
    }
    let mut processes: Vec<_> = (0..8).map(|_| bench.worker()).collect::<Result<_, _>>()?;
    let mut outboxes = 0;
    // What has no target needs fewer rounds.
    let rounds = if latency.is_zero() { plan.rounds(10) } else { plan.rounds(20) };
    let measured = alternate(1, rounds, &mut ways.clone(), |way| {
        outboxes += 1;
        bench.throughput(*way, outboxes, &mut processes)
    })?;
    let figure = |way: Way, name: &str| {
        let rounds = ways.iter().zip(&measured).find(|(other, _)| **other == way).map(|(_, rounds)| rounds.clone());
        Figure::new(name, Unit::PerSecond, rounds.unwrap_or_default())
    };
    let service = if latency.is_zero() { "no latency".to_owned() } else { format!("{latency:?} per call") };
    let judged = |row: Row| if latency.is_zero() { row } else { row.target(Target::AtLeast(0.8)) };
    for number in WORKERS {
        let workers = if number == 1 { "1 worker".to_owned() } else { format!("{number} workers") };
        let what = format!("{workers} on Redis / as many loops, {CONCURRENCY} in flight each, {service}");
        let row = judged(Row::new(what));
        section.add(match redis {
            Some(_) => row.ratio(figure(Way::Redis(number), "Redis"), figure(Way::Loop(number), "loops")),
            None => row.unknown("skipped: redis-server is not installed"),
        });
    }
    let what = format!("1 worker on a file / 1 loop, {CONCURRENCY} in flight, {service}");
    section.add(judged(Row::new(what)).ratio(figure(Way::File, "file"), figure(Way::Loop(1), "loop")));
    if redis.is_some() {
        let what = format!("8 workers on Redis / 1, {service}");
        section.add(Row::new(what).ratio(figure(Way::Redis(8), "8"), figure(Way::Redis(1), "1")));
    }
    Ok(())
}

/// A service of one latency, and the stores.
struct Bench<'a> {
    runtime: Runtime,
    _service: Helper,
    base_url: String,
    token: String,
    device: String,
    latency: Duration,
    seconds: f64,
    redis: Option<&'a RedisServer>,
    folder: TempDir,
}

impl<'a> Bench<'a> {
    fn start(latency: Duration, redis: Option<&'a RedisServer>, plan: Plan) -> Result<Self, BoxError> {
        let runtime = load::runtime()?;
        let mut service = Helper::itself(["emulator-server"])?;
        let address = service.read_line()?;
        let base_url = format!("http://{address}/v1.2");
        let (token, device) = runtime.block_on(async {
            let kandy = Kandy::builder().base_url(&base_url).build()?;
            let account = kandy.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
            let created = account.create_domain("bench.example.com").await?;
            let domain = kandy.domain(created.api_key, created.api_secret);
            domain.create_user("russ").country_code("US").await?;
            let user = domain.user("russ");
            let device = user.create_device("12345678901234").await?.device_id;
            if !latency.is_zero() {
                let milliseconds = latency.as_millis();
                let fault = format!(r#"{{"kind":"latency","latency_ms":{milliseconds},"operation":"sms_send"}}"#);
                let mut wire = Wire::connect(address.parse()?).await?;
                wire.fetch(&request("POST", "/_emulator/faults", &fault)).await?;
            }
            Ok::<_, BoxError>((user.access_token().await?.expose().to_owned(), device.to_string()))
        })?;
        let folder = data_folder()?;
        let seconds = plan.of(SECONDS, 0.2);
        Ok(Self { runtime, _service: service, base_url, token, device, latency, seconds, redis, folder })
    }

    fn worker(&self) -> Result<Helper, BoxError> {
        let concurrency = CONCURRENCY.to_string();
        let mut worker = Helper::itself(["queue-worker", &self.base_url, &self.token, &self.device, &concurrency])?;
        worker.read_line()?;
        Ok(worker)
    }

    /// Sends one round of SMS, and returns how many were sent per second.
    fn throughput(&self, way: Way, outbox: usize, processes: &mut [Helper]) -> Result<f64, BoxError> {
        let number = way.processes();
        let each = match self.latency {
            Duration::ZERO => EXPECTED / number as f64,
            latency => CONCURRENCY as f64 / latency.as_secs_f64(),
        };
        let each = (each * self.seconds) as usize;
        let jobs: Vec<_> = jobs(each * number).collect::<Result<_, _>>()?;
        // Each round has an outbox of its own, which is filled before the time begins.
        let command = match (way, self.redis) {
            (Way::Loop(_), _) => format!("loop {each}"),
            (Way::File, _) => {
                let path = self.folder.path().join(outbox.to_string());
                self.runtime.block_on(Outbox::<Text>::new(FileStore::open(&path)?).add_all(jobs))?;
                format!("file {}", path.display())
            }
            (Way::Redis(_), Some(redis)) => {
                redis.clear()?;
                let store = RedisJobStore::new(&redis.redis()?, outbox.to_string());
                self.runtime.block_on(Outbox::<Text>::new(store).add_all(jobs))?;
                format!("redis {} {outbox}", redis.url())
            }
            (Way::Redis(_), None) => return Err("there is no Redis".into()),
        };
        let processes = &mut processes[..number];
        let begun = worker::now();
        for process in &mut *processes {
            process.send_line(&command)?;
        }
        let (mut sent, mut ended) = (0, begun);
        for process in processes {
            let report: worker::Report = serde_json::from_str(&process.read_line()?)?;
            sent += report.sent;
            ended = ended.max(report.ended);
        }
        if sent != each * number {
            return Err(format!("{sent} of {} SMS were sent", each * number).into());
        }
        Ok(sent as f64 / (ended - begun))
    }
}

/// Returns jobs, each to a number of its own.
fn jobs(number: usize) -> impl Iterator<Item = Result<NewJob, OutboxError>> {
    (0..number).map(|job| {
        let to = format!("+1224{job:07}");
        let text = Text { to: to.clone(), text: "Hello".to_owned() };
        Outbox::job(job.to_string(), to, &text)
    })
}

/// Returns a folder on the disk of the checkout: a temporary one may be in memory, where syncing a file takes no time.
fn data_folder() -> Result<TempDir, BoxError> {
    let output = dependants::output()?;
    std::fs::create_dir_all(&output)?;
    Ok(tempfile::Builder::new().prefix("queue-").tempdir_in(output)?)
}
