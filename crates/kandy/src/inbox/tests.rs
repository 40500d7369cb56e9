//! An inbox against a service in memory, on tokio's paused clock.

mod deletion;
mod delivery;
mod polling;
mod pushes;
mod pushes_and_polls;
mod refusals;
mod service;
