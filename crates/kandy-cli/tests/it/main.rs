//! Runs the built command against the emulator, as users, scripts and signals do.
//!
//! One binary, so that a test build links once: a test runs `kandy` in a process of its own, with its own folder, environment
//! and emulator, and changes nothing of the process that the tests share. Begin with [`fixture`].

mod ambiguous_errors;
mod ca_file;
mod campaign;
mod canary;
mod channel;
mod completions;
mod confirmation;
mod contact_lists;
mod curl;
mod dry_run;
mod echoed_secrets;
mod emulator;
mod emulator_clients;
mod environment;
mod escapes;
mod fixture;
mod forward;
mod full_disk;
mod help;
mod id_completions;
mod import;
mod json;
mod keyring;
mod list_formats;
mod long_lists;
mod migration;
mod names;
mod pager;
mod phone_numbers;
mod profile_safety;
mod profiles;
mod proxy;
mod queue;
mod rate;
mod rate_limit;
mod readme_script;
mod refusals;
mod rejected_files;
mod results;
mod resume;
mod resume_interrupted;
mod scenarios;
mod signals;
mod sms_lists;
mod suggestions;
mod surface;
mod terminal;
mod user_lists;
mod version;
mod watch;
mod watch_push;
