//! The faults of a channel that occur at random.

use std::time::Duration;

use kandy_emulator::{Emulator, InjectedFault};

/// Injects every fault of pushes, each with a probability and a seed of its own.
///
/// The rare ones end a channel, so that most pushes meet a channel that works.
pub(super) fn inject_all(emulator: &Emulator, seed: u64) {
    let faults = [
        (InjectedFault::drop_channel(), 0.002),
        (InjectedFault::stall_channel(), 0.0005),
        (InjectedFault::half_open_channel(), 0.001),
        (InjectedFault::duplicate_push(), 0.02),
        (InjectedFault::lost_push(), 0.02),
        // Later than the next poll, later than the deletion, and later than the end of the process.
        (InjectedFault::late_push(Duration::from_millis(5)), 0.01),
        (InjectedFault::late_push(Duration::from_millis(100)), 0.01),
        (InjectedFault::late_push(Duration::from_secs(2)), 0.01),
    ];
    for (seed, (fault, probability)) in (seed..).zip(faults) {
        emulator.inject(fault.probability(probability, seed));
    }
}
