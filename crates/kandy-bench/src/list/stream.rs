//! A streamed list: `domain.users().stream()`.
//!
//! Depends on `helper` and `canned`. Begin with `measure`.

use std::time::{Duration, Instant};

use tokio::{runtime::Runtime, time};

use crate::{
    BoxError,
    canned::{Canned, Order, Users},
    client,
    handwritten::{Envelope, UserList},
    helper::{self, Helper},
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Number of users for the timing.
const USERS: usize = 100_000;
/// Number of users for the memory.
const MANY: usize = 1_000_000;
/// Number of users of the list in halves.
const HALVES: usize = 10_000;
/// Longer than half a list takes to arrive.
const LONG_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) fn measure(plan: Plan, server: &mut Canned, section: &mut Section) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    progress("a stream of users");
    for (order, name) in [(Order::StatusFirst, "status first"), (Order::ResultFirst, "result first")] {
        section.add(duration(plan, server, order, &runtime)?.named(name));
    }
    section.add(first_user(server, &runtime)?);
    section.add(until_first_user(plan, server, &runtime)?);
    section.add(memory(plan, server)?);
    section.add(late_fault(server, &runtime)?);
    Ok(())
}

/// The rounds of the stream and of `from_slice`.
struct Durations(Option<Figure>, Option<Figure>);

impl Durations {
    fn named(self, name: &str) -> Row {
        Row::new(format!("stream(), {name}: stream / from_slice")).ratio(self.0, self.1).target(Target::AtMost(1.3))
    }
}

fn duration(plan: Plan, server: &Canned, order: Order, runtime: &Runtime) -> Result<Durations, BoxError> {
    let users = Users { order, number: USERS };
    let domain = client::Kandy::with_limit(&server.base_url_with(users), None)?.domain;
    let body = users.body();
    let mut ways = [true, false];
    let mut rounds = alternate(plan.warm_up(), plan.rounds(20), &mut ways, |is_stream| {
        let started = Instant::now();
        if *is_stream {
            runtime.block_on(all(&domain))?;
        } else {
            drop(std::hint::black_box(serde_json::from_slice::<Envelope<UserList>>(&body)?));
        }
        Ok::<_, BoxError>(started.elapsed().as_secs_f64())
    })?
    .into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::Seconds, rounds.next().unwrap_or_default());
    Ok(Durations(figure("stream"), figure("from_slice")))
}

/// Reads all users, and returns their number.
async fn all(domain: &kandy::Domain) -> Result<usize, BoxError> {
    let domain = domain.clone();
    let task = tokio::spawn(async move {
        let mut number = 0;
        let mut users = domain.users().stream();
        while let Some(user) = users.try_next().await? {
            std::hint::black_box(user);
            number += 1;
        }
        Ok::<_, kandy::Error>(number)
    });
    Ok(task.await??)
}

/// Checks that the first user arrives while the server holds back the second half.
fn first_user(server: &mut Canned, runtime: &Runtime) -> Result<Row, BoxError> {
    let base_url = server.base_url_with(Users { order: Order::InHalves, number: HALVES });
    let domain = client::Kandy::with_limit(&base_url, None)?.domain;
    let row = Row::new("stream(): the first user comes before the body has");
    runtime.block_on(async {
        let mut users = domain.users().stream();
        match time::timeout(LONG_TIMEOUT, users.try_next()).await {
            Ok(first) => drop(first?),
            Err(_) => {
                server.send_the_rest()?;
                return Ok(row.truth(false, "it does not"));
            }
        }
        server.send_the_rest()?;
        let mut number = 1;
        while users.try_next().await?.is_some() {
            number += 1;
        }
        Ok(row.truth(number == HALVES, format!("it does, and all {number} come")))
    })
}

/// Measures how long after the first bytes of the body the first user comes. Both close their connection, with the rest of the
/// list on its way.
fn until_first_user(plan: Plan, server: &Canned, runtime: &Runtime) -> Result<Row, BoxError> {
    let base_url = server.base_url_with(Users { order: Order::StatusFirst, number: USERS });
    let domain = client::Kandy::with_limit(&base_url, None)?.domain;
    let (http, url) = (reqwest::Client::new(), format!("{base_url}/domains/users"));
    let mut ways = [true, false];
    let mut rounds = alternate(plan.warm_up(), plan.rounds(40), &mut ways, |is_stream| {
        let started = Instant::now();
        runtime.block_on(async {
            match is_stream {
                true => domain.users().stream().try_next().await?.map(drop),
                false => http.get(&url).send().await?.chunk().await?.map(drop),
            }
            .ok_or("an empty list")?;
            Ok::<_, BoxError>(started.elapsed().as_secs_f64())
        })
    })?
    .into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::Seconds, rounds.next().unwrap_or_default());
    let row = Row::new("stream(): first user − first bytes by reqwest");
    Ok(row.added(figure("first user"), figure("first bytes")).target(Target::AtMost(2e-3)))
}

/// Measures the peak memory of a process that streams a long list.
fn memory(plan: Plan, server: &Canned) -> Result<Row, BoxError> {
    let users = Users { order: Order::StatusFirst, number: plan.of(MANY, MANY / 10) };
    let mut helper = Helper::itself(["stream", &server.base_url_with(users)])?;
    let output = helper.read_line()?;
    let row = Row::new(format!("stream(): memory for {} users", crate::report::count(users.number as u64)));
    let (number, peak) = output.split_once(' ').ok_or("a helper process with an incomplete response")?;
    if number.parse() != Ok(users.number) {
        return Ok(row.truth(false, format!("only {number} users came")));
    }
    let Ok(peak) = peak.parse() else { return Ok(row.unknown("the system does not report it")) };
    Ok(row.figure(Figure::new("at most", Unit::Bytes, vec![peak])).target(Target::AtMost(24e6)))
}

/// Runs the process whose memory is measured.
///
/// # Errors
///
/// When the call fails.
pub fn run(base_url: &str) -> Result<(), BoxError> {
    let domain = client::Kandy::with_limit(base_url, Some(usize::MAX))?.domain;
    let number = load::runtime()?.block_on(all(&domain))?;
    let peak = helper::peak_memory().map_or("unknown".to_owned(), |bytes| bytes.to_string());
    helper::print_line(&format!("{number} {peak}"))
}

/// Checks that an error status after the users is reported.
fn late_fault(server: &Canned, runtime: &Runtime) -> Result<Row, BoxError> {
    let base_url = server.base_url_with(Users { order: Order::FaultLast, number: 1_000 });
    let domain = client::Kandy::with_limit(&base_url, None)?.domain;
    let row = Row::new("stream(): a fault after the list is an error");
    Ok(match runtime.block_on(all(&domain)) {
        Err(_) => row.truth(true, "it is"),
        Ok(number) => row.truth(false, format!("{number} users, and no error")),
    })
}
