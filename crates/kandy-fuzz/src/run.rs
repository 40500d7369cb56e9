use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{Mutator, Target};

/// How many inputs were taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// All of them.
    pub inputs: u64,
    /// Those that were understood.
    pub understood: u64,
}

impl Reached {
    /// How many were understood, in percent.
    pub fn percent(self) -> f64 {
        100.0 * self.understood as f64 / self.inputs.max(1) as f64
    }
}

/// An input for which something does not hold.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The name of the target.
    pub target: &'static str,
    /// The seed number of the run.
    pub seed: u64,
    /// Which input of the run it was; the first is 1.
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

/// Gives a target that many inputs, until one is a finding. What was wrong is what the panic hook was told.
///
/// # Errors
///
/// The finding.
pub fn run(target: &Target, seed: u64, inputs: u64) -> Result<Reached, Box<Finding>> {
    let mut mutator = Mutator::new(target, seed);
    let mut reached = Reached::default();
    while reached.inputs < inputs {
        let input = mutator.input();
        reached.inputs += 1;
        // A target that has panicked is not used again, so it does not matter what it looks like inside.
        match catch_unwind(AssertUnwindSafe(|| (target.take)(&input))) {
            Ok(understood) => reached.understood += u64::from(understood),
            Err(_) => return Err(Box::new(Finding { target: target.name, seed, number: reached.inputs, input })),
        }
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_finding_that_can_be_repeated() {
        let target = Target {
            name: "picky",
            take: |input| {
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
