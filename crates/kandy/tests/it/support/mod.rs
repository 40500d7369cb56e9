//! The fixture of all integration tests: servers, clocks, handles, and helpers.

#[cfg(feature = "push")]
pub(crate) mod channel_server;
pub(crate) mod child_process;
pub(crate) mod clock;
pub(crate) mod coverage;
pub(crate) mod emulator;
pub(crate) mod failing_server;
pub(crate) mod fault_cases;
pub(crate) mod file_chunks;
pub(crate) mod handles;
pub(crate) mod inbox_server;
pub(crate) mod leak_scanner;
pub(crate) mod mock_server;
pub(crate) mod provisioned;
pub(crate) mod proxy_server;
#[cfg(feature = "push")]
pub(crate) mod virtual_clock;
