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
mod group;
mod group_members;
mod robustness;
mod tools;
mod user;
