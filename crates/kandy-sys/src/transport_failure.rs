//! The error type of a transport.

use std::{error::Error as StdError, sync::Arc};

/// Why a transport has no response. Its text must contain neither a URL nor a credential.
pub type TransportFailure = Arc<dyn StdError + Send + Sync>;
