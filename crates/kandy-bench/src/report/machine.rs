//! The machine of a measurement.
//!
//! Depends on `unit`. Begin with `Machine::this`.

use std::{fmt, fs, process::Command, thread};

use serde::{Deserialize, Serialize};

use super::Unit;

/// The machine of a measurement, without its name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Machine {
    cores: usize,
    memory: Option<f64>,
    kind: String,
    processor: Option<String>,
    compiler: Option<String>,
}

impl Machine {
    /// Describes this machine.
    pub fn this() -> Self {
        Self {
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory: member("/proc/meminfo", "MemTotal").and_then(|text| kilobytes(&text)),
            kind: format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: member("/proc/cpuinfo", "model name"),
            compiler: compiler(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores", self.cores)?;
        if let Some(processor) = &self.processor {
            write!(f, " ({processor})")?;
        }
        if let Some(memory) = self.memory {
            write!(f, ", {} of memory", Unit::Bytes.show(memory))?;
        }
        write!(f, ", {}", self.kind)?;
        if let Some(compiler) = &self.compiler {
            write!(f, ", {compiler}")?;
        }
        Ok(())
    }
}

/// Reads the value of `name: value` in a system file, if it exists.
pub(crate) fn member(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let values = text.lines().filter_map(|line| line.split_once(':'));
    values.into_iter().find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// Parses `123 kB` to bytes.
pub(crate) fn kilobytes(text: &str) -> Option<f64> {
    Some(text.strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

fn compiler() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    let output = String::from_utf8(output.stdout).ok()?;
    output.split(" (").next().map(|version| version.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_are_read() {
        assert_eq!(kilobytes("123 kB"), Some(125_952.0));
        assert_eq!((kilobytes("123"), kilobytes("x kB")), (None, None));
    }

    #[test]
    fn what_is_not_there_is_none() {
        assert_eq!(member("/no/such/file", "x"), None);
    }
}
