//! Messages to a large group, while other connections read.
//!
//! Depends on `service`, `load_target` and `wire`. Begin with `measure`.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Instant,
};

use futures_util::future::try_join_all;

use super::{
    load_target,
    service::{Service, result},
};
use crate::{
    BoxError, load,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit, count},
    stats::{high, median},
    wire::{Wire, request},
};

/// Number of members of the group, besides the sender.
const MEMBERS: usize = 1_000;
/// Number of connections that read meanwhile.
const READERS: usize = 32;
/// The longest time of a message, of 99 in 100, in seconds.
const LATENCY: f64 = 0.005;

/// Measures messages to a group of a thousand members while other connections read, and the reads.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    let members = count(MEMBERS as u64);
    progress(format!("messages to a group of {members} members"));
    let runtime = load::single_thread()?;
    let (service, target, read) = runtime.block_on(async {
        let service = Service::start().await?;
        let target = group(&service).await?;
        let reads = load_target::all(&service).await?;
        let read = reads.first().ok_or("an operation")?.request(0).into_owned();
        Ok::<_, BoxError>((service, target, read))
    })?;
    let messages = plan.of(1_000, 200);
    let alone = send(&service, &target, 0..messages, None)?;
    let meanwhile = send(&service, &target, messages..2 * messages, Some(&read))?;

    let figure = |name: &str, seconds| Figure::new(name, Unit::Seconds, vec![seconds]);
    let row = |quantile: &str, of: fn(&[f64]) -> f64| {
        let row = Row::new(format!("group message to {members} members while {READERS} connections read: {quantile}"));
        let (meanwhile, alone) = (of(&meanwhile.messages), of(&alone.messages));
        row.operands(figure("meanwhile", meanwhile), figure("alone", alone)).figure(figure("", meanwhile))
    };
    section.add(row("p50", median));
    section.add(row("p99", high).target(Target::AtMost(LATENCY)));
    let reads = Row::new(format!("user_get on {READERS} connections during these messages: p99"));
    section.add(reads.figure(figure("", high(&meanwhile.reads))));
    Ok(())
}

/// Creates the group, and returns the target and the id of the group, for messages.
async fn group(service: &Service) -> Result<(String, String), BoxError> {
    let mut wire = Wire::connect(service.address).await?;
    let token = service.create_user(&mut wire, "sender").await?;
    let target = format!("/v1.2/domains/users/user_id?key={}", service.domain.token);
    let mut members = Vec::with_capacity(MEMBERS);
    for number in 0..MEMBERS {
        let created =
            result(&mut wire, &request("POST", &target, &format!(r#"{{"user_id":"member{number}"}}"#))).await?;
        members.push(created.text("full_user_id")?);
    }
    let owner = members.first().and_then(|member| member.split_once('@')).ok_or("a member")?.1;
    let body = serde_json::json!({
        "name": "All", "owners": [format!("sender@{owner}")], "members": members, "max_members": MEMBERS + 1,
    });
    let created = wire.fetch(&request("POST", "/_emulator/groups", &body.to_string())).await?;
    let created: serde_json::Value = serde_json::from_slice(&created)?;
    let id = created["group_id"].as_str().ok_or("a group without an id")?;
    Ok((format!("/v1.2/users/chatgroups/chatgroup/messages?key={token}"), id.to_owned()))
}

/// The seconds of each call.
#[derive(Default)]
struct Times {
    messages: Vec<f64>,
    reads: Vec<f64>,
}

/// Sends messages one after another, while others read if there is a request to read with.
fn send(
    service: &Service,
    (target, group_id): &(String, String),
    numbers: std::ops::Range<usize>,
    read: Option<&[u8]>,
) -> Result<Times, BoxError> {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        // On a thread of their own, so that handling the responses of the reads does not count as time of a message.
        let readers =
            read.map(|read| scope.spawn(|| reads(service.address, read, &is_done).map_err(|error| error.to_string())));
        let messages = load::single_thread().and_then(|runtime| {
            runtime.block_on(async {
                let mut wire = Wire::connect(service.address).await?;
                let mut times = Vec::with_capacity(numbers.len());
                for number in numbers {
                    let body = format!(
                        r#"{{"message":{{"group_id":"{group_id}","UUID":"{number:032x}","contentType":"text","message":{{"mimeType":"text/plain","text":"Hello"}}}}}}"#
                    );
                    let ask = request("POST", target, &body);
                    let started = Instant::now();
                    let sent = wire.fetch(&ask).await?;
                    times.push(started.elapsed().as_secs_f64());
                    if !sent.windows(11).any(|window| window == br#""status":0,"#) {
                        return Err(String::from_utf8_lossy(&sent).into());
                    }
                }
                Ok::<_, BoxError>(times)
            })
        });
        is_done.store(true, Ordering::Relaxed);
        let reads = match readers {
            Some(readers) => readers.join().map_err(|_| "the thread panicked")??,
            None => Vec::new(),
        };
        Ok(Times { messages: messages?, reads })
    })
}

/// Reads on all connections until it is done, and returns the seconds of each call.
fn reads(address: SocketAddr, read: &[u8], is_done: &AtomicBool) -> Result<Vec<f64>, BoxError> {
    load::single_thread()?.block_on(async {
        let wires = try_join_all((0..READERS).map(|_| Wire::connect(address))).await?;
        let calls = wires.into_iter().map(async |mut wire| {
            let mut times = Vec::new();
            while !is_done.load(Ordering::Relaxed) {
                let started = Instant::now();
                wire.request(read, |_| ()).await?;
                times.push(started.elapsed().as_secs_f64());
            }
            Ok::<_, BoxError>(times)
        });
        Ok(try_join_all(calls).await?.concat())
    })
}
