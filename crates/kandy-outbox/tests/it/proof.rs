//! What the tests share that kill workers: a service that counts, the jobs, random moments, and the judgement. The tests of
//! kandy-redis include this file, so that both stores are judged alike.

use std::{
    collections::{HashMap, HashSet},
    env, fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kandy::{Device, Kandy, RetryPolicy};
use kandy_emulator::Emulator;
use kandy_outbox::{JobState, NewJob, Outbox};

/// The most jobs of a test: so many SMS does the emulator remember.
const MOST_JOBS: usize = 100_000;

/// Returns jobs, each of its own number, which is also its key and its payload.
pub(crate) fn jobs(number: usize) -> impl Iterator<Item = NewJob> {
    (0..number).map(|job| {
        let to = format!("+1224{job:07}");
        Outbox::job(format!("{job}"), to.clone(), &to).expect("JSON")
    })
}

/// Returns the device of a process that sends: its service and its token are in the environment.
pub(crate) fn device_of_environment() -> Device {
    let kandy = Kandy::builder().base_url(variable("SERVICE")).retry(RetryPolicy::never()).build().expect("a client");
    kandy.user_with_token(variable("TOKEN")).device(variable("DEVICE"))
}

/// Returns a variable of the environment.
pub(crate) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// An emulator with a device, which counts the calls that send an SMS.
pub(crate) struct Service {
    emulator: Emulator,
    calls: Arc<AtomicUsize>,
    token: String,
    device: String,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let builder = Emulator::builder().on_request(move |request| {
            let is_sms = request.operation == Some("sms_send");
            counted.fetch_add(usize::from(is_sms), Ordering::Relaxed);
        });
        let emulator = builder.start().expect("a free port");
        let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let created = account.create_domain("example.com").await.expect("created");
        let domain = kandy.domain(created.api_key, created.api_secret);
        domain.create_user("russ").country_code("US").await.expect("created");
        let device = domain.user("russ").create_device("12345678901234").await.expect("created").device_id;
        let token = domain.user("russ").access_token().await.expect("minted");
        Self { emulator, calls, token: token.expose().to_owned(), device: device.to_string() }
    }

    /// Returns what [`device_of_environment`] reads.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        [
            ("SERVICE", self.emulator.base_url().to_owned()),
            ("TOKEN", self.token.clone()),
            ("DEVICE", self.device.clone()),
        ]
    }

    /// Compares what the outbox says of its jobs with the SMS that were received.
    ///
    /// # Panics
    ///
    /// If a job was sent twice, or was lost, or its outcome is not what the outbox says.
    pub(crate) async fn judge(&self, outbox: &Outbox<String>, number: usize) -> Outcome {
        assert!(number <= MOST_JOBS, "the emulator does not remember so many SMS");
        // Each job is called at most once, so the emulator has forgotten none of them.
        let calls = self.calls.load(Ordering::Relaxed);
        assert!(calls <= number, "{calls} calls for {number} jobs");
        let received: Vec<_> = self.emulator.sms().into_iter().map(|sms| sms.destination).collect();
        let once: HashSet<_> = received.iter().map(String::as_str).collect();
        assert_eq!(once.len(), received.len(), "nobody gets an SMS twice");

        let mut states = HashMap::new();
        for state in JobState::ALL {
            let mut begin = Some(0);
            while let Some(from) = begin {
                let page = outbox.jobs(state, from, 1000).await.expect("listed");
                for job in page.jobs {
                    assert_eq!(states.insert(job.key.clone(), state), None, "{} has one state", job.key);
                }
                begin = page.next;
            }
        }
        assert_eq!(states.len(), number, "every job is there");
        let mut outcome = Outcome { calls, received: received.len(), ..Outcome::default() };
        for (key, state) in &states {
            let is_received = once.contains(key.as_str());
            match state {
                JobState::Sent => {
                    assert!(is_received, "{key} counts as sent, and was not received");
                    outcome.sent += 1;
                }
                JobState::Unknown => {
                    outcome.unknown += 1;
                    outcome.unknown_and_received += usize::from(is_received);
                }
                JobState::Refused | JobState::Queued | JobState::Leased => panic!("{key} is {state}"),
            }
        }
        // What was received is sent or unknown, as no job is in another state.
        assert!(once.iter().all(|key| states.contains_key(*key)), "each SMS is of a job");
        outcome
    }
}

/// What became of the jobs of a test.
#[derive(Default)]
pub(crate) struct Outcome {
    calls: usize,
    received: usize,
    pub(crate) sent: usize,
    pub(crate) unknown: usize,
    unknown_and_received: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, received, sent, unknown, unknown_and_received } = self;
        write!(
            f,
            "{sent} sent, {unknown} unknown ({unknown_and_received} of them received), 0 twice, 0 lost; {calls} calls, \
             {received} SMS"
        )
    }
}

/// Random numbers by SplitMix64, of a seed that is printed. `KANDY_TEST_SEED` sets it.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        let seed = env::var("KANDY_TEST_SEED").ok().map_or_else(now, |seed| seed.parse().expect("a number"));
        println!("KANDY_TEST_SEED={seed}");
        Self(seed)
    }

    /// Returns a number of a range.
    pub(crate) fn of(&mut self, range: Range<usize>) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        range.start + ((bits ^ (bits >> 31)) % range.len() as u64) as usize
    }

    /// Lets up to five milliseconds pass: a process that has just written a line is elsewhere then, and anywhere.
    pub(crate) fn moment(&mut self) {
        thread::sleep(Duration::from_micros(self.of(0..5000) as u64));
    }
}

/// Returns the peak memory of a process in kB. 0 where the system does not tell it.
pub(crate) fn peak_memory(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
