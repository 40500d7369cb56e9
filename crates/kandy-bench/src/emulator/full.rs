//! The list of all users of a full emulator, with other calls at the same time.
//!
//! Depends on `service`, `resource` and `wire`. Begin with `measure`.

use std::time::Instant;

use super::{
    resource::Requests,
    service::{Service, result},
};
use crate::{
    BoxError,
    plan::progress,
    report::{Figure, Row, Section, Unit, count},
    stats::{high, median},
    wire::{Wire, request},
};

/// Number of calls before the list, for comparison.
const SAMPLES: usize = 1_000;

/// Requests the list of all users of a full emulator, while another connection calls other operations.
pub(super) async fn measure(
    service: &Service,
    requests: &Requests,
    users: usize,
    section: &mut Section,
) -> Result<(), BoxError> {
    let name = count(users as u64);
    progress(format!("a list of {name} users"));
    let mut other = Wire::connect(service.address).await?;
    // The last user, which the other connection reads.
    let created = result(&mut other, &requests.create(users)).await?;
    let read = requests.read(users, &created.text(requests.id())?);
    let mut before = Vec::new();
    for _ in 0..SAMPLES {
        before.push(time(&mut other, &read).await?);
    }

    let memory = service.helper.memory();
    let target = format!("/v1.2/domains/users?key={}", service.domain.token);
    let ask = request("GET", &target, "");
    let mut wire = Wire::connect(service.address).await?;
    let mut meanwhile = Vec::new();
    let mut peak = memory;
    let list = tokio::select! {
        biased;
        list = take(&mut wire, &ask) => list?,
        failed = async {
            loop {
                match time(&mut other, &read).await {
                    Ok(time) => meanwhile.push(time),
                    Err(error) => break error,
                }
                peak = service.helper.memory().into_iter().chain(peak).max_by(f64::total_cmp);
            }
        } => return Err(failed),
    };

    let row = |what: &str| Row::new(format!("list of {name} users: {what}"));
    let figure = |name: &str, unit, value| Figure::new(name, unit, vec![value]);
    // The list includes the user that the other connection reads.
    let found = list.objects.saturating_sub(around(service).await?);
    section.add(row("all arrive").truth(found == users + 1, format!("{} users", count(found as u64))));
    let (first, whole) = (figure("first byte", Unit::Seconds, list.first), figure("whole", Unit::Seconds, list.whole));
    let streams = list.first * 10.0 < list.whole;
    section.add(
        row("it streams: the first byte comes in the first tenth")
            .operands(first, whole)
            .truth(streams, format!("after {:.1} %", 100.0 * list.first / list.whole)),
    );
    section.add(match peak.zip(memory) {
        Some((peak, memory)) => row("more memory meanwhile").figure(figure("", Unit::Bytes, peak - memory)),
        None => row("more memory meanwhile").unknown("the system does not report it"),
    });
    let latency = |name: &str, before: f64, meanwhile: f64| {
        row(&format!("{name} of other calls, meanwhile / before"))
            .ratio(figure("meanwhile", Unit::Seconds, meanwhile), figure("before", Unit::Seconds, before))
    };
    section.add(latency("p50", median(&before), median(&meanwhile)));
    section.add(latency("p99", high(&before), high(&meanwhile)));
    Ok(())
}

async fn time(wire: &mut Wire, ask: &[u8]) -> Result<f64, BoxError> {
    let started = Instant::now();
    wire.request(ask, |_| ()).await?;
    Ok(started.elapsed().as_secs_f64())
}

/// The timing of a list.
#[derive(Debug, Default)]
struct List {
    /// Seconds until the first byte, and until the last.
    first: f64,
    whole: f64,
    /// Number of JSON objects.
    objects: usize,
}

async fn take(wire: &mut Wire, ask: &[u8]) -> Result<List, BoxError> {
    let started = Instant::now();
    let mut list = List::default();
    wire.request(ask, |chunk| {
        if list.first == 0.0 {
            list.first = started.elapsed().as_secs_f64();
        }
        list.objects += chunk.iter().filter(|byte| **byte == b'{').count();
    })
    .await?;
    list.whole = started.elapsed().as_secs_f64();
    Ok(list)
}

/// Counts the JSON objects around the users: those in the list of a domain without users.
async fn around(service: &Service) -> Result<usize, BoxError> {
    let mut wire = Wire::connect(service.address).await?;
    let target = format!("/v1.2/accounts/domains?key={}", service.account_token);
    let created = result(&mut wire, &request("POST", &target, r#"{"domain_name":"empty.example.com"}"#)).await?;
    let (key, secret) = (created.text("domain_api_key")?, created.text("domain_api_secret")?);
    let target = format!("/v1.2/domains/accesstokens?key={key}&domain_api_secret={secret}");
    let token = result(&mut wire, &request("GET", &target, "")).await?.text("domain_access_token")?;
    let target = format!("/v1.2/domains/users?key={token}");
    Ok(take(&mut wire, &request("GET", &target, "")).await?.objects)
}
