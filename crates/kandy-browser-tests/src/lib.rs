//! Tests of the page of the emulator in Chromium. They are in `tests/browser`; run them by `cargo xtask browser`.
