//! What all measured programs share: their arguments, and the line of JSON that they print.
//!
//! `PROGRAM BASE_URL throughput IN_FLIGHT SECONDS`, `… inflight CALLS` or `… once`.

use std::io::{self, BufRead, Write};

use rustix::time::{ClockId, clock_gettime};

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub enum Mode {
    /// Calls for that many seconds, after half as long to warm up.
    Throughput { in_flight: usize, seconds: f64 },
    /// That many calls at once, after a first one and a line on standard input.
    InFlight(usize),
    /// One call.
    Once,
}

pub fn arguments() -> Result<(String, Mode), BoxError> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let (base_url, mode) = match arguments[..] {
        [base_url, "throughput", in_flight, seconds] => {
            (base_url, Mode::Throughput { in_flight: in_flight.parse()?, seconds: seconds.parse()? })
        }
        [base_url, "inflight", calls] => (base_url, Mode::InFlight(calls.parse()?)),
        [base_url, "once"] => (base_url, Mode::Once),
        _ => return Err("usage: BASE_URL throughput IN_FLIGHT SECONDS | inflight CALLS | once".into()),
    };
    Ok((base_url.to_owned(), mode))
}

/// The CPU time of this process so far, in seconds: user and system, all threads.
pub fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Prints the result. `cpu` is the CPU time of the counted calls.
pub fn print_result(calls: u64, seconds: f64, cpu: f64) -> Result<(), BoxError> {
    print_line(&format!(
        "{{\"calls\":{calls},\"seconds\":{seconds},\"cpu_seconds\":{cpu},\"peak_memory\":{}}}",
        peak_memory()?
    ))
}

/// Reports that the first call is made, and waits for the line that starts all calls at once.
pub fn wait_for_start() -> Result<(), BoxError> {
    print_line("ready")?;
    io::stdin().lock().read_line(&mut String::new())?;
    Ok(())
}

fn print_line(line: &str) -> Result<(), BoxError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn peak_memory() -> Result<u64, BoxError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}
