//! The crypto library of TLS connections to Redis, and their failures. Depends on nothing.

use std::io;

use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// Selects the crypto library of the process, unless the program has selected one: `redis` takes that of the process,
/// and panics where several are compiled in and none is selected.
pub(crate) fn select_crypto_library() {
    if CryptoProvider::get_default().is_none() {
        // It fails if another thread was faster, which is as good.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}

/// Returns why a TLS handshake failed, if that is what an error is about.
pub(crate) fn failure(error: &io::Error) -> Option<rustls::Error> {
    error.get_ref()?.downcast_ref().cloned()
}
