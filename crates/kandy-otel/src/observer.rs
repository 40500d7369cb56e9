//! [`OtelObserver`]: the instruments, and which event is recorded by which. Depends on `attributes`.

#[cfg(feature = "push")]
use kandy::ChannelState;
use kandy::{AttemptEvent, CallEvent, MessageReceived, Observer, Outcome};
use opentelemetry::{
    InstrumentationScope, KeyValue, global,
    metrics::{Counter, Histogram, Meter},
};

use crate::attributes::{self, error_type};

/// Records the calls of a client with OpenTelemetry instruments. The table of the [crate](crate) lists them.
///
/// Clones record with the same instruments, so that one observer serves several clients.
///
/// ```
/// use kandy::Kandy;
/// use kandy_otel::OtelObserver;
///
/// let kandy = Kandy::builder().observer(OtelObserver::global()).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OtelObserver {
    request_duration: Histogram<f64>,
    call_duration: Histogram<f64>,
    attempts: Counter<u64>,
    retries: Counter<u64>,
    unknown_outcomes: Counter<u64>,
    token_mints: Counter<u64>,
    rate_limit_wait: Histogram<f64>,
    inbox_lag: Histogram<f64>,
    #[cfg(feature = "push")]
    channel_changes: Counter<u64>,
}

/// The bucket boundaries of `http.client.request.duration`, as the semantic conventions for HTTP metrics state them.
const REQUEST_SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Those of what includes waits: up to the default deadline of two minutes.
const CALL_SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 120.0];

/// Those of an inbox, which may not have been read for days.
const LAG_SECONDS: &[f64] =
    &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0];

impl OtelObserver {
    /// Creates the instruments with a meter.
    ///
    /// ```
    /// use kandy::Kandy;
    /// use kandy_otel::OtelObserver;
    /// use opentelemetry::metrics::MeterProvider;
    ///
    /// let provider = opentelemetry_sdk::metrics::SdkMeterProvider::default();
    /// let observer = OtelObserver::new(&provider.meter("my-service"));
    /// let kandy = Kandy::builder().observer(observer).build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, boundaries: &[f64], description: &'static str| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(description);
            histogram.with_boundaries(boundaries.to_vec()).build()
        };
        let counter = |name: &'static str, unit: &'static str, description: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(description).build()
        };
        Self {
            request_duration: seconds(
                "http.client.request.duration",
                REQUEST_SECONDS,
                "Duration of HTTP client requests",
            ),
            call_duration: seconds(
                "kandy.client.call.duration",
                CALL_SECONDS,
                "Duration of calls, with all attempts and waits",
            ),
            attempts: counter("kandy.client.attempts", "{attempt}", "Attempts of finished calls"),
            retries: counter("kandy.client.retries", "{retry}", "Attempts of finished calls after the first"),
            unknown_outcomes: counter(
                "kandy.client.unknown_outcomes",
                "{call}",
                "Failed calls that may have been applied",
            ),
            token_mints: counter("kandy.client.token.mints", "{mint}", "Calls that mint an access token"),
            rate_limit_wait: seconds(
                "kandy.client.rate_limit.wait",
                CALL_SECONDS,
                "Waits of calls for a rate limit, where they waited",
            ),
            inbox_lag: seconds(
                "kandy.inbox.lag",
                LAG_SECONDS,
                "Time from the timestamp of a message until the inbox yields it",
            ),
            #[cfg(feature = "push")]
            channel_changes: counter(
                "kandy.channel.changes",
                "{change}",
                "Data channels that were connected, lost or ended",
            ),
        }
    }

    /// Creates the instruments with the global meter provider, in the scope `kandy`. Set the provider before: the
    /// instruments record nothing if there was none.
    ///
    /// ```
    /// use kandy_otel::OtelObserver;
    /// use opentelemetry::global;
    ///
    /// global::set_meter_provider(opentelemetry_sdk::metrics::SdkMeterProvider::default());
    /// let observer = OtelObserver::global();
    /// ```
    pub fn global() -> Self {
        let scope = InstrumentationScope::builder("kandy").with_version(env!("CARGO_PKG_VERSION")).build();
        Self::new(&global::meter_with_scope(scope))
    }
}

impl Observer for OtelObserver {
    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        let operation = attempt.operation;
        let mut attributes = Vec::with_capacity(8);
        attributes.extend([
            KeyValue::new(attributes::METHOD, operation.method.as_str()),
            KeyValue::new(attributes::SERVER_ADDRESS, attempt.server_address.to_owned()),
            KeyValue::new(attributes::SERVER_PORT, i64::from(attempt.server_port)),
            KeyValue::new(attributes::URL_TEMPLATE, operation.path),
            KeyValue::new(attributes::OPERATION, operation.id),
        ]);
        if let Outcome::Response { http_status, status, .. } = attempt.outcome {
            attributes.push(KeyValue::new(attributes::STATUS_CODE, i64::from(*http_status)));
            attributes.extend(status.map(attributes::status));
        }
        attributes.extend(error_type(attempt.outcome));
        self.request_duration.record(attempt.elapsed.as_secs_f64(), &attributes);
    }

    fn call_finished(&self, call: &CallEvent<'_>) {
        let operation = KeyValue::new(attributes::OPERATION, call.operation.id);
        let with_error: Vec<KeyValue> = [operation.clone()].into_iter().chain(error_type(call.outcome)).collect();
        let operation = std::slice::from_ref(&operation);
        self.call_duration.record(call.elapsed.as_secs_f64(), &with_error);
        self.attempts.add(call.attempts.into(), operation);
        // Zeros, too: a series that begins with its first retry hides that one from `rate`.
        self.retries.add(call.attempts.saturating_sub(1).into(), operation);
        if call.may_have_been_applied() {
            self.unknown_outcomes.add(1, &with_error);
        }
        if let Some(level) = call.minted_level() {
            let level = KeyValue::new(attributes::TOKEN_LEVEL, level.to_string());
            self.token_mints.add(1, &[level, KeyValue::new(attributes::SUCCESS, call.outcome.is_success())]);
        }
        if !call.rate_limit_wait.is_zero() {
            self.rate_limit_wait.record(call.rate_limit_wait.as_secs_f64(), operation);
        }
    }

    fn message_received(&self, message: &MessageReceived) {
        if let Some(lag) = message.lag {
            let delivery = if message.is_pushed { "push" } else { "poll" };
            self.inbox_lag.record(lag.as_secs_f64(), &[KeyValue::new(attributes::DELIVERY, delivery)]);
        }
    }

    #[cfg(feature = "push")]
    fn channel_changed(&self, state: &ChannelState) {
        let state = match state {
            ChannelState::Connected => "connected",
            ChannelState::Lost { .. } => "lost",
            ChannelState::Ended { .. } => "ended",
            _ => "_OTHER",
        };
        self.channel_changes.add(1, &[KeyValue::new(attributes::CHANNEL_STATE, state)]);
    }
}
