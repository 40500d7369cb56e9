//! A process that sends is killed with SIGKILL again and again: nothing is sent twice, and nothing is lost.

use std::{
    collections::{BTreeSet, HashSet},
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use kandy::{Kandy, RetryPolicy};
use kandy_emulator::Emulator;
use kandy_outbox::{FileStore, JobChange, JobState, Outbox, OutboxObserver};

const JOBS: usize = 600;
const KILLED: usize = 12;

fn number(job: usize) -> String {
    format!("+1224555{job:04}")
}

/// Prints a line for each job whose outcome is known.
#[derive(Debug)]
struct Print;

impl OutboxObserver for Print {
    fn job_changed(&self, change: &JobChange<'_>) {
        if change.state.is_settled() {
            println!("settled {}", change.id);
        }
    }
}

/// The process that is killed: [`nothing_is_sent_twice_and_nothing_is_lost`] starts it.
#[tokio::test]
#[ignore = "a part of another test, which starts it"]
async fn sending_process() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let kandy = Kandy::builder().base_url(variable("SERVICE")).retry(RetryPolicy::never()).build().expect("a client");
    let device = kandy.domain(variable("KEY"), variable("SECRET")).user("russ").device(variable("DEVICE"));
    let outbox: Outbox<String> = Outbox::new(FileStore::open(variable("OUTBOX")).expect("opened")).observer(Print);
    // As a program does that does not know how far it came.
    let jobs = (0..JOBS).map(|job| Outbox::job(format!("{job}"), number(job), &number(job)).expect("JSON"));
    outbox.add_all(jobs).await.expect("added");
    let worker = outbox.worker(move |to: String| device.send_sms(to, "Hello")).concurrency(16);
    worker.run_until_settled().await.expect("sent");
}

/// Runs the sending process until it has settled this many jobs, or to its end, and kills it then.
fn run(settled: Option<usize>, variables: &[(&str, String)]) {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--exact", "killed::sending_process", "--ignored", "--nocapture"]).stdout(Stdio::piped());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut child: Child = command.spawn().expect("started");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let settling = lines.map_while(Result::ok).filter(|line| line.contains("settled "));
    match settled {
        Some(settled) => {
            settling.take(settled).for_each(drop);
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
        None => {
            settling.for_each(drop);
            assert!(child.wait().expect("ended").success());
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_twice_and_nothing_is_lost() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("created");
    let domain = kandy.domain(created.api_key.clone(), created.api_secret.clone());
    domain.create_user("russ").country_code("US").await.expect("created");
    let device = domain.user("russ").create_device("12345678901234").await.expect("created").device_id;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("outbox");
    let variables = [
        ("SERVICE", emulator.base_url().to_owned()),
        ("KEY", created.api_key.expose().to_owned()),
        ("SECRET", created.api_secret.expose().to_owned()),
        ("DEVICE", device.to_string()),
        ("OUTBOX", path.display().to_string()),
    ];
    for time in 0..KILLED {
        run(Some(7 + time * 5 % 31), &variables);
    }
    run(None, &variables);

    let received: Vec<_> = emulator.sms().into_iter().map(|sms| sms.destination).collect();
    let once: HashSet<_> = received.iter().cloned().collect();
    assert_eq!(once.len(), received.len(), "nobody gets an SMS twice");
    let outbox: Outbox<String> = Outbox::new(FileStore::open(&path).expect("opened"));
    let mut keys = Vec::new();
    for state in [JobState::Sent, JobState::Unknown] {
        let page = outbox.jobs(state, 0, JOBS).await.expect("listed");
        keys.push(page.jobs.into_iter().map(|job| job.key).collect::<BTreeSet<_>>());
    }
    let [sent, unknown] = keys.as_slice() else { panic!("two states") };
    assert_eq!(sent.len() + unknown.len(), JOBS, "every job has an outcome");
    assert!(sent.iter().all(|number| once.contains(number)), "what counts as sent was received");
    assert!(
        once.iter().all(|number| sent.contains(number) || unknown.contains(number)),
        "and the rest is known to be unknown"
    );
    assert!(!unknown.is_empty(), "the process was killed while it sent");
}
