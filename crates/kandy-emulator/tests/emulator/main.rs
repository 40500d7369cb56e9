//! The emulator over real sockets. Every answer is held against its schema.

mod account;
mod binary;
mod common;
mod conversation;
mod device;
mod disagreements;
mod domain;
mod failure_rules;
mod failures;
mod forms;
mod group;
mod group_members;
mod hunt_group;
mod robustness;
mod session;
mod tools;
mod user;
mod v1_3;
mod verification;
