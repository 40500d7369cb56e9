//! How many messages arrive per second, over one channel and over many.
//!
//! Depends on `helper` and `report`. Begin with `measure`.

use super::Latencies;
use crate::{
    BoxError,
    helper::Helper,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Unit},
};

/// The numbers of channels that messages are spread over.
const CHANNELS: [usize; 2] = [1, 100];

/// Measures both in turns, on another emulator than that of ten thousand channels.
pub(super) fn measure(plan: Plan, section: &mut Section) -> Result<(), BoxError> {
    progress("messages over data channels");
    let open = CHANNELS[1].to_string();
    let mut emulator = Helper::itself(["emulator-server"])?;
    let base_url = format!("http://{}/v1.2", emulator.read_line()?);
    let mut client = Helper::itself(["channel-client", &base_url, &open])?;
    client.read_line()?;
    client.request("open")?;
    let number = plan.of(4_000, 500);
    let mut channels = CHANNELS;
    let mut rounds = alternate(plan.warm_up(), plan.rounds(20), &mut channels, |channels| {
        let delivery: Latencies = serde_json::from_str(&client.request(&format!("send {number} {channels}"))?)?;
        Ok::<_, BoxError>(number as f64 / delivery.all)
    })?
    .into_iter();
    let mut figure = |name: &str| Figure::new(name, Unit::PerSecond, rounds.next().unwrap_or_default());
    let (one, many) = (figure("one"), figure("many"));
    section.add(Row::new("messages sent and pushed per second, over one channel").figure(one.clone()));
    section.add(Row::new(format!("messages sent and pushed per second, over {open} channels")).figure(many.clone()));
    section.add(Row::new(format!("messages sent and pushed per second: {open} channels / one")).ratio(many, one));
    Ok(())
}
