//! A process that sends is killed with SIGKILL again and again: nothing is sent twice, and nothing is lost.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Instant,
};

use kandy_outbox::{FileStore, JobChange, JobState, Outbox, OutboxObserver};

use crate::proof::{Random, Service, device_of_environment, jobs, peak_memory, variable};

/// How much is sent, and how often the process is killed meanwhile.
struct Size {
    jobs: usize,
    /// How often it is killed while it adds the jobs.
    killed_adding: usize,
    killed_sending: usize,
}

/// How many calls the process has in flight.
const CONCURRENCY: usize = 16;

/// Prints a line for each job that was added, and for each whose outcome is known.
#[derive(Debug)]
struct Print;

impl OutboxObserver for Print {
    fn job_changed(&self, change: &JobChange<'_>) {
        match change.state {
            JobState::Queued if change.attempts == 0 => println!("added {}", change.id),
            state if state.is_settled() => println!("settled {}", change.id),
            _ => {}
        }
    }
}

/// The process that is killed: [`survive`] starts it.
#[tokio::test]
#[ignore = "a part of another test, which starts it"]
async fn sending_process() {
    let device = device_of_environment();
    let outbox: Outbox<String> = Outbox::new(FileStore::open(variable("OUTBOX")).expect("opened")).observer(Print);
    // As a program does that does not know how far it came.
    outbox.add_all(jobs(variable("JOBS").parse().expect("a number"))).await.expect("added");
    let worker = outbox.worker(move |to: String| device.send_sms(to, "Hello")).concurrency(CONCURRENCY);
    worker.run_until_settled().await.expect("sent");
    println!("memory {}", peak_memory(std::process::id()));
}

/// When a process is killed: after this many of its lines that begin with a word.
type Moment = (&'static str, usize);

/// What a process has printed.
#[derive(Default)]
struct Printed {
    settled: usize,
    /// Its peak memory, if it came to its end.
    kilobytes: usize,
}

/// Runs the sending process until the moment, or to its end, and kills it then.
fn run(moment: Option<Moment>, random: &mut Random, variables: &[(&str, String)]) -> Printed {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", "killed::sending_process", "--ignored", "--nocapture"]).stdout(Stdio::piped());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut child: Child = command.spawn().expect("started");
    let (mut printed, mut seen) = (Printed::default(), 0);
    // Read to its end, with what the process had printed before it was killed.
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok) {
        // The runner writes the name of the test without a line break before the first one.
        let mut words = line.rsplit(' ');
        let (number, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match word {
            "settled" => printed.settled += 1,
            "memory" => printed.kilobytes = number.parse().expect("a number"),
            _ => {}
        }
        seen += usize::from(moment.is_some_and(|(counted, _)| counted == word));
        if moment.is_some_and(|(counted, at)| counted == word && seen == at) {
            random.moment();
            child.kill().expect("killed");
        }
    }
    let status = child.wait().expect("ended");
    match moment {
        // A test that fails by itself ends with 101.
        Some(moment) => {
            assert!(!matches!(status.code(), Some(0 | 101)), "it is killed before it ends, at {moment:?}: {status}");
        }
        None => assert!(status.success(), "{status}"),
    }
    printed
}

async fn survive(Size { jobs, killed_adding, killed_sending }: Size) {
    let (service, mut random, begun) = (Service::start().await, Random::new(), Instant::now());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("outbox");
    let mut variables = service.variables().to_vec();
    variables.extend([("OUTBOX", path.display().to_string()), ("JOBS", jobs.to_string())]);
    let kills = killed_adding + killed_sending;
    let mut settled = 0;
    for _ in 0..killed_adding {
        settled += run(Some(("added", random.of(1..jobs / 2 / killed_adding))), &mut random, &variables).settled;
    }
    // Of the jobs that are in flight at a kill there is no line.
    let lines = jobs - kills * CONCURRENCY;
    let mut moments: Vec<_> = (0..killed_sending).map(|_| random.of(0..lines * 9 / 10)).collect();
    moments.sort_unstable();
    for moment in moments {
        settled += run(Some(("settled", (1 + moment).saturating_sub(settled).max(1))), &mut random, &variables).settled;
    }
    let kilobytes = run(None, &mut random, &variables).kilobytes;

    let outbox: Outbox<String> = Outbox::new(FileStore::open(&path).expect("opened"));
    let outcome = service.judge(&outbox, jobs).await;
    let took = begun.elapsed().as_secs_f64();
    println!("{jobs} jobs, {kills} kills, {took:.1} s: {outcome}; {kilobytes} kB at most");
    assert!(outcome.unknown <= kills * CONCURRENCY, "only what was in flight is unknown");
    assert!(outcome.unknown > 0, "the process was killed while it sent");
}

#[tokio::test]
async fn nothing_is_sent_twice_and_nothing_is_lost() {
    survive(Size { jobs: 1500, killed_adding: 1, killed_sending: 12 }).await;
}

#[tokio::test]
#[ignore = "takes minutes; run with --ignored"]
async fn at_size() {
    survive(Size { jobs: 100_000, killed_adding: 3, killed_sending: 20 }).await;
}
