//! Counts and names of what exists, with the memory of the process.
//!
//! Depends on `http::app_state`. Begin with [`summary`].

use serde::Serialize;

use crate::{
    Summary,
    http::{app_state::AppState, response::HttpResponse},
};

#[derive(Serialize)]
struct Described {
    #[serde(flatten)]
    summary: Summary,
    token_ttl_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<u64>,
}

/// Returns counts and names.
pub(super) fn summary(app: &AppState) -> HttpResponse {
    let memory_bytes = resident_memory();
    let state = app.state();
    let (summary, token_ttl_ms) = (state.summary(), state.token_ttl());
    drop(state);
    HttpResponse::json(&Described { summary, token_ttl_ms, memory_bytes })
}

/// The resident memory of the process in bytes, where the system tells it as Linux does.
fn resident_memory() -> Option<u64> {
    // In kB, while `/proc/self/statm` counts pages, whose size std does not know.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB"))?;
    kilobytes.trim().parse::<u64>().ok()?.checked_mul(1024)
}
