//! Workers at one Redis are killed with SIGKILL again and again, and Redis, too: nothing is sent twice, and nothing is lost.

use std::{
    collections::HashSet,
    env,
    io::PipeWriter,
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};

use kandy_outbox::{JobChange, Outbox, OutboxObserver};
use kandy_redis::{Redis, RedisJobStore};

use crate::{
    proof::{Random, Service, device_of_environment, jobs, peak_memory, variable},
    support::{
        process::{Output, report, spawn},
        redis_server::RedisServer,
    },
};

/// How much is sent, and what happens meanwhile.
struct Size {
    jobs: usize,
    workers: usize,
    /// How often each worker is killed.
    kills: usize,
    /// How often Redis is killed and started again.
    restarts: usize,
}

/// How many calls a worker has in flight.
const CONCURRENCY: usize = 8;

/// Sends the jobs of a store to an emulator, and says when one is settled: [`survive`] starts it. As a test of its own it does
/// nothing.
#[tokio::test]
async fn worker_process() {
    let Ok(url) = env::var("KANDY_TEST_QUEUE") else { return };
    let redis = Redis::open(url).expect("a URL").timeout(Duration::from_secs(10));
    let store = RedisJobStore::new(&redis, "killed").dead_after(Duration::from_secs(2));
    let outbox: Outbox<String> = Outbox::new(store).observer(Report);
    let device = device_of_environment();
    let worker = outbox.worker(move |to: String| device.send_sms(to, "Hello")).concurrency(CONCURRENCY);
    match worker.run_until_settled().await {
        Ok(_) => report(&format!("end {} {}", variable("WORKER"), peak_memory(std::process::id()))),
        Err(error) => report(&format!("failed: {error}")),
    }
}

#[derive(Debug)]
struct Report;

impl OutboxObserver for Report {
    fn job_changed(&self, change: &JobChange<'_>) {
        if change.state.is_settled() {
            report(change.key);
        }
    }
}

/// What happens to the worker of this number, or to Redis.
#[derive(Clone, Copy)]
enum Event {
    Kill(usize),
    Restart,
}

/// The processes that send. They share a pipe, so that one thread sees what each of them settles.
struct Workers {
    children: Vec<Child>,
    /// The names of the workers that run: a worker that replaces another one has a name of its own.
    names: Vec<String>,
    started: usize,
    variables: Vec<(&'static str, String)>,
    writer: PipeWriter,
}

impl Workers {
    fn start(number: usize, variables: Vec<(&'static str, String)>, writer: PipeWriter) -> Self {
        let mut workers = Self { children: Vec::new(), names: Vec::new(), started: 0, variables, writer };
        for _ in 0..number {
            let (child, name) = workers.spawn();
            workers.children.push(child);
            workers.names.push(name);
        }
        workers
    }

    fn spawn(&mut self) -> (Child, String) {
        self.started += 1;
        let name = self.started.to_string();
        let mut variables: Vec<_> = self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.push(("WORKER", &name));
        let child = spawn("killed::worker_process", &variables, self.writer.try_clone().expect("a pipe"));
        (child, name)
    }

    /// Kills a worker with SIGKILL, and starts another. Returns whether it was killed before it came to its end.
    fn replace(&mut self, worker: usize) -> bool {
        let status = kill(&mut self.children[worker]);
        (self.children[worker], self.names[worker]) = self.spawn();
        status.signal() == Some(9)
    }
}

fn kill(child: &mut Child) -> ExitStatus {
    child.kill().expect("a process");
    child.wait().expect("a process")
}

impl Drop for Workers {
    fn drop(&mut self) {
        for child in &mut self.children {
            kill(child);
        }
    }
}

async fn survive(Size { jobs: number, workers, kills, restarts }: Size) {
    let Some(mut server) = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    let (service, mut random) = (Service::start().await, Random::new());
    let store = RedisJobStore::new(&server.redis().timeout(Duration::from_secs(60)), "killed");
    let outbox: Outbox<String> = Outbox::new(store);
    assert_eq!(outbox.add_all(jobs(number)).await.expect("added"), number as u64);

    // Of the jobs that are in flight at a kill there is no line.
    let lines = number - workers * kills * CONCURRENCY;
    let kills_of = |worker| (0..kills).map(move |_| Event::Kill(worker));
    let events = (0..workers).flat_map(kills_of).chain((0..restarts).map(|_| Event::Restart));
    let mut events: Vec<_> = events.map(|event| (random.of(0..lines * 9 / 10), event)).collect();
    events.sort_unstable_by_key(|(moment, _)| *moment);

    let begun = Instant::now();
    let mut variables = service.variables().to_vec();
    variables.push(("KANDY_TEST_QUEUE", server.url()));
    let (mut output, writer) = Output::pipe();
    let mut running = Workers::start(workers, variables, writer);
    let mut events = events.into_iter().peekable();
    let (mut settled, mut killed, mut ended, mut memory) = (0, 0, HashSet::new(), 0);
    while events.peek().is_some() || !running.names.iter().all(|name| ended.contains(name)) {
        let line = output.line().expect("workers that run");
        assert!(!line.starts_with("failed"), "{line}");
        match line.strip_prefix("end ").and_then(|line| line.split_once(' ')) {
            Some((worker, kilobytes)) => {
                ended.insert(worker.to_owned());
                memory = memory.max(kilobytes.parse::<usize>().expect("a number"));
            }
            None => settled += 1,
        }
        while let Some((_, event)) = events.next_if(|(moment, _)| *moment < settled) {
            random.moment();
            match event {
                Event::Kill(worker) => killed += usize::from(running.replace(worker)),
                Event::Restart => server.restart(),
            }
        }
    }
    drop(running);
    let outcome = service.judge(&outbox, number).await;
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{number} jobs, {workers} workers, {killed} kills, {restarts} restarts, {took:.1} s: {outcome}; {memory} kB at most"
    );
    assert!(outcome.unknown <= killed * CONCURRENCY, "only what was in flight is unknown");
    assert!(outcome.unknown > 0, "workers were killed while they sent");
}

#[tokio::test]
async fn a_queue_survives_killed_workers_and_restarts() {
    survive(Size { jobs: 1500, workers: 3, kills: 4, restarts: 2 }).await;
}

#[tokio::test]
#[ignore = "takes minutes; run with --ignored"]
async fn at_size() {
    survive(Size { jobs: 100_000, workers: 8, kills: 20, restarts: 2 }).await;
}
