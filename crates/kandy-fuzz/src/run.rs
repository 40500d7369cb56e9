//! Runs a target with generated inputs.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{Mutator, Target};

/// The counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunStats {
    /// The inputs.
    pub inputs: u64,
    /// The accepted inputs.
    pub accepted: u64,
}

impl RunStats {
    /// Returns the share of accepted inputs, in percent.
    pub fn percent(self) -> f64 {
        100.0 * self.accepted as f64 / self.inputs.max(1) as f64
    }
}

/// An input for which a property does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The name of the target.
    pub target: &'static str,
    /// The seed of the run.
    pub seed: u64,
    /// The number of the input within the run; the first is 1.
    pub number: u64,
    /// The input.
    pub input: Vec<u8>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, seed, number, input } = self;
        write!(f, "input {number} of `{target} --seed {seed} --threads 1`: b\"{}\"", input.escape_ascii())
    }
}

/// Runs a target with a number of inputs, until one is a finding. The panic hook prints the reason.
///
/// # Errors
///
/// When a property does not hold for an input; the error is that finding.
pub fn run(target: &Target, seed: u64, inputs: u64) -> Result<RunStats, Box<Finding>> {
    let mut mutator = Mutator::new(target, seed);
    let mut stats = RunStats::default();
    while stats.inputs < inputs {
        let input = mutator.input();
        stats.inputs += 1;
        // A target that panicked is not run again, so its state does not matter.
        match catch_unwind(AssertUnwindSafe(|| (target.check)(&input))) {
            Ok(is_accepted) => stats.accepted += u64::from(is_accepted),
            Err(_) => return Err(Box::new(Finding { target: target.name, seed, number: stats.inputs, input })),
        }
    }
    Ok(stats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_reproducible_finding() {
        let target = Target {
            name: "picky",
            check: |input| {
                assert!(!input.contains(&0xff), "it takes no 0xff");
                input.starts_with(b"x{")
            },
            seeds: || vec![b"x{\"a\":[1,2,3]}".to_vec(), b"y\xfe".to_vec()],
            json_at: |_| 1,
        };
        let finding = run(&target, 7, 1_000_000).expect_err("some input has a 0xff");
        assert!(finding.input.contains(&0xff) && finding.to_string().contains("\\xff"), "{finding}");
        let again = run(&target, 7, finding.number).expect_err("the same");
        assert_eq!((again.number, again.input), (finding.number, finding.input));
        assert_eq!(run(&target, 7, finding.number - 1).expect("before it").inputs, finding.number - 1);
    }
}
