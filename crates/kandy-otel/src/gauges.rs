//! [`register_gauges`]: what a client holds, read when metrics are collected. Depends on nothing.

use kandy::{Kandy, Metrics};
use opentelemetry::{KeyValue, metrics::Meter};

/// Registers the gauges of a client: calls in flight, retries left, tokens, data channels. They are read from
/// [`Kandy::metrics`] when metrics are collected, so they cost its calls nothing.
///
/// `attributes` tell the clients of a process apart, if there are several. The meter keeps the client, and with it the
/// connections, for as long as its provider exists.
///
/// ```
/// use kandy::Kandy;
/// use opentelemetry::{KeyValue, global};
///
/// let kandy = Kandy::new()?;
/// kandy_otel::register_gauges(&global::meter("kandy"), &kandy, [KeyValue::new("kandy.client", "main")]);
/// # Ok::<(), kandy::Error>(())
/// ```
pub fn register_gauges(meter: &Meter, kandy: &Kandy, attributes: impl IntoIterator<Item = KeyValue>) {
    let attributes: Vec<KeyValue> = attributes.into_iter().collect();
    let register = |name: &'static str, unit: &'static str, description: &'static str, read: fn(&Metrics) -> u64| {
        let (kandy, attributes) = (kandy.clone(), attributes.clone());
        let gauge = meter.u64_observable_gauge(name).with_unit(unit).with_description(description);
        gauge.with_callback(move |gauge| gauge.observe(read(&kandy.metrics()), &attributes)).build();
    };
    let calls = "Calls that have begun and not ended, with those that wait";
    register("kandy.client.calls.in_flight", "{call}", calls, |metrics| metrics.calls_in_flight);
    let retries = "Retries left in the budget; at 0 nothing is retried";
    register("kandy.client.retries.left", "{retry}", retries, |metrics| metrics.retries_left);
    register("kandy.client.tokens.cached", "{token}", "Access tokens that handles hold", |metrics| {
        metrics.tokens_cached
    });
    #[cfg(feature = "push")]
    register("kandy.channel.open", "{channel}", "Data channels that are connected", |metrics| metrics.channels_open);
}
