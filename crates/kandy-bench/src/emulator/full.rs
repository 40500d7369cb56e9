use std::time::Instant;

use super::{
    service::{Service, result},
    thing::Requests,
};
use crate::{
    Failure,
    plan::progress,
    report::{Figure, Row, Section, Unit, count},
    stats::{high, median},
    wire::{Wire, request},
};

/// How often others ask before the list, to compare with.
const SAMPLES: usize = 1_000;

/// Asks an emulator full of users for the list of them, while others ask for other things.
pub(super) async fn measure(
    service: &Service,
    requests: &Requests,
    users: usize,
    section: &mut Section,
) -> Result<(), Failure> {
    let name = count(users as u64);
    progress(format!("a list of {name} users"));
    let mut other = Wire::connect(service.address).await?;
    // A user above all others, who is asked for all the time.
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
    // The one that is asked for is in it, too.
    let found = list.objects.saturating_sub(around(service).await?);
    section.add(row("all arrive").truth(found == users + 1, format!("{} users", count(found as u64))));
    let (first, whole) = (figure("first byte", Unit::Seconds, list.first), figure("whole", Unit::Seconds, list.whole));
    let streams = list.first * 10.0 < list.whole;
    section.add(
        row("it streams: the first byte comes in the first tenth")
            .sides(first, whole)
            .truth(streams, format!("after {:.1} %", 100.0 * list.first / list.whole)),
    );
    section.add(match peak.zip(memory) {
        Some((peak, memory)) => row("more memory meanwhile").figure(figure("", Unit::Bytes, peak - memory)),
        None => row("more memory meanwhile").unknown("the system does not tell"),
    });
    let latency = |name: &str, before: f64, meanwhile: f64| {
        row(&format!("{name} of other calls, meanwhile / before"))
            .ratio(figure("meanwhile", Unit::Seconds, meanwhile), figure("before", Unit::Seconds, before))
    };
    section.add(latency("p50", median(&before), median(&meanwhile)));
    section.add(latency("p99", high(&before), high(&meanwhile)));
    Ok(())
}

async fn time(wire: &mut Wire, ask: &[u8]) -> Result<f64, Failure> {
    let begun = Instant::now();
    wire.ask(ask, |_| ()).await?;
    Ok(begun.elapsed().as_secs_f64())
}

/// How a list came.
#[derive(Debug, Default)]
struct List {
    /// When, in seconds, the first byte was there, and the last.
    first: f64,
    whole: f64,
    /// How many JSON objects there are in it.
    objects: usize,
}

async fn take(wire: &mut Wire, ask: &[u8]) -> Result<List, Failure> {
    let begun = Instant::now();
    let mut list = List::default();
    wire.ask(ask, |piece| {
        if list.first == 0.0 {
            list.first = begun.elapsed().as_secs_f64();
        }
        list.objects += piece.iter().filter(|byte| **byte == b'{').count();
    })
    .await?;
    list.whole = begun.elapsed().as_secs_f64();
    Ok(list)
}

/// How many JSON objects there are around the users of a list: those in that of a domain without users.
async fn around(service: &Service) -> Result<usize, Failure> {
    let mut wire = Wire::connect(service.address).await?;
    let target = format!("/v1.2/accounts/domains?key={}", service.account_token);
    let created = result(&mut wire, &request("POST", &target, r#"{"domain_name":"empty.example.com"}"#)).await?;
    let (key, secret) = (created.text("domain_api_key")?, created.text("domain_api_secret")?);
    let target = format!("/v1.2/domains/accesstokens?key={key}&domain_api_secret={secret}");
    let token = result(&mut wire, &request("GET", &target, "")).await?.text("domain_access_token")?;
    let target = format!("/v1.2/domains/users?key={token}");
    Ok(take(&mut wire, &request("GET", &target, "")).await?.objects)
}
