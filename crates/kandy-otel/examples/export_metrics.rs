//! Exports the metrics of a client to a collector by OTLP (HTTP, protobuf).
//!
//! Runs on the emulator, with an injected fault. The collector is the one at `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, by default
//! `http://127.0.0.1:4318/v1/metrics`: `cargo run -p kandy-otel --example export_metrics`.

use std::{env, error::Error};

use kandy::Kandy;
use kandy_emulator::{Emulator, InjectedFault};
use kandy_otel::OtelObserver;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig};
use opentelemetry_sdk::{Resource, metrics::SdkMeterProvider};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = env::var("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
    let endpoint = endpoint.unwrap_or_else(|_| "http://127.0.0.1:4318/v1/metrics".to_owned());
    let provider = meter_provider(&endpoint)?;
    make_calls(&provider).await?;
    // Exports what was not exported yet. It blocks, as the exporter does.
    match tokio::task::spawn_blocking(move || provider.shutdown()).await? {
        Ok(()) => println!("exported to {endpoint}"),
        Err(error) => println!("cannot export to {endpoint}: {error}; start a collector there"),
    }
    Ok(())
}

/// Returns a provider that exports to a collector each minute, and when it is shut down.
pub fn meter_provider(endpoint: &str) -> Result<SdkMeterProvider, Box<dyn Error>> {
    let exporter = MetricExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_endpoint(endpoint);
    let resource = Resource::builder().with_service_name("kandy-example").build();
    Ok(SdkMeterProvider::builder().with_periodic_exporter(exporter.build()?).with_resource(resource).build())
}

/// Makes calls of which the first needs a retry.
pub async fn make_calls(provider: &SdkMeterProvider) -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::start()?;
    emulator.inject(InjectedFault::http(503).on("domain_list").nth(1));
    let meter = provider.meter("kandy");
    let kandy = Kandy::builder().base_url(emulator.base_url()).observer(OtelObserver::new(&meter)).build()?;
    kandy_otel::register_gauges(&meter, &kandy, []);
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    println!("{} domains", account.domains().await?.len());
    Ok(())
}
