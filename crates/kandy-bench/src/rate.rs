//! Rate limits over real sockets: how exactly a client holds its rate, how many calls a service refuses that allows fewer
//! than are sent, and what a limit costs that nothing reaches.
//!
//! Depends on `load`, `canned` and `report`. Begin with [`measure`].

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use kandy::{Domain, Kandy, RateLimit, Sms};
use kandy_emulator::{Emulator, InjectedFault};

use crate::{
    BoxError,
    canned::Canned,
    client::USER_API_KEY,
    load,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Runs the measurements of this part.
///
/// # Errors
///
/// When a call fails.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Rate limits");
    let runtime = load::runtime()?;
    runtime.block_on(hold_rate(plan, &mut section))?;
    for retry_after in [true, false] {
        runtime.block_on(find_rate(plan, retry_after, &mut section))?;
    }
    unreached(plan, &mut section)?;
    Ok(section)
}

/// Sends SMS at 1,000 a second, and compares their arrival with the rate.
async fn hold_rate(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    const RATE: u32 = 1_000;
    let number = plan.of(10_000, 1_000);
    progress(format!("{number} SMS at {RATE}/s"));
    let emulator = Emulator::start()?;
    let kandy = Kandy::builder().base_url(emulator.base_url()).rate_limit(RateLimit::per_second(RATE)).build()?;
    let device = device(&kandy, &emulator).await?;
    let begun = Instant::now();
    let mut outcomes = device.send_many_sms((0..number).map(|_| Sms::new("+12245556666", "Hello"))).concurrency(64);
    let mut sent = 0;
    while let Some(outcome) = outcomes.next().await {
        outcome.result?;
        sent += 1;
    }
    let took = begun.elapsed().as_secs_f64();
    if (sent, emulator.sms().len()) != (number, number) {
        return Err(format!("{sent} of {number} SMS were sent").into());
    }
    let ratio = number as f64 / took / f64::from(RATE);
    let row = |target| {
        let figure = Figure::new("arrived per second / rate", Unit::Ratio, vec![ratio]);
        Row::new(format!("{number} SMS at {RATE}/s, one by one")).figure(figure).target(target)
    };
    section.add(row(Target::AtLeast(0.98)));
    section.add(row(Target::AtMost(1.02)));
    Ok(())
}

/// Sends SMS to a service that allows 20 a second, and counts what it refuses after the first second.
async fn find_rate(plan: Plan, retry_after: bool, section: &mut Section) -> Result<(), BoxError> {
    let number = plan.of(1_000, 100);
    progress(format!("{number} SMS to a service that allows 20/s"));
    let emulator = Emulator::start()?;
    let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
    let device = device(&kandy, &emulator).await?;
    let limit = InjectedFault::rate_limit(20).on("sms_send");
    emulator.inject(if retry_after { limit.retry_after(Duration::from_secs(1)) } else { limit });
    let counts = || emulator.faults().first().map_or((0, 0), |fault| (fault.hits, fault.matched));
    let mut outcomes = device.send_many_sms((0..number).map(|_| Sms::new("+12245556666", "Hello"))).concurrency(32);
    let first_second = tokio::time::sleep(Duration::from_secs(1));
    let mut first_second = std::pin::pin!(first_second);
    let mut before = None;
    loop {
        tokio::select! {
            () = &mut first_second, if before.is_none() => before = Some(counts()),
            outcome = outcomes.next() => match outcome {
                Some(outcome) => outcome.result?,
                None => break,
            },
        }
    }
    let ((hits, matched), (all_hits, all_matched)) = (before.unwrap_or_default(), counts());
    let refused = (all_hits - hits) as f64 / (all_matched - matched).max(1) as f64;
    let name = format!("refused after the first second, of {}", all_matched - matched);
    let what = if retry_after { "with Retry-After" } else { "without Retry-After" };
    section.add(
        Row::new(format!("{number} SMS to a service that allows 20/s, {what}"))
            .figure(Figure::new(name, Unit::Ratio, vec![refused]))
            .target(Target::AtMost(0.05)),
    );
    Ok(())
}

/// Compares the throughput of a client with a limit that it does not reach with one without.
fn unreached(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    const IN_FLIGHT: usize = 32;
    progress("throughput of a GET with and without a limit");
    let server = Canned::start()?;
    let runtime = load::runtime()?;
    let client = |limit: Option<RateLimit>| -> Result<Domain, BoxError> {
        let builder = Kandy::builder().base_url(server.base_url());
        let builder = match limit {
            Some(limit) => builder.rate_limit(limit),
            None => builder,
        };
        Ok(builder.build()?.domain_with_token("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6", "DAT4f1c2b7e9d8a4c35"))
    };
    let mut clients = [client(Some(RateLimit::per_second(1_000_000).burst(1_000)))?, client(None)?];
    let calls = plan.of(20_000, 2_000);
    let rounds = alternate(plan.warm_up(), plan.rounds(20), &mut clients, |domain| {
        let domain = domain.clone();
        let task = runtime.spawn(async move {
            let calls = stream::iter(0..calls).map(|_| domain.user_details(USER_API_KEY).into_future());
            calls.buffer_unordered(IN_FLIGHT).all(|outcome| std::future::ready(outcome.is_ok())).await
        });
        let begun = Instant::now();
        match runtime.block_on(task)? {
            true => Ok::<_, BoxError>(calls as f64 / begun.elapsed().as_secs_f64()),
            false => Err("a call failed".into()),
        }
    })?;
    let mut rounds = rounds.into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
    let (limited, unlimited) = (figure("with a limit"), figure("without"));
    section
        .add(Row::new(format!("throughput of a GET, {IN_FLIGHT} in flight: limit / none")).ratio(limited, unlimited));
    Ok(())
}

/// Creates a user with a device.
async fn device(kandy: &Kandy, emulator: &Emulator) -> Result<kandy::Device, BoxError> {
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await?;
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("russ").country_code("US").await?;
    let user = domain.user("russ");
    let devices = user.devices().await?;
    let first = devices.first().ok_or("the user has no device")?;
    Ok(user.device(first.device_id.clone()))
}
