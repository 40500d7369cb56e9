//! The emulator over real sockets. Every answer is held against its schema.

mod account;
mod address_book;
mod binary;
mod common;
mod content;
mod conversation;
mod device;
mod directory;
mod disagreements;
mod domain;
mod failure_rules;
mod failures;
mod forms;
mod group;
mod group_members;
mod hunt_group;
mod long_lists;
mod many;
mod presence;
mod profile;
mod robustness;
mod session;
mod tools;
mod user;
mod v1_3;
mod verification;
